import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { resourceRequirements } from '../kubernetes/resources';
import { TMP_VOLUME } from '../workloads/disk';
import { podTemplate, pullSecrets } from '../workloads/pods';
import { HashedConfigMap } from '../kubernetes/resource';
import { runtimeCommand } from '../runtime/runtime';
import { runtimeVolume } from '../workloads/runtime-config-maps';
import { VolumeProps } from './addition-props';
import { AppPods } from './app-pods';
import { djangoContainer, KindContainers, migrateCommand, waitingResources } from './containers';
import { PodKind } from './pod-kinds';
import { withSecretFiles } from './secret-files';
import { MIGRATION_VARIABLE, Surroundings } from './surroundings';

/** A file by which a gate knows that it has put its reason into the pod's status. */
const TOLD = '/tmp/cdk8s-django-told';

/** What varies from one set of pods of an application to another. */
export interface AppPod {
  readonly kind: PodKind;
  readonly selector: Selector;
  readonly annotations: { [name: string]: string };
  /** The ConfigMaps of the Python modules that it runs. */
  readonly runtime: HashedConfigMap[];
  readonly waitsForSchema: boolean;
  /** Whether it asks the API server. */
  readonly apiAccess?: boolean;
  /** Whether it copies the static files of its image to where other releases find them. */
  readonly keepsStatic?: boolean;
  readonly container: k8s.Container;
  /** Containers beside it. */
  readonly beside?: k8s.Container[];
  /** The fields of its spec that say which nodes it runs on. */
  readonly placement: any;
  readonly spec: Partial<k8s.PodSpec>;
}

/** The volumes of those containers. */
function djangoVolumes(app: KindContainers, runtime: HashedConfigMap[]): k8s.Volume[] {
  return [
    runtimeVolume(runtime),
    TMP_VOLUME,
    ...(app.media ? [{ name: 'media', persistentVolumeClaim: { claimName: app.mediaClaimName } }] : []),
    ...(app.connector?.volumes ?? []),
    ...app.volumes.map(({ name, source }) => ({ name, ...source.volume })),
  ];
}

function initContainers(
  app: KindContainers,
  { waitsForSchema, keepsStatic, spec }: AppPod,
  surroundings: Surroundings,
): k8s.Container[] | undefined {
  const containers = [
    ...(keepsStatic ? [keepStatic(app)] : []),
    // Last: while it waits, nothing else is left to do.
    ...(waitsForSchema ? [waitForSchema(app, spec, surroundings)] : []),
  ];
  return containers.length ? containers : undefined;
}

/** The container that copies the static files of the image. The pod starts even if the copy fails. */
function keepStatic(app: KindContainers): k8s.Container {
  return djangoContainer(app, { name: 'keep-static', command: runtimeCommand('keep_static') });
}

/**
 * The container that holds a pod back until the database has the schema that its code needs. It has the name of its own
 * release's migration from the pod: the ConfigMap has that of the present release, for which pods of the one before,
 * which are made again meanwhile, would wait.
 */
function waitForSchema(
  app: KindContainers,
  { restartPolicy }: Partial<k8s.PodSpec>,
  { migrationName }: Surroundings,
): k8s.Container {
  const lasts = restartPolicy === undefined;
  // A pod of a Job that ends counts as a failed try, so that one only waits.
  const tell = lasts ? ['--tell', TOLD] : [];
  const command = [...migrateCommand(app), '--wait', ...tell];
  const container = djangoContainer(app, { name: 'wait-for-schema', command });
  const named = lasts && migrationName ? [{ name: MIGRATION_VARIABLE, value: migrationName() }] : [];
  return {
    ...container,
    env: [...container.env!, ...named],
    resources: resourceRequirements(waitingResources(app.resources)),
  };
}

/** The pods of an application, except their sidecars. */
export function appPodTemplate(scope: Construct, app: AppPods, pod: AppPod): k8s.PodTemplateSpec {
  const { additions } = app;
  const containers = app.containersOf(pod.kind);
  const asFiles = app.props.secretsAsFiles ? withSecretFiles : (spec: k8s.PodSpec) => spec;
  return podTemplate(scope, {
    selector: pod.selector,
    // By the last ones the platform knows pods that use it.
    labels: { ...additions.labelsOf(pod.kind), ...app.platform.identity?.podLabels },
    annotations: { ...pod.annotations, ...additions.annotationsOf(pod.kind) },
    apiAccess: pod.apiAccess,
    user: { ...app.user, ownsVolumes: app.user.ownsVolumes || containers.volumes.some(needsOwner) },
    spec: asFiles({
      ...pod.spec,
      ...additions.podFields(pod.kind, pod.placement),
      serviceAccountName: app.props.name,
      imagePullSecrets: pullSecrets(app.props.imagePullSecrets ?? []),
      initContainers: initContainers(containers, pod, app.surroundings),
      containers: [pod.container, ...(pod.beside ?? [])],
      volumes: djangoVolumes(containers, pod.runtime),
    }),
  });
}

const needsOwner = ({ source }: VolumeProps) => source.needsOwner;

/** A rollout adds a pod before it takes one away. */
export function rollingUpdate(): k8s.DeploymentStrategy {
  return {
    type: 'RollingUpdate',
    rollingUpdate: {
      maxSurge: 1,
      maxUnavailable: 0,
    },
  };
}

/** Pods of one release spread over nodes and zones; where they cannot, they run all the same. */
export function spreadConstraints(selector: Selector): k8s.TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(selector) },
    matchLabelKeys: ['pod-template-hash'],
  }));
}
