import { Distribution } from 'cdk8s-django';
import { LoadBalancerScheme } from 'cdk8s-django/routing';
import { CERTIFICATE_ARN } from '../../support/distributions';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { find, HOST } from '../../support/synth';

const prefix = 'alb.ingress.kubernetes.io';
const ingress = (distribution = Distribution.eks()) => find(routed(distribution), 'Ingress', 'polls');

describe('a route on EKS', () => {
  it('is an Ingress for an Application Load Balancer that reaches pods directly', () => {
    const { apiVersion, metadata, spec } = ingress();
    expect(apiVersion).toBe('networking.k8s.io/v1');
    expect(metadata.labels).toEqual(ROUTE_LABELS);
    expect(metadata.annotations).toEqual({
      [`${prefix}/scheme`]: 'internet-facing',
      [`${prefix}/target-type`]: 'ip',
      [`${prefix}/listen-ports`]: '[{"HTTP": 80}, {"HTTPS": 443}]',
      [`${prefix}/ssl-redirect`]: '443',
      [`${prefix}/healthcheck-path`]: '/readyz',
      [`${prefix}/success-codes`]: '200',
      [`${prefix}/load-balancer-attributes`]: 'idle_timeout.timeout_seconds=60',
      [`${prefix}/target-group-attributes`]: 'deregistration_delay.timeout_seconds=75',
    });
    const backend = { service: { name: 'polls', port: { number: 8000 } } };
    expect(spec).toEqual({
      ingressClassName: 'alb',
      rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    });
  });

  it('names the certificate when it is known, and has the controller look for one otherwise', () => {
    const { annotations } = ingress(Distribution.eks({ certificateArn: CERTIFICATE_ARN })).metadata;
    expect(annotations[`${prefix}/certificate-arn`]).toBe(CERTIFICATE_ARN);
    expect(ingress().metadata.annotations).not.toHaveProperty(`${prefix}/certificate-arn`);
  });

  it('has another class when it is named', () => {
    expect(ingress(Distribution.eks({ ingressClassName: 'internal' })).spec.ingressClassName).toBe(
      'internal',
    );
  });

  it('has a rule for each host', () => {
    const manifests = routed(Distribution.eks(), { hosts: ['a.example.com', 'b.example.com'] });
    const { rules } = find(manifests, 'Ingress', 'polls').spec;
    expect(rules.map(({ host }: any) => host)).toEqual(['a.example.com', 'b.example.com']);
  });

  it('connects from the subnets of the load balancer', () => {
    const { routing } = Distribution.eks({ loadBalancerCidrs: ['10.0.0.0/20', '10.0.16.0/20'] });
    expect(routing.sources(undefined as any)).toEqual([{ cidr: '10.0.0.0/20' }, { cidr: '10.0.16.0/20' }]);
  });

  it('is internal, and shares its load balancer with a group, when that is asked for', () => {
    const { annotations } = ingress(
      Distribution.eks({ scheme: LoadBalancerScheme.INTERNAL, groupName: 'shared' }),
    ).metadata;
    expect(annotations[`${prefix}/scheme`]).toBe('internal');
    expect(annotations[`${prefix}/group.name`]).toBe('shared');
    expect(ingress().metadata.annotations).not.toHaveProperty(`${prefix}/group.name`);
  });
});
