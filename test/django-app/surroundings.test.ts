import { Chart, Duration } from 'cdk8s';
import { DjangoApp, HealthMonitoring, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, HOST, postgres, synth } from '../support/synth';

type Step = (chart: Chart, app: DjangoApp) => unknown;

const STEPS: Record<string, Step> = {
  route: (chart, app) =>
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], timeout: Duration.seconds(60) }),
  health: (chart, app) =>
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, readiness: { path: '/ready' } }),
  access: (chart, app) => new LeastPrivilegeAccess(chart, 'Access', { app, viewers: ['team'] }),
};

const ORDERS = [
  ['route', 'health', 'access'],
  ['route', 'access', 'health'],
  ['health', 'route', 'access'],
  ['health', 'access', 'route'],
  ['access', 'route', 'health'],
  ['access', 'health', 'route'],
];

/** The manifests by kind and name: their order in the file follows that of the constructs. */
function inOrder(order: string[], make: (typeof SAMPLES)[number]['make']): Record<string, any> {
  const manifests = synth((chart) => {
    const app = django(chart, { database: postgres(chart) });
    for (const step of order) STEPS[step](chart, app);
  }, make());
  return Object.fromEntries(
    manifests.map((manifest) => [
      `${manifest.kind} ${manifest.metadata.namespace} ${manifest.metadata.name}`,
      manifest,
    ]),
  );
}

describe.each(SAMPLES)('constructs around an app on $name', ({ make }) => {
  it('make the same manifests in whatever order they are made', () => {
    const [first, ...others] = ORDERS.map((order) => inOrder(order, make));
    expect(Object.keys(first).length).toBeGreaterThan(20);
    expect(others).toHaveLength(5);
    for (const other of others) expect(other).toEqual(first);
  });
});
