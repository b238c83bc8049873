import { ApiObject } from 'cdk8s';
import { listed } from '../kubernetes/pod-manifests';
import { Resource } from '../kubernetes/resource';
import { quantity } from '../kubernetes/quantities';
import { renderedManifest } from '../kubernetes/rendered-manifest';

/** The least that no platform raises. A preview that nobody visits does not use it up. */
const CPU = '100m';

/** The least that disks of all clouds can have. */
const STORAGE = '10Gi';

/** Makes a resource as small as a preview needs it: one replica, little processor time, small volumes. */
export function makeSmall(resource: ApiObject): void {
  // What a program makes itself is not a Resource, and has what the program says.
  if (!(resource instanceof Resource)) return;
  if (!(resource.kind in CHANGES)) return;
  const manifest = renderedManifest(resource);
  if (manifest) resource.override(CHANGES[resource.kind](manifest));
}

/** What to change of a manifest, by its kind. */
const CHANGES: Record<string, (manifest: any) => any> = {
  Deployment: (manifest) => ({ spec: { replicas: 1, template: smallPod(manifest) } }),
  StatefulSet: (manifest) => ({
    spec: {
      template: smallPod(manifest),
      volumeClaimTemplates: manifest.spec.volumeClaimTemplates?.map((one: any) => ({
        ...one,
        spec: smallClaim(one.spec),
      })),
    },
  }),
  PersistentVolumeClaim: ({ spec }) => ({ spec: smallClaim(spec) }),
  HorizontalPodAutoscaler: () => ({ spec: { minReplicas: 1, maxReplicas: 1 } }),
  ScaledObject: () => ({ spec: { minReplicaCount: 1, maxReplicaCount: 1 } }),
  Cluster: ({ spec }) => ({
    spec: { instances: 1, enablePDB: false, storage: { size: smallStorage(spec.storage.size) } },
  }),
};

function smallPod(manifest: any): any {
  const containers = listed(manifest, 'containers').map(({ value }) => ({
    name: value.name,
    resources: { requests: { cpu: CPU } },
  }));
  return { spec: { containers } };
}

function smallClaim(spec: any): any {
  const requests = { ...spec.resources.requests, storage: smallStorage(spec.resources.requests.storage) };
  return { ...spec, resources: { ...spec.resources, requests } };
}

function smallStorage(size: string): string {
  return quantity(size)! > quantity(STORAGE)! ? STORAGE : size;
}
