import { Chart } from 'cdk8s';
import {
  Distribution,
  ExistingSecret,
  IDatabase,
  PostgresBackend,
  StoredSecret,
  ValkeyBackend,
} from 'cdk8s-django';
import { ServerMetrics } from 'cdk8s-django/monitoring';
import { PgBouncer } from 'cdk8s-django/postgres';
import { AzureKeyVaultCsi, PasswordTurns } from 'cdk8s-django/secrets';
import fc from 'fast-check';
import { sample, SAMPLES } from '../support/distributions';
import { django, errorOf, find, postgres, startingWith, synth, webContainer } from '../support/synth';

const SERVERS = ['polls-db', 'polls-cache'];

/** An application with a database and a cache whose passwords have numbers. */
function manifests(
  passwords: PasswordTurns,
  before: (database: PostgresBackend) => IDatabase = (database) => database,
  distribution = sample('upstream'),
  metrics?: ServerMetrics,
): any[] {
  return synth((chart) => {
    const server = { storage: '1Gi', passwords, metrics };
    const database = new PostgresBackend(chart, 'Database', { name: 'polls-db', ...server });
    const cache = new ValkeyBackend(chart, 'Cache', { name: 'polls-cache', ...server });
    django(chart, { database: before(database), cache: cache.database(0) });
  }, distribution);
}

/** All states that a rotation goes through. */
const TURNS = fc
  .record({ number: fc.integer({ min: 1, max: 1000 }), step: fc.constantFrom('rest', 'add', 'switch') })
  .map(({ number, step }): PasswordTurns =>
    step === 'rest'
      ? { accepted: [number], used: number }
      : { accepted: [number, number + 1], used: step === 'add' ? number : number + 1 },
  );

const variables = (all: any[]) =>
  Object.fromEntries(
    webContainer(all).env.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom?.secretKeyRef]),
  );
const keyOf = (number: number) => (number === 1 ? 'password' : `password-${number}`);
const serversOf = (all: any[]) =>
  SERVERS.map((name) => [find(all, 'StatefulSet', name), find(all, 'ConfigMap', name)]);

describe('passwords with numbers', () => {
  it('change by steps of which none changes the pods of the servers', () => {
    const first = serversOf(manifests({ accepted: [1], used: 1 }));
    fc.assert(
      fc.property(TURNS, (turns) => {
        expect(serversOf(manifests(turns))).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });

  it('change no pod of a server with an exporter either, which sees none of them', () => {
    const measured = (turns: PasswordTurns) =>
      serversOf(manifests(turns, undefined, undefined, { image: 'registry.example.com/exporter:1.0.0' }));
    const first = measured({ accepted: [1], used: 1 });
    for (const [{ spec }] of first) {
      const exporter = spec.template.spec.containers.find(({ name }: any) => name === 'exporter');
      expect(JSON.stringify(exporter)).not.toContain('secretKeyRef');
    }
    fc.assert(
      fc.property(TURNS, (turns) => {
        expect(measured(turns)).toEqual(first);
      }),
      { numRuns: 10 },
    );
  });

  it('have pods log in with the one that is used, by the role whose turn it is', () => {
    fc.assert(
      fc.property(TURNS, (turns) => {
        const key = keyOf(turns.used);
        expect(variables(manifests(turns))).toMatchObject({
          DATABASE_USER: turns.used % 2 === 1 ? 'django' : 'django_alternate',
          DATABASE_PASSWORD: { name: 'polls-db', key },
          CACHE_PASSWORD: { name: 'polls-cache', key },
        });
      }),
      { numRuns: 20 },
    );
  });

  it('are made in the Secret of the server, each once, and told to the server by a file', () => {
    const all = manifests({ accepted: [2, 3], used: 2 });
    for (const name of SERVERS) {
      const job = startingWith(all, 'Job', `${name}-secret`).spec.template.spec.containers[0];
      expect(job.command.slice(-3)).toEqual([name, 'password-2=password', 'password-3=password']);
      expect(find(all, 'ConfigMap', `${name}-passwords`).data).toEqual({ accepted: '2 3\n' });
    }
  });

  it('are among the keys that the program says the Secret has', () => {
    const passwords = { accepted: [1, 2], used: 1 };
    const existing = (keys: string[]) => (chart: Chart) => {
      const secret = new ExistingSecret(chart, 'Secret', { name: 'own', keys });
      postgres(chart, { password: secret.value('password'), passwords });
    };
    const stored = (chart: Chart) => {
      const secret = new StoredSecret(chart, 'Secret', {
        name: 'own',
        keys: { password: { secret: 'polls-password' } },
      });
      new ValkeyBackend(chart, 'Cache', { name: 'cache', password: secret.value('password'), passwords });
    };
    const message = (place: string) =>
      `polls/${place}: passwords.accepted "password-2" is the key of one of them, and is not a key of Secret "own" ` +
      '(password). Put that password there, and add its key to the keys of the StoredSecret or ExistingSecret.';
    expect(errorOf(existing(['password']))).toBe(message('Database'));
    expect(errorOf(stored, Distribution.gke({ projectId: 'acme' }))).toBe(message('Cache'));
    expect(synth(existing(['password', 'password-2'])).length).toBeGreaterThan(0);
    // Of a Secret that is written by hand no keys are known.
    const byHand = { secretName: 'own', key: 'password' };
    expect(synth((chart) => postgres(chart, { password: byHand, passwords })).length).toBeGreaterThan(0);
  });

  it.each(SAMPLES)('reach the servers as files alone on $name', ({ make }) => {
    const all = manifests({ accepted: [1, 2], used: 2 }, undefined, make());
    for (const name of SERVERS) {
      const { containers, volumes } = find(all, 'StatefulSet', name).spec.template.spec;
      expect(JSON.stringify(containers)).not.toContain('secretKeyRef');
      expect(containers[0].volumeMounts).toContainEqual({
        name: 'passwords',
        mountPath: '/etc/cdk8s-django/passwords',
        readOnly: true,
      });
      expect(volumes).toContainEqual({
        name: 'passwords',
        projected: {
          sources: [
            { secret: { name, optional: true } },
            {
              configMap: {
                name: `${name}-passwords`,
                items: [{ key: 'accepted', path: 'cdk8s-django/accepted' }],
              },
            },
          ],
        },
      });
    }
  });

  it('are not in the manifests of servers that have one', () => {
    const all = synth((chart) => {
      const database = new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '1Gi' });
      expect(database.passwordsConfigMap).toBeUndefined();
      django(chart, { database });
    });
    expect(all.filter(({ metadata }) => metadata.name.endsWith('-passwords'))).toEqual([]);
    expect(Object.keys(find(all, 'ConfigMap', 'polls-db').data)).not.toContain('logins.sh');
  });

  it('are of a Secret that somebody else makes, by the same rule', () => {
    const password = { secretName: 'own', key: 'db.password' };
    const all = synth((chart) => {
      const passwords = { accepted: [1, 2], used: 2 };
      const options = { name: 'polls-db', storage: '1Gi', password, passwords };
      const database = new PostgresBackend(chart, 'Database', options);
      expect(database.generatedPassword).toBeUndefined();
      django(chart, { database });
    });
    expect(variables(all).DATABASE_PASSWORD).toEqual({ name: 'own', key: 'db.password-2' });
    const script = find(all, 'ConfigMap', 'polls-db').data['logins.sh'];
    expect(script).toContain('echo /etc/cdk8s-django/passwords/db.password-$1');
  });

  it('have the server mount the class of a stored Secret, without which there is none', () => {
    const secrets = new AzureKeyVaultCsi({
      keyVaultName: 'acme',
      tenantId: '00000000-0000-0000-0000-000000000000',
    });
    const distribution = Distribution.aks({
      ...{ keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls' },
      ...{ certificateClientId: '00000000-0000-0000-0000-000000000000', secrets },
      clientIds: { 'secret-store': '00000000-0000-0000-0000-000000000000' },
    });
    const all = synth((chart) => {
      const stored = new StoredSecret(chart, 'Stored', {
        name: 'stored',
        keys: { password: { secret: 'one' }, 'password-2': { secret: 'two' } },
      });
      const password = stored.value('password');
      const passwords = { accepted: [1, 2], used: 1 };
      new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '1Gi', password, passwords });
    }, distribution);
    const { volumeMounts } = find(all, 'StatefulSet', 'polls-db').spec.template.spec.containers[0];
    expect(volumeMounts).toContainEqual({
      name: 'secret-stored',
      mountPath: '/mnt/secrets-store/stored',
      readOnly: true,
    });
  });
});

describe('a PgBouncer in front of such a database', () => {
  const pooled = (passwords: PasswordTurns) =>
    manifests(passwords, (database) => {
      const image = 'registry.example.com/pgbouncer:1.24.1';
      return new PgBouncer(Chart.of(database), 'Pooler', { name: 'polls-pooler', database, image });
    });
  const pooler = (all: any[]) => find(all, 'Deployment', 'polls-pooler').spec.template.spec.containers[0];
  const users = (all: any[]) => find(all, 'ConfigMap', 'polls-pooler').data['start.sh'];

  it('takes both logins during a rotation, whose pools both count', () => {
    const all = pooled({ accepted: [1, 2], used: 2 });
    expect(pooler(all).env).toEqual(
      expect.arrayContaining([
        { name: 'PGUSER', value: 'django_alternate' },
        { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'polls-db', key: 'password-2' } } },
        { name: 'OTHER_PASSWORD', valueFrom: { secretKeyRef: { name: 'polls-db', key: 'password' } } },
      ]),
    );
    expect(users(all)).toContain(
      `printf '"%s" "%s"\\n' "$(quoted "$OTHER_USER")" "$(quoted "$OTHER_PASSWORD")"`,
    );
    expect(users(all)).toContain('unset PGPASSWORD OTHER_PASSWORD');
    expect(variables(all)).toMatchObject({
      DATABASE_USER: 'django_alternate',
      DATABASE_HOST: 'polls-pooler',
    });
  });

  it('takes the remaining one alone before and after', () => {
    for (const turns of [
      { accepted: [1], used: 1 },
      { accepted: [2], used: 2 },
    ]) {
      expect(pooler(pooled(turns)).env.map(({ name }: any) => name)).not.toContain('OTHER_PASSWORD');
      expect(users(pooled(turns))).not.toContain('OTHER_PASSWORD');
    }
  });

  it('needs twice as many connections to the server meanwhile', () => {
    const small = (passwords: PasswordTurns) => () =>
      synth((chart) => {
        const database = new PostgresBackend(chart, 'Database', {
          ...{ name: 'polls-db', storage: '1Gi', passwords, maxConnections: 60 },
        });
        const image = 'registry.example.com/pgbouncer:1.24.1';
        django(chart, {
          database: new PgBouncer(chart, 'Pooler', { name: 'polls-pooler', database, image }),
        });
      });
    expect(small({ accepted: [1], used: 1 })).not.toThrow();
    expect(small({ accepted: [1, 2], used: 1 })).toThrow(/polls-pooler: 4 pods at once × 10 × 2 logins/);
  });
});
