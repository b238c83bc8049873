import { Chart } from 'cdk8s';
import { Distribution, PublicRoute } from 'cdk8s-django';
import { OpenShiftGatewayRouting, OpenShiftGatewayRoutingProps } from 'cdk8s-django/routing';
import { manifestsFor } from 'cdk8s-django/testing';
import {
  httpRoute,
  HTTP_LISTENER,
  LISTENER,
  redirectRoute,
  ROUTE_LABELS,
  routed,
} from '../../support/routes';
import { django, find, HOST } from '../../support/synth';
import { routeError } from './routings';

const on = (props: OpenShiftGatewayRoutingProps = {}) =>
  Distribution.openshift({ routing: new OpenShiftGatewayRouting(props) });
const parent = { name: 'polls-polls', namespace: 'openshift-ingress' };

describe('OpenShiftGatewayRouting', () => {
  it('has its Gateway where OpenShift wants it, for the routes of the application’s namespace', () => {
    const { metadata, spec } = find(
      routed(on({ certificateSecretName: 'wildcard-tls' })),
      'Gateway',
      'polls-polls',
    );
    expect(metadata).toEqual({ name: 'polls-polls', namespace: 'openshift-ingress', labels: ROUTE_LABELS });
    const selector = { matchLabels: { 'kubernetes.io/metadata.name': 'polls' } };
    const allowedRoutes = { namespaces: { from: 'Selector', selector } };
    expect(spec).toEqual({
      gatewayClassName: 'openshift-default',
      listeners: [
        { name: HTTP_LISTENER, hostname: HOST, port: 80, protocol: 'HTTP', allowedRoutes },
        {
          name: LISTENER,
          hostname: HOST,
          port: 443,
          protocol: 'HTTPS',
          allowedRoutes,
          tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'wildcard-tls' }] },
        },
      ],
    });
  });

  it('takes the Secret of the application’s namespace, which lets it', () => {
    const manifests = routed(on(), { tlsSecretName: 'polls-tls' });
    const [, https] = find(manifests, 'Gateway', 'polls-polls').spec.listeners;
    expect(https.tls.certificateRefs).toEqual([
      { group: '', kind: 'Secret', name: 'polls-tls', namespace: 'polls' },
    ]);
    const grant = find(manifests, 'ReferenceGrant', 'polls');
    expect(grant.metadata.namespace).toBe('polls');
    expect(grant.spec).toEqual({
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'openshift-ingress' }],
      to: [{ group: '', kind: 'Secret', name: 'polls-tls' }],
    });
  });

  it('has its routes beside the application, with the timeout', () => {
    const manifests = routed(on({ certificateSecretName: 'wildcard-tls' }));
    expect(find(manifests, 'HTTPRoute', 'polls').metadata.namespace).toBe('polls');
    expect(find(manifests, 'HTTPRoute', 'polls').spec).toEqual(
      httpRoute(parent, { timeouts: { request: '60s' } }),
    );
    expect(find(manifests, 'HTTPRoute', 'polls-redirect').spec).toEqual(redirectRoute(parent));
  });

  it('has another class when it is named', () => {
    const distribution = on({ gatewayClassName: 'internal', certificateSecretName: 'wildcard-tls' });
    expect(find(routed(distribution), 'Gateway', 'polls-polls').spec.gatewayClassName).toBe('internal');
  });

  it('connects from the namespace of the Gateway', () => {
    expect(on().routing.sources(undefined as any)).toEqual([
      { namespaceLabels: { 'kubernetes.io/metadata.name': 'openshift-ingress' } },
    ]);
  });

  it('needs a certificate, and a namespace to let in', () => {
    expect(routeError(on(), {})).toBe(
      'polls/Route: tlsSecretName (not given) is needed where no certificate is in "openshift-ingress". Give it, or ' +
        'name the Secret there: new OpenShiftGatewayRouting({ certificateSecretName: "wildcard-tls" }).',
    );
    expect(() =>
      manifestsFor(on(), (app) => {
        const chart = new Chart(app, 'polls');
        new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], tlsSecretName: 'polls-tls' });
      }),
    ).toThrow(
      'polls/Route: namespace (not given) of the chart is needed, because the Gateway lets in the routes of that ' +
        'namespace. Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" }).',
    );
  });

  it('is refused before OpenShift 4.19, which has no Gateway API', () => {
    const routing = new OpenShiftGatewayRouting({ certificateSecretName: 'wildcard-tls' });
    const version = (kubernetesVersion: string) => Distribution.openshift({ kubernetesVersion, routing });
    expect(routeError(version('1.31'), {})).toBe(
      'polls/Route: routing "OpenShiftGatewayRouting" cannot be used on Kubernetes 1.31: the Gateway API is there from ' +
        'OpenShift 4.19 on, which is Kubernetes 1.32. Use the Routes of Distribution.openshift(), or say that the ' +
        'cluster is newer: Distribution.openshift({ kubernetesVersion: "1.32" }).',
    );
    expect(() => routed(version('1.32'))).not.toThrow();
  });
});
