import 'cdk8s-django/testing/jest';
import { Chart } from 'cdk8s';
import { Distribution, DjangoApp, PostgresBackend } from 'cdk8s-django';
import { Backend, backendsOf, environmentOf, manifestsFor, snapshotOf } from 'cdk8s-django/testing';

/** An application with its database, as a platform team has it. */
function shop(image = 'registry.example.com/shop:1.0.0'): any[] {
  return manifestsFor(Distribution.upstream(), (app) => {
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    new DjangoApp(chart, 'Shop', {
      name: 'shop',
      image,
      settingsModule: 'shop.settings',
      database: new PostgresBackend(chart, 'Database', { name: 'shop-db', storage: '5Gi' }),
    });
  });
}

const SHOP = shop();

function deployment(container: object, metadata: object = {}): any {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', ...container }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...metadata },
    spec: { template },
  };
}

function service(ports: object[], selector?: object): any {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector, ports } };
}

describe('environmentOf', () => {
  it('shows where the values of an application come from', () => {
    const environment = environmentOf(SHOP, 'Deployment', 'shop');
    expect(environment.DATABASE_HOST).toBe('shop-db');
    expect(environment.DATABASE_PASSWORD).toBe('Secret shop-db, key password');
    // Of the ConfigMap.
    expect(environment.DJANGO_SETTINGS_MODULE).toBe('cdk8s_django.settings');
  });

  it('shows each kind of value, the later one where two have a name', () => {
    const env = [
      { name: 'TEXT', value: 'a' },
      { name: 'EMPTY' },
      { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'RESOURCE', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
      { name: 'KNOWN', valueFrom: { configMapKeyRef: { name: 'settings', key: 'b' } } },
      { name: 'UNKNOWN', valueFrom: { configMapKeyRef: { name: 'other', key: 'b' } } },
    ];
    const envFrom = [
      { configMapRef: { name: 'settings' }, prefix: 'P_' },
      { configMapRef: { name: 'settings' } },
      { configMapRef: { name: 'other' } },
      { secretRef: { name: 'keys' }, prefix: 'K_' },
    ];
    const settings = { kind: 'ConfigMap', metadata: { name: 'settings' }, data: { TEXT: 'x', b: 'c' } };
    expect(environmentOf([deployment({ env, envFrom }), settings], 'Deployment', 'web')).toEqual({
      P_TEXT: 'x',
      P_b: 'c',
      b: 'c',
      '*': 'ConfigMap other, all keys',
      'K_*': 'Secret keys, all keys',
      TEXT: 'a',
      EMPTY: '',
      FIELD: 'field status.podIP',
      RESOURCE: 'resource limits.memory',
      KNOWN: 'c',
      UNKNOWN: 'ConfigMap other, key b',
    });
  });

  it('takes the container of a name, an init container too', () => {
    expect(environmentOf(SHOP, 'Deployment', 'shop', 'wait-for-schema').DATABASE_HOST).toBe('shop-db');
    expect(environmentOf(SHOP, 'StatefulSet', 'shop-db').POSTGRES_PASSWORD).toBe(
      'Secret shop-db, key password',
    );
  });

  it('takes the first container that stays, of each kind that has pods', () => {
    const pod = {
      initContainers: [{ name: 'first', env: [{ name: 'A', value: 'init' }] }],
      containers: [{ name: 'main', env: [{ name: 'A', value: 'main' }] }],
    };
    const template = { spec: pod };
    const specs = { Pod: pod, Job: { template }, CronJob: { jobTemplate: { spec: { template } } } };
    for (const [kind, spec] of Object.entries(specs)) {
      const manifest = { kind, metadata: { name: 'load' }, spec };
      expect(environmentOf([manifest], kind, 'load')).toEqual({ A: 'main' });
      expect(environmentOf([manifest], kind, 'load', 'first')).toEqual({ A: 'init' });
    }
  });

  it('takes the ConfigMap of the namespace', () => {
    const configMap = (namespace: string) => ({
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace },
      data: { A: namespace },
    });
    const web = deployment({ envFrom: [{ configMapRef: { name: 'settings' } }] }, { namespace: 'b' });
    expect(environmentOf([configMap('a'), configMap('b'), web], 'Deployment', 'web')).toEqual({ A: 'b' });
  });

  it('says which containers there are when there is none of the name', () => {
    expect(() => environmentOf(SHOP, 'Deployment', 'shop', 'nginx')).toThrow(
      'Deployment "shop" has no container named "nginx" (there are: wait-for-schema, web).',
    );
    expect(() => environmentOf(SHOP, 'Service', 'shop')).toThrow(
      'Service "shop" has no container (there are: none).',
    );
  });
});

describe('backendsOf', () => {
  it('has the containers that a Service of an application reaches', () => {
    const web = { servicePort: 8000, workload: 'Deployment/shop', container: 'web', port: 8000 };
    expect(backendsOf(SHOP, 'shop')).toEqual([web]);
    const postgres = {
      servicePort: 5432,
      workload: 'StatefulSet/shop-db',
      container: 'postgres',
      port: 5432,
    };
    expect(backendsOf(SHOP, 'shop-db')).toEqual([postgres]);
  });

  const ports = [{ name: 'http', containerPort: 8000 }];
  it.each([
    ['by number', [{ port: 80, targetPort: 8000 }], 1],
    ['by name', [{ port: 80, targetPort: 'http' }], 1],
    ['by its own number', [{ port: 8000 }], 1],
    ['by a number that no container declares', [{ port: 80 }], 0],
    ['by a name that no container declares', [{ port: 80, targetPort: 'https' }], 0],
  ])('finds a port %s', (_how, servicePorts, count) => {
    const manifests = [deployment({ ports }), service(servicePorts, { app: 'web' })];
    expect(backendsOf(manifests, 'web')).toHaveLength(count);
  });

  it('has pods that nothing of the library makes', () => {
    const metadata = { name: 'own', labels: { app: 'web' } };
    const spec = { containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] };
    const own = [
      { kind: 'Pod', metadata, spec },
      { kind: 'ReplicaSet', metadata, spec: { template: { metadata, spec } } },
    ];
    const reached = backendsOf([service([{ port: 80 }], { app: 'web' }), ...own], 'web');
    expect(reached.map(({ workload }) => workload)).toEqual(['Pod/own', 'ReplicaSet/own']);
  });

  it('has nothing where no pod matches, or in another namespace, or without a selector', () => {
    const one = [{ port: 80, targetPort: 8000 }];
    const other = deployment({ ports }, { namespace: 'b' });
    expect(backendsOf([deployment({ ports }), service(one, { app: 'api' })], 'web')).toEqual([]);
    expect(backendsOf([other, service(one, { app: 'web' })], 'web')).toEqual([]);
    expect(backendsOf([deployment({ ports }), service(one)], 'web')).toEqual([]);
  });
});

describe('snapshotOf', () => {
  const linesOf = (manifests: any[]) => snapshotOf(manifests).split('\n');

  it('changes with another image only where the image stands', () => {
    const before = linesOf(SHOP);
    const after = linesOf(shop('registry.example.com/shop:1.0.1'));
    expect(after).toHaveLength(before.length);
    const changed = after.filter((line, index) => line !== before[index]);
    expect(changed.length).toBeGreaterThan(2);
    expect(changed.filter((line) => !/1\.0\.1/.test(line))).toEqual([]);
  });

  it('has no hash and none of the Python of the library', () => {
    const text = snapshotOf(SHOP);
    expect(text).toContain('name: shop-migrate-<hash>');
    expect(text).toContain('CDK8S_DJANGO_MIGRATION: shop-migrate-<hash>');
    expect(text).toContain('checksum/config: <checksum>');
    expect(text).not.toMatch(/[0-9a-f]{10}\b/);
    expect(text).not.toMatch(/^ *(import|def|class) /m);
    expect(text.length).toBeLessThan(60_000);
  });

  it('does not depend on the order of the manifests, and changes none', () => {
    const copy = structuredClone(SHOP);
    expect(snapshotOf([...SHOP].reverse())).toBe(snapshotOf(SHOP));
    expect(SHOP).toEqual(copy);
  });

  it('leaves names of others as they are', () => {
    const own = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'own-0123456789' } };
    expect(snapshotOf([own])).toContain('name: own-0123456789');
    // A date, and a reference to it.
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'import-2026112801' } };
    const waits = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { for: job.metadata.name },
    };
    expect(snapshotOf([job, waits]).split('import-2026112801')).toHaveLength(3);
  });
});

describe('with Jest', () => {
  const WEB: Backend = { servicePort: 8000, workload: 'Deployment/shop', container: 'web', port: 8000 };

  it('compares variables', () => {
    expect(SHOP).toHaveEnvironment('Deployment', 'shop', { DATABASE_HOST: 'shop-db', DEBUG: undefined });
    expect(SHOP).toHaveEnvironment('Deployment', 'shop', { DATABASE_HOST: 'shop-db' }, 'wait-for-schema');
    expect(SHOP).not.toHaveEnvironment('Deployment', 'shop', { DATABASE_HOST: 'other' });
  });

  it('shows the variables that differ', () => {
    const wrong = () =>
      expect(SHOP).toHaveEnvironment('Deployment', 'shop', { DATABASE_HOST: 'x', DEBUG: 'y' });
    expect(wrong).toThrow(
      /"DATABASE_HOST": "x"[^]*Found: [^]*"DATABASE_HOST": "shop-db",\n {2}"DEBUG": "not there"/,
    );
    const right = () =>
      expect(SHOP).not.toHaveEnvironment('Deployment', 'shop', { DATABASE_HOST: 'shop-db' });
    expect(right).toThrow(/^Not expected: /);
  });

  it('compares what answers at a port', () => {
    expect(SHOP).toServe('shop', WEB);
    expect(SHOP).not.toServe('shop', { ...WEB, port: 8001 });
    expect(() => expect(SHOP).toServe('shop', { ...WEB, servicePort: 80 })).toThrow(/Found: \[\]$/);
  });

  it('writes snapshots for review', () => {
    expect(SHOP.filter(({ kind }) => kind === 'Service')).toMatchInlineSnapshot(`
      apiVersion: v1
      kind: Service
      metadata:
        labels:
          app.kubernetes.io/component: web
          app.kubernetes.io/instance: shop
          app.kubernetes.io/managed-by: cdk8s-django
          app.kubernetes.io/name: shop
        name: shop
        namespace: shop
      spec:
        ports:
          - name: http
            port: 8000
            targetPort: http
        selector:
          app.kubernetes.io/component: web
          app.kubernetes.io/instance: shop
          app.kubernetes.io/name: shop
      ---
      apiVersion: v1
      kind: Service
      metadata:
        labels:
          app.kubernetes.io/component: database
          app.kubernetes.io/instance: shop-db
          app.kubernetes.io/managed-by: cdk8s-django
          app.kubernetes.io/name: postgresql
        name: shop-db
        namespace: shop
      spec:
        ports:
          - name: postgres
            port: 5432
            targetPort: postgres
        selector:
          app.kubernetes.io/component: database
          app.kubernetes.io/instance: shop-db
          app.kubernetes.io/name: postgresql

    `);
  });

  it('leaves other snapshots as they are', () => {
    expect([{ kind: 'other' }]).toMatchInlineSnapshot(`
      [
        {
          "kind": "other",
        },
      ]
    `);
    expect([]).toMatchInlineSnapshot(`[]`);
  });
});
