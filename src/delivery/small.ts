import { ApiObject } from 'cdk8s';
import { listed } from '../kubernetes/pod-manifests';
import { Resource } from '../kubernetes/resource';
import { quantity } from '../kubernetes/quantities';

/** The least that no platform raises. A preview that nobody visits does not use it up. */
const CPU = '100m';

/** The least that disks of all clouds can have. */
const STORAGE = '10Gi';

/** Makes a resource as small as a preview needs it: one replica, little processor time, small volumes. */
export function makeSmall(resource: ApiObject): void {
  // What a program makes itself is not a Resource, and has what the program says.
  if (!(resource instanceof Resource)) return;
  if (resource.kind in CHANGES) resource.override(CHANGES[resource.kind]);
}

/** What to change of a manifest, by its kind. */
const CHANGES: Record<string, (manifest: any) => any> = {
  Deployment: (manifest) => ({ spec: { replicas: 1, template: smallPod(manifest) } }),
  StatefulSet: (manifest) => ({
    spec: {
      template: smallPod(manifest),
      ...(!isRestored(manifest) && {
        volumeClaimTemplates: manifest.spec.volumeClaimTemplates?.map((one: any) => ({
          ...one,
          spec: smallClaim(one.spec),
        })),
      }),
    },
  }),
  PersistentVolumeClaim: ({ spec }) => ({ spec: smallClaim(spec) }),
  HorizontalPodAutoscaler: () => ({ spec: { minReplicas: 1, maxReplicas: 1 } }),
  ScaledObject: () => ({ spec: { minReplicaCount: 1, maxReplicaCount: 1 } }),
  Cluster: ({ metadata, spec }) => ({
    // The operator refuses a server alone that waits for others, and a quorum of none.
    metadata: { annotations: metadata.annotations && { 'alpha.cnpg.io/failoverQuorum': null } },
    spec: {
      instances: 1,
      enablePDB: false,
      postgresql: { synchronous: null },
      ...(!spec.bootstrap?.recovery && { storage: { size: smallStorage(spec.storage.size) } }),
    },
  }),
};

/** Data that is there already needs the room that the program gives it. */
function isRestored(manifest: any): boolean {
  return (
    listed(manifest, 'initContainers').some(({ value: { name } }) => name === 'restore') ||
    manifest.spec.volumeClaimTemplates?.some(({ spec }: any) => spec.dataSource)
  );
}

function smallPod(manifest: any): any {
  const smaller = isRestored(manifest) ? (argument: string) => argument : smallLog(manifest);
  const containers = listed(manifest, 'containers').map(({ value: { name, args } }) => ({
    name,
    args: args?.map(smaller),
    resources: { requests: { cpu: CPU } },
  }));
  return { spec: { containers } };
}

/** How many megabytes of its log a server of PostgreSQL keeps for a replica. */
const KEPT_LOG = /^--wal_keep_size=(\d+)MB$/;

/** What is kept of the log is a share of the volume. It is the same share of a small one, which it would fill otherwise. */
function smallLog({ spec }: any): (argument: string) => string {
  const { storage } = spec.volumeClaimTemplates?.[0]?.spec.resources.requests ?? { storage: STORAGE };
  const share = quantity(smallStorage(storage))! / quantity(storage)!;
  return (argument) =>
    argument.replace(KEPT_LOG, (_, size) => `--wal_keep_size=${Math.floor(size * share)}MB`);
}

function smallClaim(spec: any): any {
  const requests = { ...spec.resources.requests, storage: smallStorage(spec.resources.requests.storage) };
  return { ...spec, resources: { ...spec.resources, requests } };
}

function smallStorage(size: string): string {
  return quantity(size)! > quantity(STORAGE)! ? STORAGE : size;
}
