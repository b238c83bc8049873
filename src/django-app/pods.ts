import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { podTemplate, pullSecrets, TMP_VOLUME } from '../workloads/pods';
import { runtimeCommand, runtimeVolume } from '../runtime/runtime';
import { VolumeProps } from './addition-props';
import { AppPods } from './app-pods';
import { djangoContainer, KindContainers, migrateCommand } from './containers';
import { PodKind } from './pod-kinds';

/** What varies from one set of pods of an application to another. */
export interface AppPod {
  readonly kind: PodKind;
  readonly selector: Selector;
  readonly annotations: { [name: string]: string };
  readonly waitsForSchema: boolean;
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
function djangoVolumes(app: KindContainers): k8s.Volume[] {
  return [
    runtimeVolume(app.runtimeConfigMapName),
    TMP_VOLUME,
    ...(app.media ? [{ name: 'media', persistentVolumeClaim: { claimName: app.mediaClaimName } }] : []),
    ...(app.connector?.volumes ?? []),
    ...app.volumes.map(({ name, source }) => ({ name, ...source.volume })),
  ];
}

function initContainers(
  app: KindContainers,
  { waitsForSchema, keepsStatic }: AppPod,
): k8s.Container[] | undefined {
  const containers = [
    ...(keepsStatic ? [keepStatic(app)] : []),
    // Last: while it waits, nothing else is left to do.
    ...(waitsForSchema ? [waitForSchema(app)] : []),
  ];
  return containers.length ? containers : undefined;
}

/** The container that copies the static files of the image. The pod starts even if the copy fails. */
function keepStatic(app: KindContainers): k8s.Container {
  return djangoContainer(app, { name: 'keep-static', command: runtimeCommand('keep_static') });
}

/** The container that holds a pod back until the database has the schema that its code needs. */
function waitForSchema(app: KindContainers): k8s.Container {
  const command = [...migrateCommand(app), '--wait'];
  return djangoContainer(app, { name: 'wait-for-schema', command });
}

/** The pods of an application, except their sidecars. */
export function appPodTemplate(scope: Construct, app: AppPods, pod: AppPod): k8s.PodTemplateSpec {
  const { additions } = app;
  const containers = app.containersOf(pod.kind);
  const { metadata, spec } = podTemplate(scope, {
    selector: pod.selector,
    annotations: { ...pod.annotations, ...additions.annotationsOf(pod.kind) },
    user: { ...app.user, ownsVolumes: app.user.ownsVolumes || containers.volumes.some(needsOwner) },
    spec: {
      ...pod.spec,
      ...additions.podFields(pod.kind, pod.placement),
      serviceAccountName: app.props.name,
      imagePullSecrets: pullSecrets(app.props.imagePullSecrets ?? []),
      initContainers: initContainers(containers, pod),
      containers: [pod.container, ...(pod.beside ?? [])],
      volumes: djangoVolumes(containers),
    },
  });
  // By its own labels the platform knows pods that use it.
  const labels = {
    ...metadata?.labels,
    ...additions.labelsOf(pod.kind),
    ...app.platform.identity?.podLabels,
  };
  return { metadata: { ...metadata, labels }, spec };
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
