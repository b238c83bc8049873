import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { podTemplate, pullSecrets, TMP_VOLUME } from '../workloads/pods';
import { runtimeCommand, runtimeVolume } from '../runtime/runtime';
import { AppPods } from './app-pods';
import { DjangoContainers, djangoContainer, migrateCommand } from './containers';
import { distributionOf } from '../platform/binding';

/** What one kind of pods of an application differs in from another. */
export interface AppPod {
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

/** The volumes of those containers. */
function djangoVolumes(app: DjangoContainers): k8s.Volume[] {
  return [
    runtimeVolume(app.runtimeConfigMapName),
    TMP_VOLUME,
    ...(app.media ? [{ name: 'media', persistentVolumeClaim: { claimName: app.mediaClaimName } }] : []),
    ...(app.connector?.volumes ?? []),
  ];
}

function initContainers(
  app: DjangoContainers,
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
function keepStatic(app: DjangoContainers): k8s.Container {
  return djangoContainer(app, { name: 'keep-static', command: runtimeCommand('keep_static') });
}

/** The container that holds a pod back until the database has the schema that its code needs. */
function waitForSchema(app: DjangoContainers): k8s.Container {
  const command = [...migrateCommand(app), '--wait'];
  return djangoContainer(app, { name: 'wait-for-schema', command });
}

/** The pods of an application, but for the sidecars of its database. */
export function appPodTemplate(scope: Construct, app: AppPods, pod: AppPod): k8s.PodTemplateSpec {
  const { metadata, spec } = podTemplate(scope, {
    selector: pod.selector,
    annotations: pod.annotations,
    user: app.user,
    spec: {
      ...pod.spec,
      ...pod.placement,
      serviceAccountName: app.props.name,
      imagePullSecrets: pullSecrets(app.props.imagePullSecrets ?? []),
      initContainers: initContainers(app.containers, pod),
      containers: [pod.container],
      volumes: djangoVolumes(app.containers),
    },
  });
  // By its own labels the platform knows pods that use it.
  const labels = { ...metadata?.labels, ...app.platform.identity?.podLabels };
  return { metadata: { ...metadata, labels }, spec };
}

/**
 * A pod template, as Kubernetes writes it, with the sidecars of its database. They come before the container that
 * waits for the schema, which needs them. A container's `restartPolicy` is newer than the API types that the rest is
 * built on, which would drop it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function withSidecars(scope: Construct, template: any, { connector }: DjangoContainers): any {
  if (!connector?.sidecars?.length) return template;
  const { security } = distributionOf(scope);
  const sidecars = connector.sidecars.map((container) => ({
    ...container,
    restartPolicy: 'Always',
    securityContext: security.containerSecurityContext(),
  }));
  const { spec } = template;
  return { ...template, spec: { ...spec, initContainers: [...sidecars, ...(spec.initContainers ?? [])] } };
}

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
