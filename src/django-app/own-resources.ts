import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { resourceLabels } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { serviceAccount } from '../kubernetes/service-accounts';
import { AppPods } from './app-pods';
import { mediaClaim } from './media';

/** What all pods of an application share. */
interface OwnResources {
  readonly serviceAccount: Resource;
  readonly configMap: Resource;
  readonly mediaClaim?: Resource;
}

/** Makes the ServiceAccount of an application, its variables, and the volume that its pods mount. */
export function ownResources(scope: Construct, pods: AppPods): OwnResources {
  const { props, containers, platform } = pods;
  const labels = resourceLabels(pods.selector);
  const metadata = { name: props.name, labels };
  const annotations = platform.identity?.serviceAccountAnnotations;
  return {
    serviceAccount: serviceAccount(scope, { ...metadata, annotations }),
    configMap: new Resource(scope, 'ConfigMap', {
      ...k8s.typeOf('ConfigMap'),
      metadata,
      // At synth: routes that are made later add to them.
      data: Lazy.any({ produce: () => pods.configuration }),
    }),
    mediaClaim: props.media && mediaClaim(scope, props.media, { name: containers.mediaClaimName, labels }),
  };
}
