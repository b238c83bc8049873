import { PostgresBackend, PostgresBackendProps, PostgresHostProps, SslMode } from 'cdk8s-django';
import { IMAGE, postgres } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const HOST_REMEDY =
  'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path.';

describe('a PostgresBackend', () => {
  const server = (
    what: string,
    changes: { [prop in keyof PostgresBackendProps]?: any },
    message: string,
  ): BadInput => ({
    what,
    define: (chart) => postgres(chart, { pythonImage: IMAGE, ...changes }),
    message: `polls/Database: ${message}`,
  });
  const host = (what: string, changes: Partial<PostgresHostProps>, message: string): BadInput => ({
    what,
    define: (chart) =>
      PostgresBackend.fromHost(chart, 'Database', {
        host: 'db.example.com',
        database: 'polls',
        user: 'polls',
        password: { secretName: 'db', key: 'password' },
        ...changes,
      }),
    message: `polls/Database: ${message}`,
  });
  const ROLE_REMEDY = 'Use lower-case letters, digits, "_" and "-", a letter first, at most 63.';

  eachGivesItsMessage([
    server(
      'no size',
      { storage: 'lots' },
      'storage "lots" is not a quantity of bytes. Give a number with a unit such as "512Mi" or "20Gi".',
    ),
    server(
      'a class that there cannot be',
      { storageClassName: 'Bad Name' },
      'storageClassName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    server(
      'a role with a quote',
      { user: "o'brien" },
      `user "o'brien" is not a name for a PostgreSQL role or database. ${ROLE_REMEDY}`,
    ),
    ...['postgres', 'public', 'none', 'pg_polls'].map((user) =>
      server(
        `the role ${user}`,
        { user },
        `user "${user}" is a name that PostgreSQL has or keeps for itself. Choose another one, such as "django".`,
      ),
    ),
    ...['postgres', 'template0', 'template1'].map((database) =>
      server(
        `the database ${database}`,
        { database },
        `database "${database}" is a name that PostgreSQL has or keeps for itself. Choose another one, such as "django".`,
      ),
    ),
    server(
      'an image that changes',
      { image: 'docker.io/library/postgres' },
      'image "docker.io/library/postgres" has no tag, which means "latest". ' +
        'Give an image with a version tag or a digest, such as "registry.example.com/polls:1.4.2".',
    ),
    server(
      'no connections in a pool',
      { poolSize: 0 },
      'poolSize 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    {
      what: 'a password to be made and nobody to make it',
      define: (chart) => postgres(chart),
      message: atSynth(
        '[polls/Database] pythonImage (not given) is needed to make the password, as no application uses the ' +
          'database. Give it, give the password, or give the database to a DjangoApp.',
      ),
    },
    {
      what: 'no URL',
      define: (chart) => PostgresBackend.fromUrl(chart, 'Database', {} as any),
      message:
        'polls/Database: url (not given) is needed. Give { secretName: "…", key: "…" }, or value("…") of an ' +
        'ExistingSecret or StoredSecret.',
    },
    host('a URL for a host', { host: 'https://db' }, `host "https://db" is not a host name. ${HOST_REMEDY}`),
    host(
      'a mode that leaves it to the server',
      { sslMode: 'prefer' as any },
      'sslMode "prefer" is not a mode that says whether the connection is encrypted. ' +
        'Use one of disable, require, verify-ca, verify-full.',
    ),
    host(
      'a check without certificates',
      { sslMode: SslMode.VERIFY_FULL },
      'certificatePath (not given) is needed for sslMode "verify-full". ' +
        'Give the path of the certificates in the image, or "system" with libpq 16 and "verify-full".',
    ),
    ...[undefined, SslMode.REQUIRE, SslMode.VERIFY_CA].map((sslMode) =>
      host(
        `the certificates of the system with ${sslMode}`,
        { sslMode, certificatePath: 'system' },
        `certificatePath "system" is refused by libpq with sslMode "${sslMode ?? 'require'}". ` +
          'Use "verify-full", or give the path of the certificates in the image.',
      ),
    ),
    host(
      'a port that there is not',
      { port: 0 },
      'port 0 is not a whole number from 1 to 65535. Give a whole number from 1 to 65535.',
    ),
    host(
      'a port past the pooler that there is not',
      { directHost: 'direct.example.com', directPort: 65536 },
      'directPort 65536 is not a whole number from 1 to 65535. Give a whole number from 1 to 65535.',
    ),
    host(
      'a port of no server',
      { directPort: 5433 },
      'directPort 5433 is given without directHost. Give directHost, or port for the port of the server itself.',
    ),
    host(
      'a place that is no range',
      { peers: [{ cidr: '10.20.0.0' }] },
      'peers.cidr "10.20.0.0" is not a range of addresses. Give an address and the length of its prefix, such as "10.20.0.0/16".',
    ),
    host('nowhere', { peers: [] }, 'peers [] is empty. Name them, or leave it out to mean anybody.'),
  ]);
});
