import { Distribution, IDistribution, PublicRouteProps } from 'cdk8s-django';
import { EksGatewayRouting, GkeIngressRouting } from 'cdk8s-django/routing';
import { routed } from '../../support/routes';

const refusal = (distribution: IDistribution, changes: Partial<PublicRouteProps>) => () =>
  routed(distribution, changes);
const long = (length: number) =>
  `${'a'.repeat(length - 12)}.example.com`.replace(/a{60}/g, `${'a'.repeat(59)}.`);

describe.each([
  ['an Ingress', () => Distribution.eks()],
  ['an Ingress of Auto Mode', () => Distribution.eks({ autoMode: true })],
  ['a Gateway', () => Distribution.eks({ routing: new EksGatewayRouting({ gatewayClassName: 'aws-alb' }) })],
])('a load balancer of AWS by %s', (_what, make) => {
  it.each(['localhost', 'polls.xn--p1ai', long(129)])('has no condition for the host %s', (host) => {
    expect(refusal(make(), { hosts: [host] })).toThrow(
      `polls/Route: hosts "${host}" cannot be a condition of an Application Load Balancer. ` +
        'Give a name of at most 128 characters, with a "." and only letters after the last one.',
    );
  });

  it('has no condition for a path that is too long with what is below it', () => {
    const path = `/${'a'.repeat(126)}`;
    expect(refusal(make(), { paths: [path] })).toThrow(
      `polls/Route: paths "${path}" has 127 characters, too many for a condition of an Application Load Balancer. ` +
        'Use at most 126.',
    );
  });

  it('takes what is as long as a condition may be', () => {
    expect(refusal(make(), { hosts: [long(128)], paths: [`/${'a'.repeat(125)}`] })).not.toThrow();
  });
});

describe('a managed certificate of GKE', () => {
  const make = () => Distribution.gke({ routing: new GkeIngressRouting({}) });
  const hosts = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.example.com`);

  it('is for at most a hundred hosts', () => {
    expect(refusal(make(), { hosts: hosts(101) })).toThrow(
      'polls/Route: hosts 101 are more than the 100 that a ManagedCertificate takes. ' +
        'Give a certificate of your own: tlsSecretName.',
    );
    expect(refusal(make(), { hosts: hosts(100) })).not.toThrow();
    expect(refusal(make(), { hosts: hosts(101), tlsSecretName: 'polls-tls' })).not.toThrow();
  });

  it('is for hosts of at most 63 characters', () => {
    expect(refusal(make(), { hosts: [long(64)] })).toThrow(
      `polls/Route: hosts "${long(64)}" has 64 characters, and a ManagedCertificate takes hosts of 63. ` +
        'Give a certificate of your own: tlsSecretName.',
    );
    expect(refusal(make(), { hosts: [long(63)] })).not.toThrow();
  });
});
