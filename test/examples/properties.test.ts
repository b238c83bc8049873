import fc from 'fast-check';
import { Chart, Duration } from 'cdk8s';
import { DjangoAppProps, HealthMonitoring, PostgresBackend, PublicRoute } from 'cdk8s-django';
import { sample, SAMPLES } from '../support/distributions';
import { configOf, django, find, HOST, IMAGE, synth, webContainer } from '../support/synth';

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
const host = fc.tuple(label, label).map(([a, b]) => `${a}.${b}.example.com`);
const hosts = fc.uniqueArray(host, { minLength: 1, maxLength: 6 });

/** The hosts that the resources of a route name, wherever the platform wants them. */
function routedHosts(manifests: any[]): string[] {
  const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  const gateways = of('Gateway').flatMap(({ spec }) =>
    spec.listeners.filter(({ port }: any) => port === 443).map(({ hostname }: any) => hostname),
  );
  const ingresses = of('Ingress').flatMap(({ spec }) => spec.rules.map((rule: any) => rule.host));
  const routes = of('Route').map(({ spec }) => spec.host);
  return [...gateways, ...ingresses, ...routes].filter(Boolean);
}

describe.each(SAMPLES)('any hosts on $name', ({ make }) => {
  it('are the same in the route, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS and probes', () => {
    fc.assert(
      fc.property(hosts, (list) => {
        const manifests = synth((chart) => {
          new PublicRoute(chart, 'Route', { app: django(chart), hosts: list });
        }, make());
        const {
          CDK8S_DJANGO_ALLOWED_HOSTS: ALLOWED_HOSTS,
          CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: CSRF_TRUSTED_ORIGINS,
        } = configOf(manifests);
        expect(routedHosts(manifests)).toEqual(list);
        expect(ALLOWED_HOSTS.split(',')).toEqual(list);
        expect(CSRF_TRUSTED_ORIGINS.split(',')).toEqual(list.map((one) => `https://${one}`));
        const { httpHeaders } = webContainer(manifests).readinessProbe.httpGet;
        expect(httpHeaders[0].value).toBe(list[0]);
      }),
      { numRuns: 15 },
    );
  });
});

const secretName = fc.stringMatching(/^secret-[a-z0-9]{4}$/);
const secretValue = fc.record({ secretName, key: fc.stringMatching(/^[a-z]{2,8}$/) });

/** Props that are valid, of all kinds that can be combined. */
const props: fc.Arbitrary<Partial<DjangoAppProps>> = fc.record(
  {
    environment: fc.dictionary(fc.stringMatching(/^MY_[A-Z]{1,6}$/), fc.string(), { noNullPrototype: true }),
    secretEnvironment: fc.dictionary(fc.stringMatching(/^KEY_[A-Z]{1,6}$/), secretValue, {
      noNullPrototype: true,
    }),
    secretKey: secretValue,
    scaling: fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 5 }))
      .map(([minReplicas, more]) => ({ minReplicas, maxReplicas: minReplicas + more })),
    processes: fc.integer({ min: 1, max: 64 }),
    port: fc.integer({ min: 1024, max: 65535 }),
    runAsUser: fc.integer({ min: 1, max: 65535 }),
    settingsOverlay: fc.record({ enabled: fc.boolean() }),
    migrate: fc.boolean(),
    migrationDeadline: fc.integer({ min: 60, max: 7200 }).map((seconds) => Duration.seconds(seconds)),
    allowedHosts: hosts,
  },
  { requiredKeys: [] },
);

describe('any valid props', () => {
  const made = (changes: Partial<DjangoAppProps>, distribution: string) =>
    synth((chart: Chart) => {
      const database = PostgresBackend.fromHost(chart, 'Database', {
        host: 'db.example.com',
        database: 'polls',
        user: 'polls',
        password: { secretName: 'secret-database', key: 'password' },
      });
      const app = django(chart, { database, ...changes });
      new PublicRoute(chart, 'Route', { app, hosts: [HOST], timeout: Duration.seconds(45) });
      // Without the overlay a load balancer has to be told of a path.
      if (changes.settingsOverlay?.enabled === false) {
        new HealthMonitoring(chart, 'Health', { app, readiness: { path: '/healthy' } });
      }
    }, sample(distribution));
  const distribution = fc.constantFrom(...SAMPLES.map(({ name }) => name));

  it('give no Secret with data and no variable with a value where a Secret is meant', () => {
    fc.assert(
      fc.property(props, distribution, (changes, name) => {
        const manifests = made(changes, name);
        for (const manifest of manifests.filter(({ kind }) => kind === 'Secret')) {
          expect(manifest).not.toHaveProperty('data');
          expect(manifest).not.toHaveProperty('stringData');
        }
        const secret = ['SECRET_KEY', 'DATABASE_PASSWORD', ...Object.keys(changes.secretEnvironment ?? {})];
        const variables = webContainer(manifests).env.filter((variable: any) =>
          secret.includes(variable.name),
        );
        expect(variables).toHaveLength(secret.length);
        for (const variable of variables) {
          expect(Object.keys(variable).sort()).toEqual(['name', 'valueFrom']);
          expect(Object.keys(configOf(manifests))).not.toContain(variable.name);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('give one port, one image and one sum of times everywhere', () => {
    fc.assert(
      fc.property(props, distribution, (changes, name) => {
        const manifests = made(changes, name);
        const port = changes.port ?? 8000;
        const web = webContainer(manifests);
        const { spec } = find(manifests, 'Deployment', 'polls').spec.template;
        expect(web.ports[0].containerPort).toBe(port);
        expect(web.command[web.command.indexOf('--port') + 1]).toBe(String(port));
        expect(find(manifests, 'Service', 'polls').spec.ports[0].port).toBe(port);
        for (const { image } of [...(spec.initContainers ?? []), ...spec.containers])
          expect(image).toBe(IMAGE);
        const { sleep, exec } = web.lifecycle.preStop;
        const preStop = sleep?.seconds ?? Number(exec.command.at(-1));
        expect(spec.terminationGracePeriodSeconds).toBe(preStop + 45 + 5);
      }),
      { numRuns: 40 },
    );
  });

  it('give every variable once', () => {
    fc.assert(
      fc.property(props, distribution, (changes, name) => {
        const names = webContainer(made(changes, name)).env.map((variable: any) => variable.name);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 40 },
    );
  });
});
