import { App, Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  DjangoAppProps,
  IDistribution,
  PublicRoute,
  PublicRouteProps,
} from 'cdk8s-django';
import { ContourRouting } from 'cdk8s-django/routing';
import { sample, SAMPLES } from '../support/distributions';
import { django, HOST, postgres, synth } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const HOST_REMEDY =
  'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path.';
const RESOURCE_NAME_REMEDY =
  'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.';

describe('a PublicRoute', () => {
  const route = (
    what: string,
    changes: { [prop in keyof PublicRouteProps]?: any },
    message: string,
    distribution = sample('upstream'),
  ): BadInput => ({
    what,
    define: (chart) => new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], ...changes }),
    message: `polls/Route: ${message}`,
    distribution,
  });

  eachGivesItsMessage([
    route(
      'no host',
      { hosts: [] },
      'hosts [] names no host. Give at least one DNS name, such as ["polls.example.com"].',
    ),
    route('a host twice', { hosts: [HOST, HOST] }, `hosts "${HOST}" is given twice. Remove one of them.`),
    route(
      'a scheme',
      { hosts: ['https://polls.example.com'] },
      `hosts "https://polls.example.com" is not a host name. ${HOST_REMEDY}`,
    ),
    route('an address', { hosts: ['192.0.2.1'] }, `hosts "192.0.2.1" is an IP address. ${HOST_REMEDY}`),
    route(
      'a long label',
      { hosts: [`${'a'.repeat(64)}.com`] },
      `hosts "${'a'.repeat(64)}.com" has a label of over 63 characters. ${HOST_REMEDY}`,
    ),
    route(
      'hosts whose listeners would have one name',
      { hosts: [HOST, 'h3932.example.com', 'h15150.example.com'] },
      'hosts "h15150.example.com" and "h3932.example.com" would have listeners of the same name, "https-o52d8". ' +
        'Give one of them a PublicRoute of its own, with a name.',
    ),
    route(
      'hosts whose HTTPProxies would have one name',
      { hosts: [HOST, 'h3932.example.com', 'h15150.example.com'] },
      'hosts "h15150.example.com" and "h3932.example.com" would have resources of the same name, "polls-o52d8". ' +
        'Give one of them a PublicRoute of its own, with a name.',
      Distribution.upstream({ routing: new ContourRouting({ clusterIssuer: 'letsencrypt' }) }),
    ),
    route(
      'places whose Routes would have one name',
      { hosts: [HOST, 'h1644.example.com', 'h5622.example.com'] },
      'hosts "h5622.example.com/" and "h1644.example.com/" would have resources of the same name, "polls-p7fi3". ' +
        'Give one of them a PublicRoute of its own, with a name.',
      Distribution.openshift(),
    ),
    route(
      'no application',
      { app: undefined },
      'app (not given) is needed. Give the DjangoApp that the hosts lead to.',
    ),
    route(
      'a timeout that no load balancer keeps',
      { timeout: Duration.hours(2) },
      'timeout 7200 is not a whole number of seconds from 1 to 3600. Give a whole number of seconds from 1 to 3600.',
    ),
    route(
      'part of a second',
      { timeout: Duration.millis(1500) },
      'timeout 1.5 is not a whole number of seconds from 1 to 3600. Give a whole number of seconds from 1 to 3600.',
    ),
    route(
      'WebSockets that last no time',
      { websocketTimeout: Duration.seconds(0) },
      'websocketTimeout 0 is not a whole number of seconds from 1 to 3600. Give a whole number of seconds from 1 to 3600.',
    ),
    route(
      'a Secret that there cannot be',
      { tlsSecretName: 'TLS' },
      `tlsSecretName "TLS" is not a name that Kubernetes takes. ${RESOURCE_NAME_REMEDY}`,
    ),
    route(
      'no certificate on GKE',
      {},
      'tlsSecretName (not given) is needed where there is no certificate map. ' +
        'Give it, or name the map: Distribution.gke({ certificateMap: "polls" }).',
      Distribution.gke(),
    ),
    route(
      'a Secret on EKS',
      { tlsSecretName: 'polls-tls' },
      'tlsSecretName "polls-tls" cannot be used: an Application Load Balancer takes its certificate from ACM. ' +
        'Leave it out, and have the certificate in ACM or name it: Distribution.eks({ certificateArn: "arn:…" }).',
      Distribution.eks(),
    ),
    route(
      'no certificate on AKS',
      {},
      'tlsSecretName (not given) is needed where no Key Vault certificate is given. ' +
        'Give it, or both Distribution.aks({ keyVaultCertificateUri: "…", certificateClientId: "…" }).',
      Distribution.aks({ keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls' }),
    ),
    route(
      'no certificate upstream',
      {},
      'tlsSecretName (not given) is needed where no issuer makes certificates. ' +
        'Give it, or name the ClusterIssuer: Distribution.upstream({ clusterIssuer: "letsencrypt" }).',
      Distribution.upstream(),
    ),
    {
      ...route(
        'AKS without a namespace',
        {},
        'namespace (not given) of the chart is needed to name that of the Gateway. ' +
          'Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" }).',
        sample('aks'),
      ),
      chart: { namespace: undefined },
    },
  ]);
});

describe('two routes of one host', () => {
  const define = (paths?: string[]) => (chart: Chart) => {
    new PublicRoute(chart, 'One', { app: django(chart), hosts: [HOST] });
    const blog = django(chart, { name: 'blog' }, 'Blog');
    new PublicRoute(chart, 'Two', { app: blog, hosts: ['blog.example.com', HOST], paths });
  };
  const contour = Distribution.upstream({ routing: new ContourRouting({ clusterIssuer: 'letsencrypt' }) });

  eachGivesItsMessage([
    ...SAMPLES.map(({ name, make }) => ({
      what: `and one path, on ${name}`,
      define: define(),
      message:
        `polls/Two: hosts "${HOST}" leads elsewhere from "/" by the route at polls/One. ` +
        'Give one of them another host or path.',
      distribution: make(),
    })),
    {
      what: 'and different paths, by HTTPProxies',
      define: define(['/blog']),
      message:
        `polls/Two: hosts "${HOST}" is a host of the route at polls/One too, and this router takes one route of a host. ` +
        'Give one of them another host, or the distribution another routing, such as UpstreamGatewayRouting.',
      distribution: contour,
    },
  ]);

  const own = (what: string, distribution: IDistribution, remedy: string) => ({
    what: `and different paths, where each route has an address: ${what}`,
    define: define(['/blog']),
    message:
      `polls/Two: hosts "${HOST}" is a host of the route at polls/One too, ` +
      `each route has an address of its own, and a host has one. ${remedy}.`,
    distribution,
  });
  const oneGateway = (call: string) =>
    `Attach both to one Gateway with a listener for the host: ${call}({ gateway: { name: "…", namespace: "…" } })`;
  const ONE_BALANCER = 'Have both share a load balancer: Distribution.eks({ groupName: "…" })';

  it.each(SAMPLES)('are not two when the first was taken out, on $name', ({ make }) => {
    const hosts = [HOST];
    const withOne = synth((chart) => new PublicRoute(chart, 'Two', { app: django(chart), hosts }), make());
    const afterOther = synth((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'One', { app, hosts });
      chart.node.tryRemoveChild('One');
      new PublicRoute(chart, 'Two', { app, hosts });
    }, make());
    expect(afterOther.map(({ kind }) => kind)).toEqual(withOne.map(({ kind }) => kind));
  });

  describe('[F18]', () => {
    eachGivesItsMessage([
      own('upstream', sample('upstream'), oneGateway('Distribution.upstream')),
      own('GKE', sample('gke'), oneGateway('Distribution.gke')),
      own('AKS', sample('aks'), oneGateway('Distribution.aks')),
      own('EKS', sample('eks'), ONE_BALANCER),
      own('EKS Auto Mode', Distribution.eks({ autoMode: true }), ONE_BALANCER),
    ]);

    const gateway = { name: 'edge', namespace: 'infra' };
    const shared = {
      upstream: Distribution.upstream({ gateway, gatewayClassName: 'istio' }),
      gke: Distribution.gke({ gateway }),
      aks: Distribution.aks({ gateway }),
      eks: Distribution.eks({ groupName: 'shop' }),
      openshift: Distribution.openshift(),
    };
    it.each(Object.entries(shared))('have one address on %s', (name, distribution) => {
      const manifests = synth(define(['/blog']), distribution);
      const parents = manifests.flatMap(({ spec }) => spec?.parentRefs ?? []);
      expect(manifests.filter(({ kind }) => kind === 'Gateway')).toEqual([]);
      parents.forEach((parent) => expect(parent).toMatchObject(gateway));
      if (name !== 'eks') return;
      const annotation = (key: string) =>
        manifests
          .filter(({ kind }) => kind === 'Ingress')
          .map(({ metadata }) => metadata.annotations[`alb.ingress.kubernetes.io/${key}`]);
      expect(annotation('group.name')).toEqual(['shop', 'shop']);
      // The rule of "/" is tried last.
      expect(annotation('group.order')).toEqual(['500', '499']);
    });
  });

  it('may be on two distributions', () => {
    const app = new App();
    for (const name of ['one', 'two']) {
      const chart = new Chart(app, name);
      Distribution.bind(chart, Distribution.openshift());
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
    }
    expect(app.synthYaml()).toContain(HOST);
  });
});

describe('a canary', () => {
  type Releases = { app?: Partial<DjangoAppProps>; other?: Partial<DjangoAppProps>; weight?: any };

  /** A route to two releases that have the same state but for what is given. */
  const canary = (
    what: string,
    { app = {}, other = {}, weight = 10 }: Releases,
    message: string,
  ): BadInput => ({
    what,
    define: (chart) => {
      const first = django(chart, app);
      const second = django(chart, { name: 'polls-canary', secretKey: first.secretKey, ...other }, 'Canary');
      new PublicRoute(chart, 'Route', { app: first, hosts: [HOST], canary: { app: second, weight } });
    },
    message: `polls/Route: ${message}`,
    distribution: sample('gke'),
  });
  const alone = (what: string, other: (app: DjangoApp) => any, message: string): BadInput => ({
    what,
    define: (chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: other(app), weight: 10 } });
    },
    message: `polls/Route: ${message}`,
  });
  const SECOND = 'Give a second DjangoApp: of another name, with the image of the other release.';
  const media = { mountPath: '/media', size: '1Gi', storageClassName: 'nfs' };
  const bucket = (name: string) => ({ mediaBucket: { name, publicRead: true } });

  eachGivesItsMessage([
    alone('no application', () => undefined, `canary.app (not given) is needed. ${SECOND}`),
    alone('the application itself', (app) => app, `canary.app "polls" is the application itself. ${SECOND}`),
    canary(
      'a weight of more than all',
      { weight: 101 },
      'canary.weight 101 is not a whole number from 0 to 100. Give a whole number from 0 to 100.',
    ),
    canary(
      'a part of a percent',
      { weight: 0.5 },
      'canary.weight 0.5 is not a whole number from 0 to 100. Give a whole number from 0 to 100.',
    ),
    canary(
      'no weight',
      { weight: null },
      'canary.weight null is not a whole number from 0 to 100. Give a whole number from 0 to 100.',
    ),
    canary(
      'another SECRET_KEY',
      { other: { secretKey: undefined } },
      'canary.app "polls-canary" has another SECRET_KEY than "polls", and would not know its sessions. Give it that ' +
        'of the DjangoApp "polls", which has it as a field: secretKey: app.secretKey.',
    ),
    canary(
      'another key of the same Secret',
      { other: { secretKey: { secretName: 'polls', key: 'other' } } },
      'canary.app "polls-canary" has another SECRET_KEY than "polls", and would not know its sessions. Give it that ' +
        'of the DjangoApp "polls", which has it as a field: secretKey: app.secretKey.',
    ),
    canary(
      'another cache',
      { app: { cache: { url: 'redis://a' } }, other: { cache: { url: 'redis://b' } } },
      'canary.app "polls-canary" has another cache than "polls", where sessions may be. Give both the same cache.',
    ),
    canary(
      'no cache where there is one',
      { app: { cache: { url: 'redis://a' } } },
      'canary.app "polls-canary" has another cache than "polls", where sessions may be. Give both the same cache.',
    ),
    canary(
      'another broker',
      {
        app: { celery: { broker: { url: 'redis://a' } } },
        other: { celery: { broker: { url: 'redis://b' } } },
      },
      'canary.app "polls-canary" has another broker than "polls": what one release sends would not reach the other. ' +
        'Give both the same broker.',
    ),
    canary(
      'another beginning of the keys in the broker',
      {
        app: { celery: { broker: { url: 'redis://a' }, keyPrefix: 'polls:' } },
        other: { celery: { broker: { url: 'redis://a' } } },
      },
      'canary.app "polls-canary" has another broker than "polls": what one release sends would not reach the other. ' +
        'Give both the same broker.',
    ),
    canary(
      'another database of the same Sentinels',
      {
        app: { celery: { redisSentinel: { sentinels: ['a:26379'], primaryName: 'main' } } },
        other: { celery: { redisSentinel: { sentinels: ['a:26379'], primaryName: 'main', database: 1 } } },
      },
      'canary.app "polls-canary" has another broker than "polls": what one release sends would not reach the other. ' +
        'Give both the same broker.',
    ),
    canary(
      'another path',
      { app: { pathPrefix: '/polls' } },
      'canary.app "polls-canary" is at the path /, and "polls" at /polls: a route sends both the same paths. Give both ' +
        'the same pathPrefix.',
    ),
    canary(
      'another channel layer',
      { app: { channelLayer: { url: 'redis://a' } }, other: { channelLayer: { url: 'redis://b' } } },
      'canary.app "polls-canary" has another channel layer than "polls": what one release sends would not reach the ' +
        'other. Give both the same channel layer.',
    ),
    canary(
      'volumes of uploaded files',
      { app: { media }, other: { media } },
      'canary.app "polls-canary" does not share uploaded files with "polls": each has a volume of its own for media. ' +
        'Give both the same mediaBucket instead of media.',
    ),
    canary(
      'another bucket',
      { app: bucket('acme-media'), other: bucket('acme-other') },
      'canary.app "polls-canary" keeps uploaded files in another place than "polls". Give both the same mediaBucket.',
    ),
    {
      what: 'another database',
      define: (chart) => {
        const app = django(chart, { database: postgres(chart) });
        const other = django(chart, { name: 'polls-canary', secretKey: app.secretKey }, 'Canary');
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: other, weight: 10 } });
      },
      message:
        'polls/Route: canary.app "polls-canary" has another database than "polls". Give both the same database.',
    },
    {
      what: 'another path of health',
      define: (chart) => {
        const app = django(chart);
        const other = django(chart, { name: 'polls-canary', secretKey: app.secretKey }, 'Canary');
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: other, weight: 10 } });
        other.changeProbes({ readiness: { path: '/up' } });
      },
      message: atSynth(
        '[polls/Route] canary.app "polls-canary" is healthy at /up, and "polls" at /readyz: a route has one path for ' +
          'both. Give both the same readiness path, with a HealthMonitoring for each.',
      ),
    },
    {
      what: 'a second beat',
      define: (chart) => {
        const celery = { broker: { url: 'redis://queue.example.com/0' } };
        const app = django(chart, { celery });
        const other = django(chart, { name: 'polls-canary', secretKey: app.secretKey, celery }, 'Canary');
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: other, weight: 10 } });
        app.addCeleryBeat();
        other.addCeleryBeat();
      },
      message: atSynth(
        '[polls/Route] canary.app "polls-canary" has a beat, and "polls" has one: each scheduled task would be sent ' +
          'twice. Add the beat to one of them.',
      ),
    },
    {
      what: 'workers that bring back the tasks of the other release while they run',
      define: (chart) => {
        const celery = { broker: { url: 'redis://queue.example.com/0' } };
        const app = django(chart, { celery });
        const other = django(chart, { name: 'polls-canary', secretKey: app.secretKey, celery }, 'Canary');
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: other, weight: 10 } });
        app.addCeleryWorker({ name: 'reports', taskTimeLimit: Duration.hours(2) });
        other.addCeleryWorker({ name: 'default' });
      },
      message: atSynth(
        '[polls/Route] canary.app "polls-canary" brings tasks back after 3600 s, and "polls" after 7220 s: the workers ' +
          'of one would run again what those of the other still run. Give both celery.visibilityTimeout ' +
          'Duration.seconds(7220).',
      ),
    },
    {
      what: 'another namespace',
      define: (chart) => {
        const elsewhere = new Chart(chart, 'Elsewhere', { namespace: 'elsewhere' });
        const app = django(chart);
        const other = django(elsewhere, { name: 'polls-canary', secretKey: app.secretKey }, 'Canary');
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: other, weight: 10 } });
      },
      message:
        'polls/Route: canary.app "polls/Elsewhere/Canary" is in namespace "elsewhere", and this is in "polls". Make both ' +
        'in charts of one namespace.',
    },
  ]);
});
