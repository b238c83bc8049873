import { Duration } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { Route } from '../../../imports/route.openshift.io';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { IRouting, RouteRequest } from './routing';

/**
 * Routes of OpenShift's router with edge termination: its own certificate, or that of a Secret.
 *
 * @see https://github.com/openshift/openshift-docs/blob/main/modules/nw-route-specific-annotations.adoc
 */
export class OpenShiftRouteRouting implements IRouting {
  readonly deregistration = Duration.seconds(5);

  route(scope: Construct, request: RouteRequest): Resource[] {
    const routes = request.hosts.map((host, index) => route(scope, request, host, index + 1));
    return request.tlsSecretName
      ? [...routes, ...secretAccess(scope, request, request.tlsSecretName)]
      : routes;
  }

  sources(): NetworkPeer[] {
    return [{ namespaceLabels: { 'policy-group.network.openshift.io/ingress': '' } }];
  }
}

/** A Route has one host: those after the first are numbered. */
function route(scope: Construct, request: RouteRequest, host: string, number: number): Resource {
  const { name, labels, serviceName, servicePortName, tlsSecretName } = request;
  return new Resource(
    scope,
    number === 1 ? 'Route' : `Route${number}`,
    Route.manifest({
      metadata: {
        name: number === 1 ? name : `${name}-${number}`,
        labels,
        annotations: timeouts(request),
      },
      spec: {
        host,
        to: { kind: 'Service', name: serviceName, weight: 100 },
        port: { targetPort: servicePortName as any },
        tls: {
          termination: 'edge',
          insecureEdgeTerminationPolicy: 'Redirect',
          externalCertificate: tlsSecretName ? { name: tlsSecretName } : undefined,
        },
        wildcardPolicy: 'None',
      },
    }),
  );
}

function timeouts({ timeout, websocketTimeout }: RouteRequest): Record<string, string> {
  return {
    'haproxy.router.openshift.io/timeout': `${timeout.toSeconds()}s`,
    ...(websocketTimeout && {
      'haproxy.router.openshift.io/timeout-tunnel': `${websocketTimeout.toSeconds()}s`,
    }),
  };
}

/** The router reads the Secret itself, and may only when the app's namespace lets it. */
function secretAccess(scope: Construct, { name, labels }: RouteRequest, secretName: string): Resource[] {
  const metadata = { name: `${name}-certificate`, labels };
  return [
    new Resource(
      scope,
      'CertificateRole',
      k8s.KubeRole.manifest({
        metadata,
        rules: [
          {
            apiGroups: [''],
            resources: ['secrets'],
            resourceNames: [secretName],
            verbs: ['get', 'list', 'watch'],
          },
        ],
      }),
    ),
    new Resource(
      scope,
      'CertificateRoleBinding',
      k8s.KubeRoleBinding.manifest({
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: 'router', namespace: 'openshift-ingress' }],
      }),
    ),
  ];
}
