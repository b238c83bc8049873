import { Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { OWN_POD_KINDS, podOf } from '../kubernetes/pod-manifests';
import { Resource } from '../kubernetes/resource';
import { constructsOfCluster, distributionOf, oncePerCluster, resourcesOfCluster } from '../platform/binding';

/** The kind that tells the Secrets Store CSI driver about a Secret. Ours has the Secret's name. */
export const PROVIDER_CLASS = 'SecretProviderClass';
/** Where containers mount the classes. */
export const SECRETS_FOLDER = '/mnt/secrets-store';
const DRIVER = 'secrets-store.csi.k8s.io';

/**
 * A pod that mounts the class of each Secret that its containers read and that the Secrets Store CSI driver makes: the
 * Secret exists only while a pod does. A volume that no container mounts would be ignored.
 *
 * @see https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret
 */
export function withSecretVolumes(scope: Construct, spec: k8s.PodSpec): k8s.PodSpec {
  // Without a store nothing makes classes, and none has to be looked for.
  if (!distributionOf(scope).secrets) return spec;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const { namespace } = Chart.of(scope);
  const isMade = (name: string) =>
    resourcesOfCluster(scope, { kind: PROVIDER_CLASS, namespace, name }).length > 0;
  const secretsOf = (container: k8s.Container) => [...variablesOf(container), ...filesOf(spec, container)];
  const names = [...new Set(containers.flatMap(secretsOf))].filter(isMade);
  if (!names.length) return spec;
  const mounting = (container: k8s.Container): k8s.Container => ({
    ...container,
    volumeMounts: [
      ...(container.volumeMounts ?? []),
      ...names.filter((name) => secretsOf(container).includes(name)).map(mountOf),
    ],
  });
  return {
    ...spec,
    initContainers: spec.initContainers?.map(mounting),
    containers: spec.containers.map(mounting),
    volumes: [...(spec.volumes ?? []), ...names.map(volumeOf)],
  };
}

function variablesOf({ env = [] }: k8s.Container): string[] {
  return env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
}

function filesOf({ volumes = [] }: k8s.PodSpec, { volumeMounts = [] }: k8s.Container): string[] {
  const mounted = volumeMounts.map(({ name }) => name);
  return volumes
    .filter(({ name }) => mounted.includes(name))
    .flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ secret }) => secret?.name ?? []);
}

function volumeOf(name: string): k8s.Volume {
  return {
    name: volumeName(name),
    csi: { driver: DRIVER, readOnly: true, volumeAttributes: { secretProviderClass: name } },
  };
}

function mountOf(name: string): k8s.VolumeMount {
  return { name: volumeName(name), mountPath: `${SECRETS_FOLDER}/${name}`, readOnly: true };
}

const volumeName = (name: string) => `secret-${name}`;

/** The ServiceAccounts of the pods that mount the class of a Secret. */
export function serviceAccountsReading(scope: Construct, secretName: string): string[] {
  const readers = oncePerCluster(scope, READERS, () => searchReaders(scope));
  return [...(readers.get(keyOf(Chart.of(scope).namespace, secretName)) ?? [])].sort();
}

/** Names of ServiceAccounts, by the namespace and the name of the class that their pods mount. */
type Readers = Map<string, Set<string>>;

/** What is searched for once a synthesis. */
const READERS = {};

/** All readers of the same cluster. */
function searchReaders(scope: IConstruct): Readers {
  const readers: Readers = new Map();
  const workloads = constructsOfCluster(scope)
    .filter((one): one is Resource => one instanceof Resource)
    .filter(({ kind }) => OWN_POD_KINDS.includes(kind));
  for (const workload of workloads) {
    const { volumes = [], serviceAccountName } = podOf(workload.toJson()).value.spec;
    const classes = volumes.flatMap(({ csi }: any) => csi?.volumeAttributes?.secretProviderClass ?? []);
    for (const name of classes) {
      const key = keyOf(Chart.of(workload).namespace, name);
      readers.set(key, (readers.get(key) ?? new Set()).add(serviceAccountName));
    }
  }
  return readers;
}

const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;
