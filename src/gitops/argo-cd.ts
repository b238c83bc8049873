import { ApiObject, Chart } from 'cdk8s';
import { IConstruct, IMixin } from 'constructs';
import { listed, podOf, POD_KINDS } from '../kubernetes/pod-manifests';
import { Problem } from '../kubernetes/errors';
import { addProblems } from '../kubernetes/problems';
import { COMPONENT_LABEL } from '../kubernetes/labels';
import { annotate, hasAnnotation, isKept, keepJob, resourcesOf, runtimeOf } from './resources';

const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';

/** What comes when. Each wave begins when all of the one before is healthy. */
const WAVES = { cluster: 0, configuration: 1, database: 2, migration: 3, application: 4, traffic: 5 };

/** The waves of kinds; one that is not among them is configuration, which pods may need. */
const KINDS: Record<string, number> = {
  Namespace: WAVES.cluster,
  StorageClass: WAVES.cluster,
  PriorityClass: WAVES.cluster,
  StatefulSet: WAVES.database,
  Cluster: WAVES.database,
  Deployment: WAVES.application,
  DaemonSet: WAVES.application,
  Ingress: WAVES.traffic,
  IngressClass: WAVES.traffic,
  HorizontalPodAutoscaler: WAVES.traffic,
  PodDisruptionBudget: WAVES.traffic,
  ScheduledBackup: WAVES.traffic,
  // Its last run may have failed, which would hold up what comes after it.
  CronJob: WAVES.traffic,
};

/** The waves of Jobs, by their component. A user's own is with the migrations. */
const JOBS: Record<string, number> = {
  'secret-generator': WAVES.configuration,
  // Nothing waits for commands that run once.
  command: WAVES.traffic,
};

/** Groups of routes, certificates, autoscalers, monitors and backups. */
const LAST_GROUPS = [
  'alb.networking.azure.io',
  'autoscaling.k8s.io',
  'azmonitoring.coreos.com',
  'cert-manager.io',
  'cloud.google.com',
  'eks.amazonaws.com',
  'gateway.k8s.aws',
  'gateway.networking.k8s.io',
  'keda.sh',
  'monitoring.coreos.com',
  'monitoring.googleapis.com',
  'networking.gke.io',
  'projectcontour.io',
  'route.openshift.io',
  'velero.io',
];

/**
 * Makes Argo CD apply charts in waves: namespaces; accounts, configuration and Secrets; databases; migrations;
 * applications; routes, autoscalers and monitors. A migration that fails then ends the sync while the old release runs
 * on as it was. The manifests need no order, and this changes nothing for kubectl: it sets the annotation
 * `argocd.argoproj.io/sync-wave`. It also sets `argocd.argoproj.io/sync-options` on what holds data and would be lost
 * if it were pruned: namespaces, claims of volumes, databases of CloudNativePG, and Secrets that are filled inside the
 * cluster. The ConfigMaps with the Python of the release before are pruned last: until then its pods mount them.
 *
 * A claim is in the wave of the first pods that mount it, because a volume may wait for its first pod and Argo CD for
 * the volume. A migration that has to run beside a replica, whose volume one node alone mounts, is in the wave of the
 * applications. A Job is a plain resource and no hook: its name says what it runs, and it stays after its end, so
 * that another sync runs nothing; Argo CD prunes those of earlier releases. Commands that run once are in the last wave, so that nothing waits for them. What has
 * one of the annotations keeps it.
 *
 * Apply it when everything in the charts is made: it throws at synth for what comes later.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
 * @see https://github.com/argoproj/argo-cd/issues/12840
 * @example
 * synthesize([Distribution.eks(), Distribution.upstream()], (app) => {
 *   new PollsChart(app, 'polls');
 *   app.with(new ArgoCdAnnotations());
 * });
 */
export class ArgoCdAnnotations implements IMixin {
  /** Whether a construct is a chart. */
  supports(construct: IConstruct): boolean {
    return Chart.isChart(construct);
  }

  /** Annotates the resources of a chart. */
  applyTo(construct: IConstruct): void {
    const chart = Chart.of(construct);
    const resources = resourcesOf(chart);
    for (const resource of resources) {
      keepJob(resource);
      annotate(resource, SYNC_WAVE, `${waveOf(resource, resources)}`);
      if (isKept(resource)) annotate(resource, SYNC_OPTIONS, 'Prune=false,Delete=false');
    }
    for (const configMap of runtimeOf(chart)) {
      annotate(configMap, SYNC_WAVE, `${WAVES.configuration}`);
      // Until the new release runs, new pods of the old one may still have to mount it.
      annotate(configMap, SYNC_OPTIONS, 'PruneLast=true');
    }
    addProblems(chart, () => resourcesOf(chart).flatMap(madeLater));
  }
}

function waveOf(resource: ApiObject, resources: ApiObject[]): number {
  if (resource.kind === 'PersistentVolumeClaim') return waveOfClaim(resource, resources);
  if (resource.kind === 'Job') return waveOfJob(resource, resources);
  return waveByItself(resource);
}

function waveByItself({ apiGroup, kind, metadata }: ApiObject): number {
  if (kind === 'Job') return JOBS[metadata.getLabel(COMPONENT_LABEL) ?? ''] ?? WAVES.migration;
  if (LAST_GROUPS.includes(apiGroup)) return WAVES.traffic;
  return KINDS[kind] ?? WAVES.configuration;
}

/** The wave of the first pods that mount a claim; the last one if there are none, where nothing waits for it. */
function waveOfClaim(claim: ApiObject, resources: ApiObject[]): number {
  const mounting = resources.filter(
    (resource) => POD_KINDS.includes(resource.kind) && mounts(resource.toJson(), claim.name),
  );
  return Math.min(WAVES.traffic, ...mounting.map((resource) => waveOf(resource, resources)));
}

/** A Job that has to run beside other pods waits for them: it must not be in a wave that they wait for. */
function waveOfJob(job: ApiObject, resources: ApiObject[]): number {
  const terms = requiredNeighbours(job);
  const neighbours = terms.length ? resources.filter((resource) => hasPodsOf(terms, resource)) : [];
  return Math.max(...[job, ...neighbours].map(waveByItself));
}

/** The terms of the pods beside which those of a Job must run. */
function requiredNeighbours(job: ApiObject): any[] {
  const { podAffinity } = podOf(job.toJson()).value?.spec?.affinity ?? {};
  return podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function hasPodsOf(terms: any[], resource: ApiObject): boolean {
  if (!POD_KINDS.includes(resource.kind)) return false;
  const labels = podOf(resource.toJson()).value?.metadata?.labels ?? {};
  return terms.some(({ labelSelector }) =>
    Object.entries(labelSelector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value),
  );
}

function mounts(manifest: any, claimName: string): boolean {
  return listed(manifest, 'volumes').some(
    ({ value }) => value.persistentVolumeClaim?.claimName === claimName,
  );
}

function madeLater(resource: ApiObject): Problem[] {
  if (hasAnnotation(resource, SYNC_WAVE)) return [];
  return [
    {
      property: resource.kind,
      value: resource.name,
      reason: 'was made after ArgoCdAnnotations were applied to its chart, and has no wave',
      remedy: 'Apply them when everything in the chart is made',
    },
  ];
}
