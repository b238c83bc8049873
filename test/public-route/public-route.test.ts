import { Chart, Duration } from 'cdk8s';
import { DjangoApp, DjangoAppProps, HealthMonitoring, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { SAMPLES, sample } from '../support/distributions';
import { namesOf } from '../support/manifests';
import {
  chartOn,
  configOf,
  django,
  find,
  findAll,
  HOST,
  postgres,
  synth,
  webContainer,
} from '../support/synth';

/** Another release of an application. */
function release(chart: Chart, app: DjangoApp, changes: Partial<DjangoAppProps> = {}): DjangoApp {
  return django(chart, { name: 'polls-canary', secretKey: app.secretKey, ...changes }, 'Canary');
}

/** The manifests of a route alone. */
function routeOf(changes: Partial<PublicRouteProps>, distribution = sample('upstream')): any[] {
  let names: string[] = [];
  const manifests = synth((chart) => {
    const route = new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], ...changes });
    names = route.resources.map(({ kind, name }) => `${kind} ${name}`);
  }, distribution);
  return manifests.filter(({ kind, metadata }) => names.includes(`${kind} ${metadata.name}`));
}

const EXPECTED: Record<string, string[]> = {
  gke: [
    'GCPBackendPolicy polls',
    'Gateway polls',
    'HTTPRoute polls',
    'HTTPRoute polls-redirect',
    'HealthCheckPolicy polls',
  ],
  eks: ['Ingress polls'],
  aks: [
    'Gateway polls',
    'HTTPRoute polls',
    'HTTPRoute polls-redirect',
    'Namespace polls-gateway',
    'ServiceAccount polls-certificate',
  ],
  openshift: ['Route polls'],
  upstream: ['Gateway polls', 'HTTPRoute polls', 'HTTPRoute polls-redirect'],
};

describe.each(SAMPLES)('PublicRoute on $name', ({ name, make }) => {
  it('makes the resources of the distribution', () => {
    expect(namesOf(routeOf({}, make()))).toEqual(EXPECTED[name]);
  });

  it('labels them as the application’s route', () => {
    const labelled = routeOf({}, make()).filter(({ kind }) => kind !== 'Namespace');
    expect(labelled.length).toBeGreaterThan(0);
    for (const { metadata } of labelled) {
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'polls',
        'app.kubernetes.io/instance': 'polls',
        'app.kubernetes.io/component': 'route',
        'app.kubernetes.io/managed-by': 'cdk8s-django',
      });
    }
  });

  it('names every host, and no other', () => {
    const hosts = ['a.example.com', 'b.example.com'];
    const text = JSON.stringify(routeOf({ hosts }, make()));
    for (const host of hosts) expect(text).toContain(`"${host}"`);
    expect(text).not.toContain(HOST);
  });

  it('makes what it always made', () => {
    const manifests = routeOf({}, make());
    expect(manifests.length).toBe(EXPECTED[name].length);
    expect(manifests).toMatchSnapshot();
  });
});

describe('PublicRoute', () => {
  /** Every prop at once, so that a new one has to be added here; `maxRequestBodySize` is for an Ingress alone. */
  type AllProps = Required<Omit<PublicRouteProps, 'maxRequestBodySize'>>;
  const allProps = (chart: Chart, app = django(chart, { port: 9000 })): AllProps => ({
    app,
    hosts: ['a.example.com', 'b.example.com'],
    timeout: Duration.minutes(1),
    websocketTimeout: Duration.minutes(2),
    tlsSecretName: 'wildcard-tls',
    paths: ['/polls'],
    sessionAffinity: false,
    signIn: false,
    maintenance: false,
    maintenanceUrl: 'https://status.example.com/',
    canary: { app: release(chart, app), weight: 25 },
    name: 'front',
  });

  it('says each of its props where the platform reads it', () => {
    const manifests = synth((chart) => new PublicRoute(chart, 'Route', allProps(chart)));
    const route = manifests.find(({ metadata }) => metadata.name === 'front' && metadata.namespace);
    expect(route.kind).toBe('Gateway');
    const https = route.spec.listeners.find(({ protocol }: any) => protocol === 'HTTPS');
    expect(https.tls.certificateRefs).toEqual([{ group: '', kind: 'Secret', name: 'wildcard-tls' }]);
    const { spec } = manifests.find(
      ({ kind, metadata }) => kind === 'HTTPRoute' && metadata.name === 'front',
    );
    expect(spec.hostnames).toEqual(['a.example.com', 'b.example.com']);
    expect(spec.rules[0].timeouts).toEqual({ request: '120s' });
    expect(spec.rules[0].backendRefs).toMatchObject([
      { name: 'polls', port: 9000, weight: 75 },
      { name: 'polls-canary', port: 8000, weight: 25 },
    ]);
  });

  it('gives its resources as a public field', () => {
    const chart = chartOn();
    const { resources } = new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
    resources[0].override({ spec: { infrastructure: { labels: { team: 'a' } } } });
    expect(resources[0].toJson().spec.infrastructure).toEqual({ labels: { team: 'a' } });
  });

  it('leads to the Service of the application by its port’s number', () => {
    const [, route] = routeOf({});
    expect(route.spec.rules[0].backendRefs).toEqual([
      { group: '', kind: 'Service', name: 'polls', port: 8000, weight: 1 },
    ]);
  });

  it('can be made twice with two names', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'One', { app, hosts: ['a.example.com'] });
      new PublicRoute(chart, 'Two', { app, hosts: ['b.example.com'], name: 'two' });
    });
    const gateways = manifests.filter(({ kind }) => kind === 'Gateway');
    expect(gateways.map(({ metadata }) => metadata.name)).toEqual(['polls', 'two']);
  });
});

describe('PublicRoute with a canary', () => {
  const hosts = [HOST, 'www.polls.example.com'];

  /** An application with a database, and a canary of it. */
  function both(changes: Partial<PublicRouteProps> = {}): any[] {
    return synth((chart) => {
      const database = postgres(chart);
      const app = django(chart, { database, cache: { url: 'redis://cache:6379/0' } });
      const canary = release(chart, app, { database, cache: { url: 'redis://cache:6379/0' } });
      const timeout = Duration.seconds(100);
      new PublicRoute(chart, 'Route', {
        app,
        hosts,
        timeout,
        canary: { app: canary, weight: 5 },
        ...changes,
      });
      for (const one of [app, canary]) {
        new HealthMonitoring(chart, `Health-${one.name}`, {
          app: one,
          readiness: { path: '/up' },
        });
      }
    });
  }

  it('tells both releases of hosts, origins and the time of a request', () => {
    const manifests = both();
    for (const name of ['polls', 'polls-canary']) {
      expect(configOf(manifests, name)).toMatchObject({
        CDK8S_DJANGO_ALLOWED_HOSTS: hosts.join(','),
        CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: hosts.map((host) => `https://${host}`).join(','),
        CDK8S_DJANGO_BEHIND_ROUTE: 'true',
      });
      const { terminationGracePeriodSeconds } = find(manifests, 'Deployment', name).spec.template.spec;
      expect(terminationGracePeriodSeconds).toBe(110);
    }
  });

  it('leaves WebSockets open that only the next release serves', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      const next = release(chart, app, { asgiModule: 'mysite.asgi' });
      new PublicRoute(chart, 'Route', { app, hosts, canary: { app: next, weight: 5 } });
    }, sample('openshift'));
    const annotations = findAll(manifests, 'Route').map(({ metadata }) => metadata.annotations);
    for (const one of annotations) expect(one['haproxy.router.openshift.io/timeout-tunnel']).toBe('3600s');
  });

  it('has both read one SECRET_KEY, which one Job makes', () => {
    const manifests = both();
    for (const name of ['polls', 'polls-canary']) {
      const key = webContainer(manifests, name).env.find((it: any) => it.name === 'SECRET_KEY');
      expect(key.valueFrom.secretKeyRef).toEqual({ name: 'polls', key: 'secret-key' });
    }
    const generated = manifests.filter(
      ({ kind, metadata }) => kind === 'Secret' && metadata.name.startsWith('polls-canary'),
    );
    expect(generated).toEqual([]);
  });

  it('takes the checks of health where both have the same path', () => {
    expect(webContainer(both(), 'polls-canary').readinessProbe.httpGet.path).toBe('/up');
  });

  it.each([0, 100])(
    'is one route with a weight of %i: preparing and ending change nothing else',
    (weight) => {
      const routeWith = (share: number) => find(routeAlone(share), 'HTTPRoute', 'polls').spec;
      const { rules, ...rest } = routeWith(weight);
      const { rules: others, ...same } = routeWith(50);
      expect(rest).toEqual(same);
      expect(rules[0].backendRefs.map(({ name }: any) => name)).toEqual(['polls', 'polls-canary']);
      expect({ ...rules[0], backendRefs: [] }).toEqual({ ...others[0], backendRefs: [] });
    },
  );

  function routeAlone(weight: number): any[] {
    return synth((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'Route', { app, hosts, canary: { app: release(chart, app), weight } });
    });
  }
});
