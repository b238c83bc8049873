import { Chart } from 'cdk8s';
import {
  HealthMonitoring,
  IDatabase,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
} from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { SAMPLES } from '../support/distributions';
import { DNS_PORTS, WEB_LABELS } from '../support/expectations';
import { selectorsIn } from '../support/manifests';
import { django, everything, find, HOST, postgres, synth } from '../support/synth';

const policiesOf = (manifests: any[]) => manifests.filter(({ kind }) => kind === 'NetworkPolicy');
const policy = (manifests: any[], name: string) => find(manifests, 'NetworkPolicy', name).spec;

const SOURCES: Record<string, any[]> = {
  gke: [{ ipBlock: { cidr: '35.191.0.0/16' } }, { ipBlock: { cidr: '130.211.0.0/22' } }],
  eks: [{ ipBlock: { cidr: '10.0.0.0/20' } }],
  aks: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'polls-gateway' } } }],
  openshift: [{ namespaceSelector: { matchLabels: { 'policy-group.network.openshift.io/ingress': '' } } }],
  upstream: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'projectcontour' } } }],
};

/** Google's collectors run in the first of the two on Standard clusters, in the other on Autopilot. */
const SCRAPERS: Record<string, Record<string, string>[]> = {
  gke: [{ 'kubernetes.io/metadata.name': 'gmp-system' }, { 'kubernetes.io/metadata.name': 'gke-gmp-system' }],
  eks: [{ 'kubernetes.io/metadata.name': 'monitoring' }],
  aks: [{ 'kubernetes.io/metadata.name': 'kube-system' }],
  openshift: [{ 'network.openshift.io/policy-group': 'monitoring' }],
  upstream: [{ 'kubernetes.io/metadata.name': 'monitoring' }],
};

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

const resolverPods = (namespace: string, app?: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  ...(app && { podSelector: { matchLabels: { 'k8s-app': app } } }),
});
const addresses = (...ranges: string[]) => ranges.map((cidr) => ({ ipBlock: { cidr } }));

/** The name servers: pods, the address of their Service, and caches on the node. */
const RESOLVERS: Record<string, any[]> = {
  gke: [
    {
      to: [resolverPods('kube-system'), ...addresses('34.118.224.0/20', '169.254.0.0/16')],
      ports: DNS_PORTS,
    },
  ],
  eks: [
    {
      to: [
        resolverPods('kube-system', 'kube-dns'),
        ...addresses('172.20.0.10/32', '10.100.0.10/32', '169.254.20.10/32'),
      ],
      ports: DNS_PORTS,
    },
  ],
  aks: [{ to: [resolverPods('kube-system', 'kube-dns'), ...addresses('169.254.10.0/24')], ports: DNS_PORTS }],
  openshift: [
    {
      to: [resolverPods('openshift-dns')],
      ports: [...DNS_PORTS, ...DNS_PORTS.map((one) => ({ ...one, port: 5353 }))],
    },
  ],
  upstream: [
    { to: [resolverPods('kube-system', 'kube-dns')] },
    { to: addresses('169.254.20.10/32'), ports: DNS_PORTS },
  ],
};

const DATABASE = {
  'app.kubernetes.io/name': 'postgresql',
  'app.kubernetes.io/instance': 'polls-db',
  'app.kubernetes.io/component': 'database',
};

describe.each(SAMPLES)('network policies on $name', ({ name, make }) => {
  const manifests = () => synth((chart) => everything(chart), make());

  it('are one for each group of pods, for both directions', () => {
    const policies = policiesOf(manifests());
    expect(policies.map(({ metadata }) => metadata.name).sort()).toEqual([
      'polls',
      'polls-db',
      'polls-db-secret',
      'polls-jobs',
      'polls-migrate',
      'polls-secret',
    ]);
    for (const { spec } of policies) expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  });

  it('let the router and the scraper in to the application, and nobody else', () => {
    const { ingress, podSelector } = policy(manifests(), 'polls');
    const ports = [{ port: 8000, protocol: 'TCP' }];
    expect(podSelector).toEqual({ matchLabels: WEB_LABELS });
    expect(ingress).toEqual([
      { from: SOURCES[name], ports },
      { from: SCRAPERS[name].map((matchLabels) => ({ namespaceSelector: { matchLabels } })), ports },
    ]);
  });

  it('let the application out to the name server and its database alone', () => {
    const made = manifests();
    for (const who of ['polls', 'polls-jobs']) {
      const { egress } = policy(made, who);
      expect(egress.slice(0, -1)).toEqual(RESOLVERS[name]);
      expect(egress.at(-1)).toEqual({
        to: [{ podSelector: { matchLabels: DATABASE } }],
        ports: [{ port: 5432, protocol: 'TCP' }],
      });
    }
  });

  it('let the application, its migration and its commands in to the database, which asks for nothing', () => {
    const { ingress, egress } = policy(manifests(), 'polls-db');
    expect(egress).toBeUndefined();
    expect(ingress).toHaveLength(1);
    expect(ingress[0].ports).toEqual([{ port: 5432, protocol: 'TCP' }]);
    expect(ingress[0].from).toHaveLength(3);
    expect(ingress[0].from).toEqual(
      expect.arrayContaining([
        { podSelector: { matchLabels: WEB_LABELS } },
        { podSelector: { matchLabels: { ...WEB_LABELS, 'app.kubernetes.io/component': 'migration' } } },
        { podSelector: { matchLabels: { ...WEB_LABELS, 'app.kubernetes.io/component': 'command' } } },
      ]),
    );
  });

  it('let nobody in to Jobs and secret generators', () => {
    const made = manifests();
    for (const who of ['polls-jobs', 'polls-secret', 'polls-db-secret']) {
      expect(policy(made, who).ingress).toBeUndefined();
    }
  });

  it('let secret generators out to the name server and the API server', () => {
    const { egress } = policy(manifests(), 'polls-secret');
    expect(egress.slice(0, -1)).toEqual(RESOLVERS[name]);
    expect(egress.at(-1)).toEqual({
      ...(name === 'eks' && { to: PRIVATE.map((cidr) => ({ ipBlock: { cidr } })) }),
      ports: [
        { port: 443, protocol: 'TCP' },
        { port: 6443, protocol: 'TCP' },
      ],
    });
  });

  it('have no empty list, which the API server would drop at each apply', () => {
    const text = JSON.stringify(policiesOf(manifests()));
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain('[]');
  });

  it('never select all pods of the namespace', () => {
    const policies = policiesOf(manifests());
    expect(policies).toHaveLength(6);
    for (const { spec } of policies) {
      const [{ labels }] = selectorsIn({ podSelector: spec.podSelector });
      expect(Object.keys(labels)).toHaveLength(3);
    }
  });
});

describe('network policies of an application', () => {
  const access = (define: (chart: Chart) => LeastPrivilegeAccess) =>
    policy(
      synth((chart) => define(chart)),
      'polls',
    );

  it('let nobody in without a route and without metrics', () => {
    const spec = access((chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart) }));
    expect(spec.ingress).toBeUndefined();
    expect(spec.egress).toEqual(RESOLVERS.upstream);
  });

  it('let in and out what a program adds', () => {
    const spec = access(
      (chart) =>
        new LeastPrivilegeAccess(chart, 'Access', {
          app: django(chart),
          ingress: [{ peers: [{ podLabels: { app: 'cron' } }], ports: [{ port: 8000 }] }],
          egress: [
            EgressTarget.addresses(['203.0.113.25/32'], [{ port: 587 }]),
            EgressTarget.pods({ podLabels: { app: 'mail' } }, [{ port: 25 }]),
          ],
        }),
    );
    expect(spec.ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { app: 'cron' } } }],
        ports: [{ port: 8000, protocol: 'TCP' }],
      },
    ]);
    expect(spec.egress.slice(2)).toEqual([
      { to: [{ ipBlock: { cidr: '203.0.113.25/32' } }], ports: [{ port: 587, protocol: 'TCP' }] },
      { to: [{ podSelector: { matchLabels: { app: 'mail' } } }], ports: [{ port: 25, protocol: 'TCP' }] },
    ]);
  });

  it('let it out to the place of a database that somebody else runs', () => {
    const spec = access((chart) => {
      const database = PostgresBackend.fromUrl(chart, 'Database', {
        url: { secretName: 'db', key: 'url' },
        port: 6432,
        peers: [{ cidr: '10.20.0.0/16' }],
      });
      return new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { database }) });
    });
    expect(spec.egress[2]).toEqual({
      to: [{ ipBlock: { cidr: '10.20.0.0/16' } }],
      ports: [{ port: 6432, protocol: 'TCP' }],
    });
  });

  const SECRET = { secretName: 'db', key: 'url' };
  const POOLER = { port: 6432, peers: [{ cidr: '10.20.0.0/16' }], transactionPooler: true };
  const byHost = { host: 'pooler.example.com', database: 'polls', user: 'polls', password: SECRET };
  it.each<[string, (chart: Chart) => IDatabase, number]>([
    [
      'directHost',
      (chart) =>
        PostgresBackend.fromHost(chart, 'Database', { ...byHost, ...POOLER, directHost: 'db.example.com' }),
      5432,
    ],
    [
      'directUrl',
      (chart) =>
        PostgresBackend.fromUrl(chart, 'Database', {
          ...POOLER,
          url: SECRET,
          directUrl: SECRET,
          directPort: 5433,
        }),
      5433,
    ],
  ])('let Jobs alone past a pooler to its %s', (_, database, port) => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: database(chart) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    const to = [{ ipBlock: { cidr: '10.20.0.0/16' } }];
    const pooler = { to, ports: [{ port: 6432, protocol: 'TCP' }] };
    expect(policy(manifests, 'polls').egress.slice(2)).toEqual([pooler]);
    expect(policy(manifests, 'polls-jobs').egress.slice(2)).toEqual([
      pooler,
      { to, ports: [{ port, protocol: 'TCP' }] },
    ]);
  });

  it('follow the port of the application', () => {
    const spec = access((chart) => {
      const app = django(chart, { port: 9000 });
      new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
      new HealthMonitoring(chart, 'Health', { app, metrics: { path: '/metrics' } });
      return new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    expect(spec.ingress).toHaveLength(2);
    for (const { ports } of spec.ingress) expect(ports).toEqual([{ port: 9000, protocol: 'TCP' }]);
  });

  it.each([
    ['both have policies', true],
    ['one alone has policies', false],
  ])('let both applications of one database in when %s', (_, both) => {
    const manifests = synth((chart) => {
      const database = postgres(chart);
      new LeastPrivilegeAccess(chart, 'One', { app: django(chart, { database }) });
      const other = django(chart, { database, name: 'other' }, 'B');
      if (both) new LeastPrivilegeAccess(chart, 'Two', { app: other });
    });
    const [{ from }] = policy(manifests, 'polls-db').ingress;
    expect(
      from.map(({ podSelector }: any) => podSelector.matchLabels['app.kubernetes.io/instance']).sort(),
    ).toEqual(['other', 'other', 'other', 'polls', 'polls', 'polls']);
  });

  it('leave a database that no policy was asked for to everybody', () => {
    const manifests = synth((chart) => django(chart, { database: postgres(chart) }));
    expect(policiesOf(manifests)).toEqual([]);
    expect(find(manifests, 'StatefulSet', 'polls-db')).toBeDefined();
  });
});
