import { Chart, Duration } from 'cdk8s';
import { Distribution, DjangoApp, LeastPrivilegeAccess, PodKind } from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { reportOf } from '../access-report/support';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply, kubectl } from './support/kubectl';
import { pollsManifests, ROUTER } from './support/manifests';
import { Namespace } from './support/namespaces';
import { startOutsideHosts, stopOutsideHosts } from './support/outside-hosts';
import { print } from './support/print';
import { connections, startProbePod } from './support/probe-pod';

/*
 * A prober in each position: a pod with the labels of each component, which is all that a policy can tell it by, and
 * pods of nobody. What each reaches of the others, of the cluster and of hosts outside is what the access report says.
 */

const HERE = new Namespace('polls-positions');
const ELSEWHERE = new Namespace('polls-elsewhere');
/** Ports of each component, and one that no component has. */
const PORTS = [8000, 5432, 6379, 8080];

const MAIL = '203.0.113.25';
const PARTNER = '203.0.113.26';
const API_SERVER = '203.0.113.40';
const UNKNOWN = '198.51.100.80';
const OUTSIDE_PORTS = [443, 587];
const WORKERS = { pods: [PodKind.WORKERS] };

const manifests = pollsManifests(HERE.name, {
  distribution: Distribution.upstream({
    gatewayClassName: 'contour',
    clusterIssuer: 'letsencrypt',
    routerNamespaceLabels: ROUTER,
    // A host outside stands for it: that of the cluster may be the pods' own node, which is always reached.
    apiServerAddresses: [`${API_SERVER}/32`],
  }),
  visibilityTimeout: Duration.hours(1),
  extend: (app) => {
    app.addCeleryWorker({ name: 'default' });
    app.addCeleryBeat();
    app.allowEgressTo(EgressTarget.addresses([`${PARTNER}/32`], [{ port: 443 }]), WORKERS);
    const search = new DjangoApp(Chart.of(app), 'Search', {
      name: 'search',
      image: IMAGE,
      settingsModule: 'mysite.settings',
      port: 8080,
    });
    new LeastPrivilegeAccess(Chart.of(app), 'SearchAccess', { app: search });
    app.allowEgressTo(EgressTarget.application(search), WORKERS);
  },
  people: { egress: [EgressTarget.addresses([`${MAIL}/32`], [{ port: 587 }])] },
});
const facts = reportOf(manifests).facts;
const isPolicy = ({ kind }: any) => kind === 'NetworkPolicy';
/** What is there without the pods of the application. */
const applied = manifests.filter((one) => isPolicy(one) || one.kind === 'Namespace');

/** Where one connects from and to. */
interface Place {
  readonly name: string;
  /** What a policy sees of pods. */
  readonly namespace?: Record<string, string>;
  readonly labels?: Record<string, string>;
  /** What the report calls it, if it is of the application. */
  readonly pod?: string;
  /** Its address, if it is no pod. */
  readonly address?: string;
  readonly ports: number[];
}

const named = (name: string) => ({ 'kubernetes.io/metadata.name': name });

const COMPONENTS: Place[] = facts.pods.map(({ pod, labels }) => ({
  name: pod.toLowerCase().replace(' ', '-'),
  namespace: named(HERE.name),
  labels,
  pod,
  ports: PORTS,
}));
const STRANGERS: Place[] = [
  { name: 'stranger', namespace: named(HERE.name), labels: {}, ports: PORTS },
  { name: 'elsewhere', namespace: named(ELSEWHERE.name), labels: {}, ports: PORTS },
];
const OUTSIDE: Place[] = [
  { name: 'name-server', namespace: named('kube-system'), labels: { 'k8s-app': 'kube-dns' }, ports: [53] },
  { name: 'mail', address: MAIL, ports: OUTSIDE_PORTS },
  { name: 'partner', address: PARTNER, ports: OUTSIDE_PORTS },
  { name: 'api-server', address: API_SERVER, ports: OUTSIDE_PORTS },
  { name: 'unknown', address: UNKNOWN, ports: OUTSIDE_PORTS },
];
const SOURCES = [...COMPONENTS, ...STRANGERS];
const TARGETS = [...SOURCES, ...OUTSIDE];

interface Probe {
  readonly from: Place;
  readonly to: Place;
  readonly port: number;
}

const PROBES: Probe[] = SOURCES.flatMap((from) =>
  TARGETS.filter((to) => to !== from).flatMap((to) => to.ports.map((port) => ({ from, to, port }))),
);

const CLUSTER_ADDRESS = ['--namespace=kube-system', '--output=jsonpath={.spec.clusterIP}'];
const NODE_ADDRESS =
  '--output=jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}:{.items[0].status.daemonEndpoints.kubeletEndpoint.Port}';
const addresses = new Map<string, string>();

beforeAll(async () => {
  await Promise.all([
    HERE.clear(),
    ELSEWHERE.create(),
    startOutsideHosts([MAIL, PARTNER, API_SERVER, UNKNOWN], OUTSIDE_PORTS),
  ]);
  await apply(applied);
  await Promise.all(
    SOURCES.map(async (place) => {
      addresses.set(place.name, await startProbePod(namespaceOf(place), place.name, place.labels, PORTS));
    }),
  );
  for (const { name, address } of OUTSIDE) if (address) addresses.set(name, address);
  // By its Service: the pods may listen on another port.
  addresses.set('name-server', await kubectl('get', 'service', 'kube-dns', ...CLUSTER_ADDRESS));
});
afterAll(() => Promise.all([HERE.remove(), ELSEWHERE.remove(), stopOutsideHosts()]));

function namespaceOf({ name }: Place): Namespace {
  return name === 'elsewhere' ? ELSEWHERE : HERE;
}

/** What really is reached. */
async function reached(): Promise<boolean[]> {
  const bySource = await Promise.all(
    SOURCES.map((from) => {
      const own = PROBES.filter((probe) => probe.from === from);
      return connections(
        namespaceOf(from),
        from.name,
        own.map(({ to, port }) => [addresses.get(to.name)!, port]),
      );
    }),
  );
  return bySource.flat();
}

/** Whether the report has a connection: by what both ends allow. */
function isReported({ from, to, port }: Probe): boolean {
  const has = (ports: string[]) => ports.some((one) => one === 'all' || one === `TCP ${port}`);
  if (from.pod && to.pod) {
    return facts.connections.some((one) => one.from === from.pod && one.to === to.pod && has(one.ports));
  }
  const isOpen = (side: typeof facts.outgoing, own: Place, other: Place) =>
    own.pod === undefined ||
    side.some(({ pod, selector, ports }) => pod === own.pod && isSelected(selector, other) && has(ports));
  return isOpen(facts.outgoing, from, to) && isOpen(facts.incoming, to, from);
}

function isSelected({ namespaceSelector, podSelector, ipBlock }: any, place: Place): boolean {
  const matches = ({ matchLabels = {} }: any, given: Record<string, string> = {}) =>
    Object.entries(matchLabels).every(([label, value]) => given[label] === value);
  if (ipBlock) return ipBlock.cidr === `${place.address}/32`;
  if (!namespaceSelector && !podSelector) return true;
  return (
    place.address === undefined &&
    matches(namespaceSelector ?? { matchLabels: named(HERE.name) }, place.namespace) &&
    matches(podSelector ?? {}, place.labels)
  );
}

const shown = ({ from, to, port }: Probe) => `${from.name} > ${to.name}:${port}`;

/** Probes that did not end as the report says. */
async function differences(): Promise<string[]> {
  const found = await reached();
  return PROBES.filter((probe, index) => found[index] !== isReported(probe)).map(shown);
}

/** The probes, of which the report has said the same: a row for each position, and for each target its open ports. */
function table(): string[] {
  const rows = SOURCES.map((from) => [
    from.name,
    ...TARGETS.map((to) => {
      if (to === from) return '';
      return to.ports.filter((port) => isReported({ from, to, port })).join(' ') || '-';
    }),
  ]);
  return [['from', ...TARGETS.map(({ name }) => name)], ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

test(`each of ${PROBES.length} connections is there exactly where the report says so`, async () => {
  expect(COMPONENTS.map(({ pod }) => pod)).toEqual(
    expect.arrayContaining([
      'Deployment polls',
      'Deployment polls-worker-default',
      'Deployment polls-beat',
      'StatefulSet polls-db',
      'StatefulSet polls-queue',
    ]),
  );
  expect(PROBES.length).toBeGreaterThan(80);
  const open = PROBES.filter(isReported).map(shown);
  expect(open).toContain('deployment-polls > statefulset-polls-db:5432');
  expect(open).toContain('deployment-polls > mail:587');
  expect(open).not.toContain('deployment-polls > mail:443');
  expect(open).not.toContain('stranger > statefulset-polls-db:5432');
  const isFromWorkers = ({ from: { labels = {} } }: Probe) =>
    /^(worker|beat)/.test(labels['app.kubernetes.io/component'] ?? '');
  const strangers = ({ from }: Probe) => STRANGERS.includes(from);
  const toSearch = PROBES.filter(({ to }) => to.name === 'deployment-search').filter(isReported);
  expect(toSearch.map(({ from }) => from.name)).toEqual([
    'deployment-polls-beat',
    'deployment-polls-worker-default',
  ]);
  expect(toSearch.every(({ port }) => port === 8080)).toBe(true);
  const toPartner = PROBES.filter(({ to }) => to.name === 'partner').filter(isReported);
  expect(toPartner.filter((one) => !strangers(one)).map(shown)).toEqual(
    PROBES.filter(({ to, port }) => to.name === 'partner' && port === 443)
      .filter(isFromWorkers)
      .map(shown),
  );
  // Nobody but those without a policy: not even what asks the API server.
  expect(open.filter((one) => one.includes('unknown:'))).toEqual(
    ['stranger', 'elsewhere'].flatMap((name) => OUTSIDE_PORTS.map((port) => `${name} > unknown:${port}`)),
  );
  expect(open.filter((one) => one.includes('api-server:443'))).toEqual(
    [...COMPONENTS.filter(asksApiServer), ...STRANGERS].map(({ name }) => `${name} > api-server:443`),
  );
  // A policy reaches a new pod within moments.
  await eventually('the network is as the report says', async () => expect(await differences()).toEqual([]));
  table().forEach(print);
});

/** Jobs that make Secrets, and migrations, which ask whether their release is the present one. */
function asksApiServer({ labels }: Place): boolean {
  return ['secret-generator', 'migration'].includes(labels!['app.kubernetes.io/component']);
}

test('the node of a pod is always reached, as the report says of each', async () => {
  const [address, port] = (await kubectl('get', 'nodes', NODE_ADDRESS)).split(':');
  const found = await Promise.all(
    SOURCES.map((from) => connections(namespaceOf(from), from.name, [[address, Number(port)]])),
  );
  expect(found.flat()).toEqual(SOURCES.map(() => true));
  expect(facts.unknown.join(' ')).toContain('own node');
});

test('a policy that is opened by hand is a difference', async () => {
  const database = manifests.find((one) => isPolicy(one) && one.metadata.name === 'polls-db');
  const opened = { ...database, spec: { ...database.spec, ingress: [{}], egress: [{}] } };
  await apply([opened]);
  await eventually('the difference is seen', async () =>
    expect(await differences()).toEqual(
      expect.arrayContaining([
        'stranger > statefulset-polls-db:8080',
        'elsewhere > statefulset-polls-db:5432',
        'statefulset-polls-db > unknown:443',
      ]),
    ),
  );
});
