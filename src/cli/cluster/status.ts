import { ExitCode } from '../problem';
import { Terminal } from '../terminal';
import { sortedBy } from '../../kubernetes/collections';
import { COMPONENT_LABEL, INSTANCE_LABEL } from '../../kubernetes/labels';
import {
  deploymentOf,
  lastLine,
  mainContainer,
  managedPods,
  NAME_LABEL,
  podsOf,
  selectorOf,
  troubleOf,
  waitsFor,
} from './application';
import { Kubectl, list } from './kubectl';

/** A line of the status. */
export interface StatusRow {
  readonly what: string;
  readonly state: string;
  /** Whether it is as it should be. */
  readonly isGood: boolean;
}

/** Says how an application is: release, migration, replicas, pods, backups. */
export async function status(
  application: string,
  { json }: { json?: boolean },
  { kubectl, terminal }: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  const rows = await statusOf(kubectl, application);
  if (json) terminal.write(JSON.stringify(rows, undefined, 2));
  else {
    const width = Math.max(...rows.map(({ what }) => what.length));
    rows.forEach(({ what, state, isGood }) =>
      terminal.write(`${isGood ? '  ' : '! '}${what.padEnd(width)}  ${state}`),
    );
  }
  return rows.every(({ isGood }) => isGood) ? ExitCode.SUCCESS : ExitCode.FAILURE;
}

async function statusOf(kubectl: Kubectl, application: string): Promise<StatusRow[]> {
  const deployment = await deploymentOf(kubectl, application);
  const named = `--selector=${selectorOf(application)}`;
  // One after another takes longer than all at once, by a start of kubectl each.
  const [workloads, jobs, cronJobs, pods, managed, events] = await Promise.all([
    list(kubectl, ['deployments,statefulsets']),
    list(kubectl, ['jobs', named]),
    list(kubectl, ['cronjobs']),
    podsOf(kubectl, application),
    managedPods(kubectl),
    list(kubectl, ['events', '--field-selector=type!=Normal']),
  ]);
  const own = workloads.filter(
    ({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'cdk8s-django',
  );
  const ofApplication = (one: any) => one.metadata.labels[NAME_LABEL] === application;
  const processes = own.filter(ofApplication);
  const isOfAnother = serversOfOthers(application, own);
  const servers = own.filter((one) => one.kind === 'StatefulSet' && !ofApplication(one) && !isOfAnother(one));
  // They come first: what is wrong with a server is why the application waits.
  const ofServers = managed.filter((pod) =>
    servers.some(({ metadata }) => metadata.name === pod.metadata.labels?.[INSTANCE_LABEL]),
  );
  return [
    { what: 'release', state: releaseOf(deployment), isGood: true },
    ...migrationRow(jobs),
    ...[...processes, ...servers].map(workloadRow),
    ...[...ofServers, ...pods].filter(isToRun).flatMap((pod) => podRows(pod, events)),
    ...cronJobs.filter((one) => isBackup(one) && !isOfAnother(one)).map(backupRow),
  ];
}

/**
 * Whether a resource belongs to a server that only other applications of the namespace name. One that nobody names
 * stays: an application does not name the server behind its pooler.
 */
function serversOfOthers(application: string, workloads: any[]): (resource: any) => boolean {
  const applications = new Set(
    workloads
      .filter(({ metadata }) => metadata.labels[COMPONENT_LABEL] === 'web')
      .map(({ metadata }) => metadata.labels[NAME_LABEL]),
  );
  const own = new Set<string>();
  const others = new Set<string>();
  for (const { metadata, spec } of workloads) {
    const name = metadata.labels[NAME_LABEL];
    if (!applications.has(name)) continue;
    // Names of Kubernetes, whole: `polls-db` is none of the words of `polls-db-secret`.
    const words = JSON.stringify(spec.template).match(/[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/g)!;
    words.forEach((word) => (name === application ? own : others).add(word));
  }
  return ({ metadata }) => {
    const instance = metadata.labels?.[INSTANCE_LABEL];
    return others.has(instance) && !own.has(instance);
  };
}

function releaseOf({ metadata, spec }: any): string {
  const { image } = mainContainer(spec.template.spec);
  const revision = metadata.annotations?.['deployment.kubernetes.io/revision'];
  return revision ? `${image} (revision ${revision})` : image;
}

/** The Job of the newest migration: it is removed a day after its end. */
function migrationRow(jobs: any[]): StatusRow[] {
  const migrations = jobs.filter(({ metadata }) => metadata.labels[COMPONENT_LABEL] === 'migration');
  if (!migrations.length)
    return [
      { what: 'migration', state: 'no Job is there: one is removed a day after its end', isGood: true },
    ];
  const { metadata, status: state } = sortedBy(migrations, (one) => one.metadata.creationTimestamp).at(-1);
  const condition = (type: string) =>
    state.conditions?.find((one: any) => one.type === type && one.status === 'True');
  const failed = condition('Failed');
  if (failed)
    return [
      {
        what: 'migration',
        state: `${metadata.name} failed: ${failed.message}. \`kubectl logs job/${metadata.name}\` says why`,
        isGood: false,
      },
    ];
  if (condition('Complete'))
    return [
      { what: 'migration', state: `${metadata.name} complete at ${state.completionTime}`, isGood: true },
    ];
  return [{ what: 'migration', state: `${metadata.name} is running`, isGood: false }];
}

function workloadRow({ kind, metadata, spec, status: state }: any): StatusRow {
  const { readyReplicas: ready = 0, updatedReplicas = 0, replicas = 0, observedGeneration = 0 } = state;
  const wanted = spec.replicas ?? 1;
  // Until the controller has seen the newest release, its numbers are those of the one before.
  const updated = observedGeneration < metadata.generation ? 0 : updatedReplicas;
  const isStuck = ({ type, status: value }: any) => type === 'Progressing' && value === 'False';
  const stuck = (state.conditions ?? []).filter(isStuck).map(({ message }: any) => message);
  const notes = [
    ...(updated < wanted ? [`${updated} of the newest release`] : []),
    ...(replicas > wanted ? [`${replicas - wanted} more during the rollout`] : []),
    ...stuck,
  ];
  return {
    what: `${kind} ${metadata.name}`,
    state: [`${ready} of ${wanted} ready`, ...notes].join(', '),
    isGood: ready >= wanted && !notes.length,
  };
}

function isToRun({ metadata, status: state }: any): boolean {
  return !metadata.deletionTimestamp && state.phase !== 'Succeeded' && state.phase !== 'Failed';
}

/** Pods that are not ready, and why: by their state, else by the newest event of a probe. */
function podRows(pod: any, events: any[]): StatusRow[] {
  const { metadata, status: state } = pod;
  const ready = state.conditions?.find(({ type }: any) => type === 'Ready');
  const restarts = (state.containerStatuses ?? []).reduce(
    (sum: number, one: any) => sum + one.restartCount,
    0,
  );
  const row = (text: string, isGood: boolean) => [{ what: `pod ${metadata.name}`, state: text, isGood }];
  if (ready?.status === 'True')
    return restarts ? row(`ready, restarts: ${restarts}, the last: ${lastEnd(pod)}`, true) : [];
  return row(troubleOf(pod) || waitsFor(pod) || eventOf(pod, events) || 'is starting', false);
}

function lastEnd(pod: any): string {
  const ended = pod.status.containerStatuses.find(({ lastState }: any) => lastState?.terminated)?.lastState
    .terminated;
  return ended ? `ended with ${ended.exitCode} (${ended.reason})` : 'nothing says why';
}

function eventOf({ metadata }: any, events: any[]): string {
  const own = events.filter(({ involvedObject }) => involvedObject.uid === metadata.uid);
  const newest = sortedBy(own, timeOf).at(-1);
  return newest ? `${newest.reason}: ${lastLine(newest.message)}` : '';
}

/** Events of the newer API have no `lastTimestamp`: the scheduler writes those. */
function timeOf({ lastTimestamp, series, eventTime, metadata }: any): string {
  return lastTimestamp ?? series?.lastObservedTime ?? eventTime ?? metadata?.creationTimestamp ?? '';
}

function isBackup({ metadata }: any): boolean {
  return ['backup', 'backup-drill'].includes(metadata.labels?.[COMPONENT_LABEL]);
}

function backupRow({ metadata, status: state }: any): StatusRow {
  const { lastSuccessfulTime, lastScheduleTime } = state;
  const hasFailed = Boolean(
    lastScheduleTime && `${lastSuccessfulTime ?? ''}` < lastScheduleTime && !state.active,
  );
  const last = lastSuccessfulTime ? `last one at ${lastSuccessfulTime}` : 'none yet';
  const failed = hasFailed ? `, the one of ${lastScheduleTime} failed` : '';
  return { what: `backup ${metadata.name}`, state: `${last}${failed}`, isGood: !hasFailed };
}
