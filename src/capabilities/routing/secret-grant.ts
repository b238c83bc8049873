import { Construct } from 'constructs';
import { Resource } from '../../kubernetes/resource';
import { RouteRequest } from '../../platform/routing';

/**
 * Lets a Gateway of another namespace read the Secret in the app's namespace. v1beta1 is served by every version of
 * the Gateway API that platforms have.
 */
export function secretGrant(scope: Construct, request: RouteRequest, gatewayNamespace: string): Resource {
  return new Resource(scope, 'SecretGrant', {
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name: request.name, labels: request.labels },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: gatewayNamespace }],
      to: [{ group: '', kind: 'Secret', name: request.tlsSecretName }],
    },
  });
}
