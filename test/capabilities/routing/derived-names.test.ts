import { Chart, ChartProps } from 'cdk8s';
import { Distribution, IDistribution, PublicRoute } from 'cdk8s-django';
import {
  AksGatewayRoutingProps,
  OpenShiftGatewayRouting,
  OpenShiftGatewayRoutingProps,
  UpstreamGatewayRoutingProps,
} from 'cdk8s-django/routing';
import { django, errorOf, find, HOST, synth } from '../../support/synth';

const aks = (props: AksGatewayRoutingProps = {}) => Distribution.aks(props);
const openshift = (props: OpenShiftGatewayRoutingProps = {}) =>
  Distribution.openshift({ routing: new OpenShiftGatewayRouting(props) });
const upstream = (props: UpstreamGatewayRoutingProps = {}) => Distribution.upstream(props);

/** A route of a name, in a namespace. */
const route = (name: string) => (chart: Chart) => {
  new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], tlsSecretName: 'polls-tls', name });
};
const inNamespace = (length: number): ChartProps => ({ namespace: 'n'.repeat(length) });
const made = (distribution: IDistribution, nameLength: number, namespaceLength = 5) =>
  synth(route('r'.repeat(nameLength)), distribution, inNamespace(namespaceLength));
const error = (distribution: IDistribution, nameLength: number, namespaceLength = 5) =>
  errorOf(route('r'.repeat(nameLength)), distribution, inNamespace(namespaceLength));

describe('the namespace of a Gateway on AKS', () => {
  it('may have 63 characters', () => {
    const name = `${'n'.repeat(55)}-gateway`;
    expect(name).toHaveLength(63);
    expect(find(made(aks(), 5, 55), 'Namespace', name)).toBeDefined();
    const longer = `${'n'.repeat(56)}-gateway`;
    expect(error(aks(), 5, 56)).toBe(
      `polls/Route: namespace "${'n'.repeat(56)}" has its Gateways in "${longer}", which would have 64 characters and ` +
        'may have 63. Use a shorter one, or a Gateway that exists: Distribution.aks({ gateway: { … } }).',
    );
  });

  it('is not made of the application’s with a Gateway that exists', () => {
    expect(() =>
      synth(
        (chart) => new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] }),
        aks({ gateway: { name: 'edge', namespace: 'infra' } }),
        inNamespace(63),
      ),
    ).not.toThrow();
  });
});

describe('the Service of a Gateway', () => {
  const message = (name: number, service: string, remedy: string) =>
    `polls/Route: name "${'r'.repeat(name)}" has a Gateway whose Service "${service}" would have ${service.length} ` +
    `characters, and may have 63. ${remedy}.`;
  const SHORTER = 'Use a shorter name of the route or of the GatewayClass';

  it('has at most 63 characters on AKS, whatever the route’s name with its own class', () => {
    expect(() => made(aks(), 40)).not.toThrow();
    const gatewayClassName = 'c'.repeat(22);
    expect(() => made(aks({ gatewayClassName }), 40)).not.toThrow();
    expect(error(aks({ gatewayClassName: `${gatewayClassName}c` }), 40)).toBe(
      message(40, `${'r'.repeat(40)}-${gatewayClassName}c`, SHORTER),
    );
  });

  it('has the namespace in its name on OpenShift', () => {
    const remedy =
      'Use a shorter one or a shorter namespace, or a Gateway that exists: new OpenShiftGatewayRouting({ gateway: { … } })';
    expect(() => made(openshift(), 24, 20)).not.toThrow();
    expect(error(openshift(), 25, 20)).toBe(
      message(25, `${'n'.repeat(20)}-${'r'.repeat(25)}-openshift-default`, remedy),
    );
  });

  it('is Contour’s own upstream, and with another class has it in its name', () => {
    expect(() => made(upstream(), 40)).not.toThrow();
    expect(() => made(upstream({ gatewayClassName: 'istio' }), 40)).not.toThrow();
    const gatewayClassName = 'c'.repeat(23);
    expect(error(upstream({ gatewayClassName }), 40)).toBe(
      message(40, `${'r'.repeat(40)}-${gatewayClassName}`, SHORTER),
    );
  });
});
