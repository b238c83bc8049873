import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Distribution, DjangoAppProps, HealthMonitoring, PublicRoute } from 'cdk8s-django';
import { sample } from '../support/distributions';
import {
  configOf,
  django,
  djangoManifests,
  errorOf,
  find,
  HOST,
  postgres,
  startingWith,
  synth,
  webContainer,
} from '../support/synth';

const ONE_GATEWAY = Distribution.upstream({
  gateway: { name: 'edge', namespace: 'infra' },
  routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'infra' },
});
const checksum = (manifests: any[]) =>
  find(manifests, 'Deployment', 'polls').spec.template.metadata.annotations['checksum/config'];

describe('hosts', () => {
  it('are the names of the Service while there is no route', () => {
    const {
      CDK8S_DJANGO_ALLOWED_HOSTS: ALLOWED_HOSTS,
      CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: CSRF_TRUSTED_ORIGINS,
    } = configOf(djangoManifests());
    expect(ALLOWED_HOSTS).toBe('polls,polls.polls,polls.polls.svc');
    expect(CSRF_TRUSTED_ORIGINS).toBeUndefined();
  });

  it('are the name of the Service alone in a chart without a namespace', () => {
    const manifests = synth((chart) => django(chart), sample('upstream'), { namespace: undefined });
    expect(configOf(manifests).CDK8S_DJANGO_ALLOWED_HOSTS).toBe('polls');
  });

  it('are those of the route and no others once there is one', () => {
    const manifests = synth((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST, 'www.example.com'] });
    });
    expect(configOf(manifests)).toMatchObject({
      CDK8S_DJANGO_ALLOWED_HOSTS: 'polls.example.com,www.example.com',
      CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: 'https://polls.example.com,https://www.example.com',
      CDK8S_DJANGO_BEHIND_ROUTE: 'true',
    });
  });

  it('are those of all routes, each once', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'One', { app, hosts: ['a.example.com', 'b.example.com'] });
      const hosts = ['b.example.com', 'c.example.com'];
      new PublicRoute(chart, 'Two', { app, name: 'two', hosts, paths: ['/two'] });
    }, ONE_GATEWAY);
    expect(configOf(manifests).CDK8S_DJANGO_ALLOWED_HOSTS).toBe('a.example.com,b.example.com,c.example.com');
  });

  it('have those of allowedHosts added, which no browser may send forms from', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { allowedHosts: ['polls.polls.svc'] });
      new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
    });
    expect(configOf(manifests).CDK8S_DJANGO_ALLOWED_HOSTS).toBe(`${HOST},polls.polls.svc`);
    expect(configOf(manifests).CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS).toBe(`https://${HOST}`);
  });

  it('are those of allowedHosts alone when there is no route', () => {
    expect(configOf(djangoManifests({ allowedHosts: ['only.internal'] })).CDK8S_DJANGO_ALLOWED_HOSTS).toBe(
      'only.internal',
    );
  });
});

describe('the ConfigMap', () => {
  it('names the overlay as the settings module, and the application’s own to the overlay', () => {
    expect(configOf(djangoManifests())).toMatchObject({
      DJANGO_SETTINGS_MODULE: 'cdk8s_django.settings',
      CDK8S_DJANGO_SETTINGS_MODULE: 'mysite.settings',
    });
  });

  it('names the application’s own settings module without the overlay', () => {
    const data = configOf(djangoManifests({ settingsOverlay: { enabled: false } }));
    expect(data.DJANGO_SETTINGS_MODULE).toBe('mysite.settings');
    expect(data.CDK8S_DJANGO_SETTINGS_MODULE).toBeUndefined();
  });

  it('keeps the same bytes whatever order the variables were given in', () => {
    const one = configOf(djangoManifests({ environment: { A: '1', B: '2' } }));
    const two = configOf(djangoManifests({ environment: { B: '2', A: '1' } }));
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  });

  it('has the paths that only the cluster may ask for', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.addInternalPath('/internal/report');
      new HealthMonitoring(chart, 'Health', { app, metrics: { path: '/metrics' } });
    });
    expect(configOf(manifests).CDK8S_DJANGO_INTERNAL_PATHS).toBe('/internal/report,/metrics');
  });

  it('leaves the pages that probes ask for to everybody [F14]', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      new HealthMonitoring(chart, 'Health', { app, readiness: { path: '/' }, liveness: { path: '/' } });
    });
    expect(configOf(manifests).CDK8S_DJANGO_INTERNAL_PATHS).toBeUndefined();
    expect(configOf(manifests).CDK8S_DJANGO_PROBED_PATHS).toBe('/');
  });

  it('hides a page that probes ask for when the program says so [F14]', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.addInternalPath('/up');
      new HealthMonitoring(chart, 'Health', { app, readiness: { path: '/up' } });
    });
    expect(configOf(manifests).CDK8S_DJANGO_INTERNAL_PATHS).toBe('/up');
    expect(configOf(manifests).CDK8S_DJANGO_PROBED_PATHS).toBeUndefined();
  });

  it('has no path twice', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.addInternalPath('/metrics');
      app.addMetricsPath('/metrics');
    });
    expect(configOf(manifests).CDK8S_DJANGO_INTERNAL_PATHS).toBe('/metrics');
  });

  it('is what all containers of the application read', () => {
    const manifests = synth((chart) => django(chart, { database: postgres(chart) }));
    const web = find(manifests, 'Deployment', 'polls').spec.template.spec;
    const migrate = startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec;
    const containers = [...web.initContainers, ...web.containers, ...migrate.containers];
    expect(containers.map(({ name }) => name)).toEqual(['wait-for-schema', 'web', 'migrate']);
    for (const { envFrom } of containers) expect(envFrom).toEqual([{ configMapRef: { name: 'polls' } }]);
  });
});

describe('the checksum of the pods', () => {
  it('changes with a variable, so that the pods are replaced', () => {
    const before = checksum(djangoManifests());
    expect(checksum(djangoManifests({ environment: { GREETING: 'hello' } }))).not.toBe(before);
  });

  it('changes with a host', () => {
    const withHost = (host: string) =>
      synth((chart) => new PublicRoute(chart, 'Route', { app: django(chart), hosts: [host] }));
    expect(checksum(withHost('a.example.com'))).not.toBe(checksum(withHost('b.example.com')));
  });

  it('stays when only the number of replicas changes', () => {
    expect(checksum(djangoManifests({ replicas: 5 }))).toBe(checksum(djangoManifests()));
  });
});

describe('variables from Secrets', () => {
  it('have the SECRET_KEY and, where there are any, its predecessors', () => {
    const { env } = webContainer(djangoManifests({ secretKey: { secretName: 'keys', key: 'django' } }));
    expect(env).toEqual([
      { name: 'PYTHONPATH', value: '/opt/cdk8s-django' },
      { name: 'SECRET_KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'django' } } },
      {
        name: 'CDK8S_DJANGO_SECRET_KEY_FALLBACKS',
        valueFrom: { secretKeyRef: { name: 'keys', key: 'django-fallbacks', optional: true } },
      },
    ]);
  });

  it('refer to the Secrets of secretEnvironment', () => {
    const { env } = webContainer(
      djangoManifests({ secretEnvironment: { STRIPE_KEY: { secretName: 'stripe', key: 'api-key' } } }),
    );
    expect(env).toContainEqual({
      name: 'STRIPE_KEY',
      valueFrom: { secretKeyRef: { name: 'stripe', key: 'api-key' } },
    });
  });

  it('have the database before what may refer to it', () => {
    const manifests = synth((chart) => django(chart, { database: postgres(chart) }));
    const names = webContainer(manifests).env.map(({ name }: { name: string }) => name);
    expect(names).toEqual([
      'PYTHONPATH',
      'SECRET_KEY',
      'CDK8S_DJANGO_SECRET_KEY_FALLBACKS',
      'DATABASE_HOST',
      'DATABASE_PORT',
      'DATABASE_NAME',
      'DATABASE_USER',
      'DATABASE_PASSWORD',
      'DATABASE_SSL_MODE',
      'DATABASE_URL',
    ]);
  });

  it('never repeat one of the ConfigMap', () => {
    const manifests = synth((chart) =>
      django(chart, { database: postgres(chart), environment: { GREETING: 'hello' } }),
    );
    const inPods = webContainer(manifests).env.map(({ name }: { name: string }) => name);
    const inConfig = Object.keys(configOf(manifests));
    expect(inConfig).toContain('GREETING');
    expect(inPods.filter((name: string) => inConfig.includes(name))).toEqual([]);
  });
});

describe('variables of the runtime', () => {
  const runtime = join(__dirname, '../../src/runtime');
  const [paragraph] = /^A program may set some[^]*?\n\n/m.exec(
    readFileSync(join(runtime, 'README.md'), 'utf8'),
  )!;
  const open = [...paragraph.matchAll(/`(CDK8S_DJANGO_\w+[A-Z])`/g)].map(([, name]) => name);

  it('that a program may set are those that the README of the runtime lists', () => {
    expect(open).toHaveLength(12);
    const environment = Object.fromEntries(open.map((name) => [name, '1']));
    expect(configOf(djangoManifests({ environment }))).toMatchObject(environment);
    const refused = errorOf((chart) => django(chart, { environment: { CDK8S_DJANGO_ASGI: 'true' } }));
    expect(
      refused
        .match(/CDK8S_DJANGO_\w+/g)!
        .slice(1)
        .sort(),
    ).toEqual([...open].sort());
  });

  it.each(open)('has what reads %s', (name) => {
    const folder = join(runtime, 'cdk8s_django');
    const modules = readdirSync(folder).filter((file) => file.endsWith('.py'));
    const reading = modules.filter((file) => readFileSync(join(folder, file), 'utf8').includes(`"${name}"`));
    expect(reading).not.toEqual([]);
  });
});

describe('connections to the database [F23]', () => {
  const isShort = (props: Partial<DjangoAppProps>) => configOf(djangoManifests(props)).CDK8S_DJANGO_ASGI;

  it.each([
    'gevent',
    'eventlet',
    'tornado',
    'asgi',
    'uvicorn.workers.UvicornWorker',
    'uvicorn_worker.UvicornWorker',
    'mysite.workers.Worker',
  ])('do not outlast the request with the worker class %s', (workerClass) => {
    expect(isShort({ workerClass })).toBe('true');
  });

  it.each(['sync', 'gthread', 'gunicorn.workers.gthread.ThreadWorker', undefined])(
    'persist with %s, whose threads do',
    (workerClass) => {
      expect(isShort({ workerClass })).toBeUndefined();
    },
  );
});

describe('variables that begin like those of the library [F13]', () => {
  const variables = [
    ...['DATABASE_URL_REPLICA', 'DATABASE_ENGINE', 'DATABASE_SCHEMA', 'DATABASE_READ_HOST', 'CACHE_TTL'],
    ...['CACHE_URL_SESSIONS', 'CELERY_BROKER_POOL_LIMIT', 'CHANNEL_LAYER_CAPACITY'],
  ];

  it.each(variables)('%s is the application’s', (name) => {
    const queue = { url: 'redis://queue:6379/0' };
    const manifests = synth((chart) => {
      const app = django(chart, {
        database: postgres(chart),
        cache: { url: 'redis://cache:6379/0' },
        channelLayer: { url: 'redis://cache:6379/1' },
        celery: { broker: queue },
        environment: { [name]: 'own' },
      });
      app.addEnvironment(`${name}_2`, 'own too');
    });
    expect(configOf(manifests)).toMatchObject({ [name]: 'own', [`${name}_2`]: 'own too' });
  });
});

describe('lists that applications read in forms of their own [F6]', () => {
  const common = ['ALLOWED_HOSTS', 'CSRF_TRUSTED_ORIGINS', 'SECRET_KEY_FALLBACKS'];
  const routed = (props: Partial<DjangoAppProps>) =>
    synth((chart) => {
      const app = django(chart, props);
      new PublicRoute(chart, 'Route', { app, hosts: ['a.example.com'], tlsSecretName: 'tls' });
    }, sample('upstream'));
  const variablesOf = (manifests: any[]) => [
    ...Object.keys(configOf(manifests)),
    ...find(manifests, 'Deployment', 'polls').spec.template.spec.containers[0].env.map(
      ({ name }: any) => name,
    ),
  ];

  it('have names of the library, which leaves the common ones to the application', () => {
    const variables = variablesOf(routed({}));
    for (const name of common) {
      expect(variables).not.toContain(name);
      expect(variables).toContain(`CDK8S_DJANGO_${name}`);
    }
  });

  it('may be given in the form of the application, with the overlay and without', () => {
    const environment = { ALLOWED_HOSTS: '["a.example.com"]' };
    expect(configOf(routed({ environment }))).toMatchObject({
      ALLOWED_HOSTS: '["a.example.com"]',
      CDK8S_DJANGO_ALLOWED_HOSTS: 'a.example.com',
    });
    const without = routed({ environment, settingsOverlay: { enabled: false } });
    expect(configOf(without).ALLOWED_HOSTS).toBe('["a.example.com"]');
  });

  it('have the common names without the overlay', () => {
    const variables = variablesOf(routed({ settingsOverlay: { enabled: false } }));
    expect(common.filter((name) => !variables.includes(name))).toEqual([]);
  });

  it('hold the origins that the program trusts beside those of the route [F26]', () => {
    expect(configOf(routed({ trustedOrigins: ['https://shop.example.com'] }))).toMatchObject({
      CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: 'https://a.example.com,https://shop.example.com',
    });
  });
});

describe("the visitor's address [F49]", () => {
  const proxies = (props: Partial<DjangoAppProps>, platform: Parameters<typeof sample>[0] = 'upstream') =>
    configOf(
      synth((chart) => {
        const app = django(chart, props);
        new PublicRoute(chart, 'Route', { app, hosts: ['a.example.com'] });
      }, sample(platform)),
    ).CDK8S_DJANGO_TRUSTED_PROXIES;
  const settingsOverlay = { visitorAddress: true };

  it.each([
    ['gke', '2'],
    ['eks', '1'],
    ['aks', '1'],
    ['openshift', '1'],
    ['upstream', '1'],
  ] as const)('is read on %s past %s proxies', (platform, count) => {
    expect(proxies({ settingsOverlay }, platform)).toBe(count);
  });

  it('is not read unless the program asks for it', () => expect(proxies({})).toBeUndefined());

  it('is read past as many proxies as the program says', () => {
    const environment = { CDK8S_DJANGO_TRUSTED_PROXIES: '3' };
    expect(proxies({ settingsOverlay, environment })).toBe('3');
  });
});

describe('a path prefix [F25]', () => {
  const routed = (paths?: string[]) =>
    synth((chart) => {
      const app = django(chart, { pathPrefix: '/app' });
      new PublicRoute(chart, 'Route', { app, hosts: ['a.example.com'], paths, tlsSecretName: 'tls' });
    }, sample('upstream'));
  const pathsOf = (manifests: any[]) =>
    find(manifests, 'HTTPRoute', 'polls').spec.rules.flatMap(({ matches }: any) =>
      matches.map(({ path }: any) => path.value),
    );

  it('is the path of the route, and reaches the settings', () => {
    expect(pathsOf(routed())).toEqual(['/app']);
    expect(configOf(routed()).CDK8S_DJANGO_PATH_PREFIX).toBe('/app');
    expect(pathsOf(routed(['/app', '/other']))).toEqual(['/app', '/other']);
  });

  it('changes nothing about the probes', () => {
    expect(webContainer(routed()).readinessProbe.httpGet.path).toBe('/readyz');
  });
});

it('has a name for the user of all pods, whose number the image may not know [F27]', () => {
  const manifests = synth((chart) => django(chart, { database: postgres(chart) }));
  expect(configOf(manifests)).toMatchObject({ HOME: '/tmp', LOGNAME: 'django', USER: 'django' });
});

describe('the callable of a module [F45]', () => {
  const command = (props: Partial<DjangoAppProps>) => webContainer(djangoManifests(props)).command;

  it.each([
    [{ wsgiModule: 'shop.wsgi:app' }, 'shop.wsgi:app'],
    [{ wsgiModule: 'shop.wsgi' }, 'shop.wsgi:application'],
    [{ asgiModule: 'shop.asgi:app' }, 'shop.asgi:app'],
    [{}, 'mysite.wsgi:application'],
  ])('of %j is %s', (props, served) => expect(command(props)).toContain(served));

  it.each(['shop.wsgi:', ':app', 'shop.wsgi:app:other', 'shop/wsgi.py', 'shop.wsgi:create_app()'])(
    'is refused as "%s"',
    (wsgiModule) =>
      expect(errorOf(() => djangoManifests({ wsgiModule }))).toBe(
        `polls/Polls: wsgiModule "${wsgiModule}" names neither a Python module nor a variable of one. Give its dotted ` +
          'path, such as "mysite.wsgi", or "mysite.wsgi:app" if it has no "application".',
      ),
  );
});
