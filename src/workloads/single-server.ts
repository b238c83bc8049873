import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { resourceLabels, Selector, selectorLabels } from '../kubernetes/labels';
import { wholeSize } from '../kubernetes/quantities';
import { PodOptions, podTemplate, pullSecrets } from './pods';
import { Resource } from '../kubernetes/resource';
import { serviceAccount } from '../kubernetes/service-accounts';

/** The volume that outlives the pod of a server. */
export interface ServerVolume {
  /** Its size. */
  readonly storage: string;
  readonly storageClassName?: string;
  /** The VolumeSnapshot that it is made from. */
  readonly snapshotName?: string;
}

/** A server of one pod, such as a database. */
export interface SingleServerOptions {
  readonly name: string;
  readonly selector: Selector;
  readonly imagePullSecrets: string[];
  readonly port: number;
  /** Name of the port of its container. */
  readonly portName: string;
  /** The files of its ConfigMap, which has the server's name. */
  readonly files: Record<string, string>;
  /** Is mounted as `data`. */
  readonly volume?: ServerVolume;
  /** What makes its pod act as an identity of the platform. */
  readonly serviceAccountAnnotations?: { [annotation: string]: string };
  /** The rest of its pod. */
  readonly pod: Omit<PodOptions, 'selector'>;
}

/** The resources of a server. */
export interface SingleServerResources {
  readonly serviceAccount: Resource;
  readonly configMap: Resource;
  readonly statefulSet: Resource;
  readonly service: Resource;
}

/** Makes a StatefulSet of one pod, its Service, its ConfigMap and a ServiceAccount without rights. */
export function singleServer(scope: Construct, options: SingleServerOptions): SingleServerResources {
  const { name, selector, files, serviceAccountAnnotations: annotations } = options;
  const metadata = { name, labels: resourceLabels(selector) };
  return {
    serviceAccount: serviceAccount(scope, { ...metadata, annotations }),
    configMap: new Resource(scope, 'ConfigMap', k8s.manifest('ConfigMap', { metadata, data: files })),
    statefulSet: new Resource(scope, 'StatefulSet', {
      ...k8s.typeOf('StatefulSet'),
      metadata,
      // The library makes the spec at synth: a Secret that the server reads may come after it.
      spec: Lazy.any({ produce: () => statefulSetSpec(scope, options) }),
    }),
    service: serverService(scope, options),
  };
}

/** Makes the Service of a server, which has its name. */
export function serverService(
  scope: Construct,
  { name, selector, port, portName }: Pick<SingleServerOptions, 'name' | 'selector' | 'port' | 'portName'>,
): Resource {
  return new Resource(
    scope,
    'Service',
    k8s.manifest('Service', {
      metadata: { name, labels: resourceLabels(selector) },
      spec: {
        selector: selectorLabels(selector),
        ports: [{ name: portName, port, targetPort: portName }],
      },
    }),
  );
}

function statefulSetSpec(scope: Construct, options: SingleServerOptions): any {
  const { name, selector, imagePullSecrets, volume, pod } = options;
  const { spec } = k8s.manifest('StatefulSet', {
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: selectorLabels(selector) },
      template: podTemplate(scope, {
        ...pod,
        selector,
        spec: { ...pod.spec, serviceAccountName: name, imagePullSecrets: pullSecrets(imagePullSecrets) },
      }),
    },
  });
  return volume ? { ...spec, volumeClaimTemplates: [claimTemplate(selector, volume)] } : spec;
}

/**
 * The volume, with all that the API server writes into a list's items: what is missing would be a difference each
 * time that the manifests are applied. The API types would drop it.
 */
export function claimTemplate(
  selector: Selector,
  { storage, storageClassName, snapshotName }: ServerVolume,
): any {
  const claim = k8s.manifest('PersistentVolumeClaim', {
    metadata: { name: 'data', labels: selectorLabels(selector) },
    spec: {
      volumeMode: 'Filesystem',
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      dataSource: snapshotName
        ? { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: snapshotName }
        : undefined,
      resources: { requests: { storage: wholeSize(storage) } },
    },
  });
  return { ...claim, status: { phase: 'Pending' } };
}
