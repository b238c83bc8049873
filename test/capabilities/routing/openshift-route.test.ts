import { Distribution } from 'cdk8s-django';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { find, HOST } from '../../support/synth';

const openshift = () => Distribution.openshift();

describe('a route on OpenShift', () => {
  it('is a Route with edge termination and a redirect, by the router’s own certificate', () => {
    const { apiVersion, metadata, spec } = find(routed(openshift()), 'Route', 'polls');
    expect(apiVersion).toBe('route.openshift.io/v1');
    expect(metadata).toEqual({
      name: 'polls',
      namespace: 'polls',
      labels: ROUTE_LABELS,
      annotations: { 'haproxy.router.openshift.io/timeout': '60s' },
    });
    expect(spec).toEqual({
      host: HOST,
      to: { kind: 'Service', name: 'polls', weight: 100 },
      port: { targetPort: 'http' },
      tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' },
      wildcardPolicy: 'None',
    });
  });

  it('is one Route for each host, those after the first numbered', () => {
    const hosts = ['a.example.com', 'b.example.com', 'c.example.com'];
    const routes = routed(openshift(), { hosts }).filter(({ kind }) => kind === 'Route');
    expect(routes.map(({ metadata, spec }) => [metadata.name, spec.host])).toEqual([
      ['polls', 'a.example.com'],
      ['polls-2', 'b.example.com'],
      ['polls-3', 'c.example.com'],
    ]);
  });

  it('takes a certificate from a Secret, which the router alone may read besides', () => {
    const manifests = routed(openshift(), { tlsSecretName: 'polls-tls' });
    expect(find(manifests, 'Route', 'polls').spec.tls.externalCertificate).toEqual({ name: 'polls-tls' });
    expect(find(manifests, 'Role', 'polls-certificate').rules).toEqual([
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['polls-tls'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
    const { roleRef, subjects } = find(manifests, 'RoleBinding', 'polls-certificate');
    expect(roleRef.name).toBe('polls-certificate');
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'router', namespace: 'openshift-ingress' }]);
  });
});
