import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { BEAT } from '../django-app/pod-kinds';
import { AlertingRule, IRuleSource, RecordingRule, RuleGroup } from '../platform/rules';
import { backupsOf, resourcesOf } from './backups';
import { healthAlerts, QUEUE_LENGTH, scheduleAlerts, selectorOf, taskAlerts, Watched } from './alerts';
import { serverAlerts } from './server-alerts';
import { jobsOf, replicasOf, serversOf } from './servers';
import { syntheticAlerts } from './synthetic-check';
import { ServiceLevel, serviceLevelGroups } from './service-level';

/** The rules of an application: those of its service level, if it has one, and those that a program adds. */
export class ApplicationRules implements IRuleSource {
  readonly recordingRules: RecordingRule[] = [];
  readonly alertingRules: AlertingRule[] = [];

  constructor(
    private readonly app: IDjangoApp,
    private readonly serviceLevel?: ServiceLevel,
    private readonly isAskedFor = false,
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
    const servers = serversOf(app);
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
      {
        name: `${prefix}-servers`,
        recordingRules: [],
        alertingRules: serverAlerts(watched.namespace, jobsOf(servers), replicasOf(servers)),
      },
      {
        name: `${prefix}-public`,
        recordingRules: [],
        alertingRules: this.isAskedFor ? syntheticAlerts(watched.namespace, app) : [],
      },
    ];
  }
}

function watchedOf(app: IDjangoApp): Watched {
  const backups = backupsOf(app);
  const components = app.workerSelectors.map(({ component }) => component);
  return {
    namespace: Chart.of(app).namespace!,
    job: app.name,
    deployment: app.deployment.name,
    deployments: namesOf(app, 'Deployment'),
    cronJobs: [...new Set([...namesOf(app, 'CronJob'), ...backups.cronJobs, ...backups.drills])],
    backups,
    hasTasks: components.length > 0,
    hasBeat: components.includes(BEAT),
  };
}

const namesOf = (scope: IConstruct, kind: string) => resourcesOf(scope, kind).map(({ name }) => name);
