import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { groupedBy } from '../kubernetes/collections';
import { COMPONENT_LABEL, INSTANCE_LABEL, MANAGED_BY } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { oncePerPass } from '../kubernetes/synthesis-pass';
import { OPERATOR_KINDS, operatorBackup, OperatorBackup } from './backup-ages';

/** What backs the database of an application up. */
export interface Backups {
  /** Names of CronJobs. */
  readonly cronJobs: string[];
  /** Names of the CronJobs that prove its backups. */
  readonly drills: string[];
  /** Those that an operator makes. */
  readonly ofOperators: OperatorBackup[];
}

/** The backups of the database of an application that its chart makes. */
export function backupsOf(app: IDjangoApp): Backups {
  const backups = resourcesFor(app, 'backup');
  const namesOf = (found: Resource[]) =>
    found.filter(({ kind }) => kind === 'CronJob').map(({ name }) => name);
  return {
    cronJobs: namesOf(backups),
    drills: namesOf(resourcesFor(app, 'backup-drill')),
    ofOperators: backups
      .filter(({ kind }) => OPERATOR_KINDS.includes(kind))
      .flatMap((backup) => operatorBackup(Chart.of(app).namespace!, backup)),
  };
}

/** What is searched for once a chart in a synthesis: a chart may have many applications. */
const BACKUPS = {};

/** What is of one component and backs the database of an application up: CronJobs, or what an operator acts on. */
function resourcesFor(app: IDjangoApp, component: string): Resource[] {
  const { directPeers, peers = [] } = app.database ?? {};
  // Behind a pooler, the server.
  const servers = (directPeers ?? peers).map(({ podLabels }) => podLabels?.[INSTANCE_LABEL]);
  const backups = backupsIn(Chart.of(app));
  return [...new Set(servers)].flatMap((server) => backups.get(`${component} of ${server}`) ?? []);
}

/** What makes backups in a chart, by its component and the server that it is for. */
function backupsIn(chart: Chart): Map<string, Resource[]> {
  const charts = oncePerPass(chart, BACKUPS, () => new Map<Chart, Map<string, Resource[]>>());
  const keyOf = ({ metadata }: Resource) =>
    `${metadata.getLabel(COMPONENT_LABEL)} of ${metadata.getLabel(INSTANCE_LABEL)}`;
  if (!charts.has(chart)) {
    charts.set(chart, groupedBy(resourcesOf(chart, 'CronJob', ...OPERATOR_KINDS), keyOf));
  }
  return charts.get(chart)!;
}

/** The library's resources of some kinds below a scope. */
export function resourcesOf(scope: IConstruct, ...kinds: string[]): Resource[] {
  return scope.node
    .findAll()
    .filter((one): one is Resource => one instanceof Resource && kinds.includes(one.kind))
    .filter(({ metadata }) =>
      Object.entries(MANAGED_BY).every(([key, value]) => metadata.getLabel(key) === value),
    );
}
