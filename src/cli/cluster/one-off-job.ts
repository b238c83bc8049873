import { COMPONENT_LABEL, INSTANCE_LABEL } from '../../kubernetes/labels';
import { mainContainer } from './application';

/** How long a Job stays after its end, if the program that made it could not remove it. */
const KEPT_SECONDS = 600;
/** It waits for the database and its schema. A command that looks into a migration must not wait for it. */
const WAITS_FOR_SCHEMA = 'wait-for-schema';
/** It names a folder that only the servers of replicas make. */
const ONLY_FOR_REPLICAS = ['PROMETHEUS_MULTIPROC_DIR'];
const NOT_OF_COMMANDS = ['cdk8s-django/shutdown', 'checksum/config', 'kubectl.kubernetes.io/restartedAt'];

/** What a command runs with. */
export interface OneOff {
  readonly command: string[];
  /** Whether it waits for the schema, and so for the network of its pod. */
  readonly waits: boolean;
  /** Ends the Job, in seconds. */
  readonly deadline: number;
  /** Five letters and digits that no other Job has. */
  readonly suffix: string;
}

/**
 * A Job that runs a command as the replicas of an application run: their image, variables, volumes and identity.
 *
 * It is a Job and not a pod, so that the cluster itself removes it when the program that made it is gone. Its labels
 * are those of the application's commands: network policies let it in where they are let in, and no Service finds it.
 */
export function oneOffJob(deployment: any, { command, waits, deadline, suffix }: OneOff): any {
  const { metadata, spec } = deployment.spec.template;
  const { name, namespace } = deployment.metadata;
  const labels = { ...metadata.labels, [COMPONENT_LABEL]: 'command' };
  const annotations = without(metadata.annotations ?? {}, NOT_OF_COMMANDS);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name.slice(0, 50)}-run-${suffix}`,
      namespace,
      // No label by which an engine of GitOps takes it for one of its own, and prunes it.
      labels: { [COMPONENT_LABEL]: 'command' },
      annotations: { 'cdk8s-django/command': command.join(' ') },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadline,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: { metadata: { labels, annotations }, spec: podSpec(spec, labels, { command, waits }) },
    },
  };
}

const NOT_IN_PODS_OF_COMMANDS = ['topologySpreadConstraints', 'terminationGracePeriodSeconds'];
const NOT_IN_CONTAINERS_OF_COMMANDS = [
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'ports',
  'args',
];

function podSpec(
  spec: any,
  labels: Record<string, string>,
  { command, waits }: { command: string[]; waits: boolean },
): any {
  const container = without(mainContainer(spec), NOT_IN_CONTAINERS_OF_COMMANDS);
  const env = container.env?.filter(({ name }: any) => !ONLY_FOR_REPLICAS.includes(name));
  const initContainers = spec.initContainers?.filter(({ name }: any) => waits || name !== WAITS_FOR_SCHEMA);
  return {
    ...without(spec, NOT_IN_PODS_OF_COMMANDS),
    restartPolicy: 'Never',
    ...(initContainers && { initContainers }),
    containers: [{ ...container, ...(env && { env }), command }],
    ...nearReplica(spec, labels),
  };
}

function without(object: any, keys: string[]): any {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** A volume that only one node can mount is where the replica is. */
function nearReplica(spec: any, labels: Record<string, string>): any {
  if (!spec.volumes?.some((volume: any) => volume.persistentVolumeClaim)) return {};
  const matchLabels = { [INSTANCE_LABEL]: labels[INSTANCE_LABEL], [COMPONENT_LABEL]: 'web' };
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } };
  const earlier = spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const podAffinity = {
    ...spec.affinity?.podAffinity,
    preferredDuringSchedulingIgnoredDuringExecution: [...earlier, { weight: 100, podAffinityTerm: term }],
  };
  return { affinity: { ...spec.affinity, podAffinity } };
}
