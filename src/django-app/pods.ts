import { Duration } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { EnvironmentVariable, envVar } from '../kubernetes/environment';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { podTemplate, pullSecrets, TMP_MOUNT, TMP_VOLUME } from '../kubernetes/pods';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { RUNTIME_MOUNT, runtimeCommand, runtimeVolume } from '../runtime/runtime';
import { VolumeProps } from './addition-props';
import { AppPods } from './app-pods';
import { DEFAULT_DEADLINE } from './commands';
import { DatabaseConnector } from './database';
import { DjangoAppProps } from './django-app-props';
import { MediaVolume } from './media';
import { PodKind } from './pod-kinds';

/** CPU and memory of an instance, a Job or a worker, where a program does not say. */
export const DEFAULT_RESOURCES = { cpuRequest: '250m', memoryRequest: '256Mi', memoryLimit: '512Mi' };

/** What all containers of an application share, whatever kind of pods they are in. */
export interface DjangoContainers {
  readonly image: string;
  readonly configMapName: string;
  readonly runtimeConfigMapName: string;
  readonly resources: ContainerResources;
  readonly media?: MediaVolume;
  readonly mediaClaimName: string;
  readonly connector?: DatabaseConnector;
  /** Whether instances serve the static files of other releases too. */
  readonly keepsStatic: boolean;
  /** How long a migration may take: whoever waits for one waits as long. */
  readonly migrationDeadline: Duration;
}

/** What the containers of one kind of pods share. */
export interface KindContainers extends DjangoContainers {
  readonly variables: EnvironmentVariable[];
  /** Volumes that other constructs have added. */
  readonly volumes: VolumeProps[];
  /** Sidecars, as Kubernetes writes containers. */
  readonly sidecars: any[];
}

/** What the containers of an application share, by its props. */
export function appContainers(props: DjangoAppProps, resources: ContainerResources): DjangoContainers {
  return {
    image: props.image,
    configMapName: props.name,
    runtimeConfigMapName: `${props.name}-runtime`,
    resources,
    media: props.media,
    mediaClaimName: `${props.name}-media`,
    connector: props.database?.connector,
    keepsStatic: props.overlay?.keepStatic ?? false,
    migrationDeadline: props.migrationDeadline ?? DEFAULT_DEADLINE,
  };
}

/** What one set of pods of an application differs in from another. */
export interface AppPod {
  readonly kind: PodKind;
  readonly selector: Selector;
  readonly annotations: { [name: string]: string };
  readonly waitsForSchema: boolean;
  /** Whether it copies the static files of its image to where other releases find them. */
  readonly keepsStatic?: boolean;
  readonly container: k8s.Container;
  /** The fields of its spec that say which nodes it runs on. */
  readonly placement: any;
  readonly spec: Partial<k8s.PodSpec>;
}

/** A container of the application: its image, environment and volumes, with a command. */
export function djangoContainer(
  app: KindContainers,
  own: { name: string; command: string[] } & Partial<k8s.Container>,
): k8s.Container {
  return {
    image: app.image,
    envFrom: [{ configMapRef: { name: app.configMapName } }],
    env: app.variables.map(envVar),
    resources: resourceRequirements(app.resources),
    volumeMounts: [
      RUNTIME_MOUNT,
      TMP_MOUNT,
      ...(app.media ? [{ name: 'media', mountPath: app.media.mountPath }] : []),
      ...(app.connector?.volumeMounts ?? []),
      ...app.volumes.flatMap(mountsOf),
    ],
    ...own,
  };
}

function mountsOf({ name, mountPath, source }: VolumeProps): k8s.VolumeMount[] {
  return mountPath === undefined ? [] : [{ name, mountPath, readOnly: source.isReadOnly || undefined }];
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

/** The container that copies the static files of the image. Whatever becomes of that, the pod starts. */
function keepStatic(app: KindContainers): k8s.Container {
  return djangoContainer(app, { name: 'keep-static', command: runtimeCommand('keep_static') });
}

/** The container that holds a pod back until the database has the schema that its code needs. */
function waitForSchema(app: KindContainers): k8s.Container {
  const command = [...migrateCommand(app), '--wait'];
  return djangoContainer(app, { name: 'wait-for-schema', command });
}

/** The command that migrates. It waits for another migration to end, which may take as long as its own. */
export function migrateCommand({ migrationDeadline }: DjangoContainers): string[] {
  return runtimeCommand('migrate', '--timeout', String(migrationDeadline.toSeconds()));
}

/** The pods of an application, but for their sidecars. */
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
      containers: [pod.container],
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
      maxSurge: k8s.IntOrString.fromNumber(1),
      maxUnavailable: k8s.IntOrString.fromNumber(0),
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
