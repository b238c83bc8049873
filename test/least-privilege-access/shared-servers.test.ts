import {
  ConnectionPart,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackend,
  ValkeyBackend,
} from 'cdk8s-django';
import { PgBouncer } from 'cdk8s-django/postgres';
import { ValkeySentinel } from 'cdk8s-django/valkey';
import { SAMPLES } from '../support/distributions';
import { django, findAll, postgres, synth } from '../support/synth';

/** All servers that the library makes, with all that has a network policy of its own. */
function policiesOf(count: number, make: () => IDistribution): string[] {
  const manifests = synth((chart) => {
    const server = postgres(chart, { archive: {}, metrics: {} });
    const database = new PgBouncer(chart, 'Pooler', {
      name: 'polls-pooler',
      database: server,
      image: 'registry.example.com/pgbouncer:1.24.1',
    });
    const other = new PostgresBackend(chart, 'Other', {
      ...{ name: 'other', storage: '20Gi' },
      ...{ archive: {}, readReplicas: {}, metrics: {} },
    });
    const cache = new ValkeyBackend(chart, 'Cache', { name: 'polls-cache', metrics: {} });
    const queue = new ValkeySentinel(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });
    for (let number = 0; number < count; number += 1) {
      const app = django(
        chart,
        {
          name: `polls-${number}`,
          database,
          cache: cache.database(0),
          celery: { redisSentinel: queue.broker(0) },
        },
        `Polls${number}`,
      );
      app.addDatabaseEnvironment('OTHER_URL', other, ConnectionPart.URL);
      new LeastPrivilegeAccess(chart, `Access${number}`, { app });
    }
  }, make());
  return findAll(manifests, 'NetworkPolicy')
    .map(({ metadata }) => metadata.name)
    .filter((name) => !/^polls-\d/.test(name))
    .sort();
}

test.each(SAMPLES)('applications share servers whose network is restricted once on $name', ({ make }) => {
  const alone = policiesOf(1, make);
  expect(alone).toEqual(
    expect.arrayContaining([
      'polls-db-base-backup',
      'other-ro',
      'polls-pooler',
      'polls-cache',
      'polls-queue',
    ]),
  );
  expect(policiesOf(3, make)).toEqual(alone);
});
