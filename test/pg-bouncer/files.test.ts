import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { SslMode } from 'cdk8s-django';
import { poolerConfiguration, startScript } from '../../src/pg-bouncer/configuration';

const OPTIONS = { poolSize: 20, maxConnections: 1000, certificate: true };
const SERVER = { host: 'db.example.com', port: 5432, database: 'polls', user: 'polls' };

const runtimeFile = (name: string) => readFileSync(`${__dirname}/../runtime/pooler/${name}`, 'utf8');

describe('the files of a pooler are those that the tests of the runtime start a PgBouncer with', () => {
  it('its configuration', () => {
    const server = {
      ...SERVER,
      database: `it's "odd" = a name`,
      sslMode: SslMode.VERIFY_FULL,
      certificatePath: '/certificates/ca.crt',
    };
    expect(poolerConfiguration({ ...OPTIONS, server })).toBe(runtimeFile('pgbouncer.ini'));
  });

  it('its start', () => {
    expect(startScript(true)).toBe(runtimeFile('start.sh'));
  });
});

it('a configuration has a line for each database, whatever its name is', () => {
  const characters = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => !/\p{C}/u.test(name));
  const names = fc.oneof(characters, fc.stringMatching(/^[a-z_][a-z0-9_-]{0,62}$/));
  fc.assert(
    fc.property(names, (database) => {
      const ini = poolerConfiguration({ ...OPTIONS, server: { ...SERVER, database } });
      const [, line] = ini.split('\n');
      const [, key, value] = /^(\S+) = host='db.example.com' port=5432 dbname='((?:[^']|'')*)'$/u.exec(line)!;
      // What PgBouncer's parser takes as a name.
      expect(key).toBe(/^[a-zA-Z0-9_.-]+$/.test(database) ? database : '*');
      expect(value.replaceAll("''", "'")).toBe(database);
    }),
  );
});

it('neither the start nor the configuration has what Flux takes for a variable', () => {
  for (const certificate of [true, false]) {
    expect(startScript(certificate)).not.toMatch(/\$\{|\$\$/);
    expect(poolerConfiguration({ ...OPTIONS, server: SERVER, certificate })).not.toMatch(/\$/);
  }
});
