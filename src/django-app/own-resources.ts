import { Lazy } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { WorkloadIdentity } from '../capabilities/identity/identity';
import { Resource } from '../kubernetes/resource';

/** What all pods of an application share. */
interface OwnResources {
  readonly serviceAccount: Resource;
  readonly configMap: Resource;
  readonly runtimeConfigMap: Resource;
}

interface OwnResourcesOptions {
  readonly labels: { [label: string]: string };
  readonly identity?: WorkloadIdentity;
  /** The variables, asked for at synth: routes that are made later add to them. */
  readonly configuration: () => Record<string, string>;
  readonly runtimeConfigMapName: string;
  /** The Python modules by their file names. */
  readonly runtime: Record<string, string>;
}

/** Makes the ServiceAccount of an application, its variables and the modules that its pods mount. */
export function ownResources(
  app: Construct & { readonly name: string },
  { labels, identity, configuration, runtimeConfigMapName, runtime }: OwnResourcesOptions,
): OwnResources {
  const metadata = { name: app.name, labels };
  const annotations = identity?.serviceAccountAnnotations;
  return {
    serviceAccount: new Resource(
      app,
      'ServiceAccount',
      k8s.KubeServiceAccount.manifest({
        metadata: { ...metadata, annotations },
        automountServiceAccountToken: false,
      }),
    ),
    configMap: new Resource(app, 'ConfigMap', {
      ...k8s.KubeConfigMap.GVK,
      metadata,
      data: Lazy.any({ produce: configuration }),
    }),
    runtimeConfigMap: new Resource(
      app,
      'Runtime',
      k8s.KubeConfigMap.manifest({ metadata: { name: runtimeConfigMapName, labels }, data: runtime }),
    ),
  };
}
