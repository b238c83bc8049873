import { Distribution } from 'cdk8s-django';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { find, findAll, HOST } from '../../support/synth';
import { routeError } from './routings';

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

  it('is one Route for each host and path, whose names no other’s coming or going changes', () => {
    const named = (hosts: string[], paths?: string[]) =>
      findAll(routed(openshift(), { hosts, paths }), 'Route').map(({ metadata, spec }) => [
        metadata.name,
        spec.host + (spec.path ?? ''),
      ]);
    const [a, b, c] = ['a.example.com', 'b.example.com', 'c.example.com'];
    const [first, second, third] = [
      ['polls', a],
      ['polls-iqlud', b],
      ['polls-z9ips', c],
    ];
    expect(named([a, b, c])).toEqual([first, second, third]);
    expect(named([a, c, b])).toEqual([first, third, second]);
    expect(named([a, c])).toEqual([first, third]);
    const paths = ['/polls', '/admin'];
    expect(named([a, b], paths).map(([, place]) => place)).toEqual([
      'a.example.com/polls',
      'a.example.com/admin',
      'b.example.com/polls',
      'b.example.com/admin',
    ]);
    expect(named([a], paths)).toEqual(named([a, b], paths).slice(0, 2));
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

  it('takes no certificate from a Secret before OpenShift 4.19, whose router does not read it', () => {
    const version = (kubernetesVersion: string) => Distribution.openshift({ kubernetesVersion });
    expect(routeError(version('1.31'), { tlsSecretName: 'polls-tls' })).toBe(
      'polls/Route: tlsSecretName "polls-tls" cannot be used on Kubernetes 1.31: the router reads Secrets from ' +
        "OpenShift 4.19 on, which is Kubernetes 1.32. Leave it out to use the router's certificate, or say that the " +
        'cluster is newer: Distribution.openshift({ kubernetesVersion: "1.32" }).',
    );
    expect(() => routed(version('1.31'))).not.toThrow();
    expect(() => routed(version('1.32'), { tlsSecretName: 'polls-tls' })).not.toThrow();
  });
});
