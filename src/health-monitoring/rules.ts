import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { BEAT } from '../django-app/pod-kinds';
import { COMPONENT_LABEL, INSTANCE_LABEL, MANAGED_BY } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { oncePerPass } from '../kubernetes/synthesis-pass';
import { AlertingRule, IRuleSource, RecordingRule, RuleGroup } from '../platform/rules';
import { healthAlerts, QUEUE_LENGTH, scheduleAlerts, selectorOf, taskAlerts, Watched } from './alerts';
import { ServiceLevel, serviceLevelGroups } from './service-level';

/** The rules of an application: those of its service level, if it has one, and those that a program adds. */
export class ApplicationRules implements IRuleSource {
  readonly recordingRules: RecordingRule[] = [];
  readonly alertingRules: AlertingRule[] = [];

  constructor(
    private readonly app: IDjangoApp,
    private readonly serviceLevel?: ServiceLevel,
  ) {}

  ruleGroups(): RuleGroup[] {
    const { recordingRules, alertingRules } = this;
    const own = { name: `${this.prefix}-own`, recordingRules, alertingRules };
    return [...this.libraryGroups(), own].filter(
      (group) => group.recordingRules.length + group.alertingRules.length > 0,
    );
  }

  /** The names of groups tell applications apart, also of two namespaces. */
  private get prefix(): string {
    const { namespace } = Chart.of(this.app);
    return [...(namespace === undefined ? [] : [namespace]), this.app.name].join('-');
  }

  private libraryGroups(): RuleGroup[] {
    if (!this.serviceLevel) return [];
    const { app, prefix } = this;
    const watched = watchedOf(app);
    const selector = selectorOf(watched);
    const queues = {
      record: QUEUE_LENGTH,
      expression: `max by (namespace, job, queue) (django_queue_length{${selector}})`,
    };
    return [
      ...serviceLevelGroups(prefix, selector, this.serviceLevel),
      { name: `${prefix}-health`, recordingRules: [], alertingRules: healthAlerts(watched) },
      {
        name: `${prefix}-tasks`,
        recordingRules: watched.hasTasks ? [queues] : [],
        alertingRules: watched.hasTasks ? taskAlerts(watched) : [],
      },
      { name: `${prefix}-schedules`, recordingRules: [], alertingRules: scheduleAlerts(watched) },
    ];
  }
}

function watchedOf(app: IDjangoApp): Watched {
  const [backups, drills] = ['backup', 'backup-drill'].map((component) => backupsOf(app, component));
  const components = app.workerSelectors.map(({ component }) => component);
  return {
    namespace: Chart.of(app).namespace!,
    job: app.name,
    deployment: app.deployment.name,
    deployments: namesOf(app, 'Deployment'),
    cronJobs: [...new Set([...namesOf(app, 'CronJob'), ...backups, ...drills])],
    backups,
    drills,
    hasTasks: components.length > 0,
    hasBeat: components.includes(BEAT),
  };
}

/** What is searched for once a chart in a synthesis: a chart may have many applications. */
const BACKUPS = {};

/** The names of CronJobs, by the component and the instance that they are of. */
type BackupNames = Map<string, string[]>;

const keyOf = (component: string, instance?: string) => `${component}/${instance}`;

/** The names of the CronJobs of one component that back the database of an application up. */
function backupsOf(app: IDjangoApp, component: string): string[] {
  const { directPeers, peers = [] } = app.database ?? {};
  const backups = backupsIn(Chart.of(app));
  // Behind a pooler, the server.
  return (directPeers ?? peers).flatMap(
    ({ podLabels }) => backups.get(keyOf(component, podLabels?.[INSTANCE_LABEL])) ?? [],
  );
}

/** The CronJobs of a chart, by what they are of. */
function backupsIn(chart: Chart): BackupNames {
  const charts = oncePerPass(chart, BACKUPS, () => new Map<Chart, BackupNames>());
  if (!charts.has(chart)) charts.set(chart, searchBackups(chart));
  return charts.get(chart)!;
}

function searchBackups(chart: Chart): BackupNames {
  const names: BackupNames = new Map();
  for (const { name, metadata } of resourcesOf(chart, 'CronJob')) {
    const key = keyOf(`${metadata.getLabel(COMPONENT_LABEL)}`, metadata.getLabel(INSTANCE_LABEL));
    names.set(key, [...(names.get(key) ?? []), name]);
  }
  return names;
}

const namesOf = (scope: IConstruct, kind: string) => resourcesOf(scope, kind).map(({ name }) => name);

/** The library's resources of a kind below a scope. */
function resourcesOf(scope: IConstruct, kind: string): Resource[] {
  return scope.node
    .findAll()
    .filter((one): one is Resource => one instanceof Resource && one.kind === kind)
    .filter(({ metadata }) =>
      Object.entries(MANAGED_BY).every(([key, value]) => metadata.getLabel(key) === value),
    );
}
