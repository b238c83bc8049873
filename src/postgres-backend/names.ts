import { Construct } from 'constructs';
import { isIP } from 'node:net';
import { checkUnique } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';

/** The name of a role or database that needs no quotes in SQL, URLs and shells. */
export function checkRole(scope: Construct, property: string, value: string): string {
  if (typeof value !== 'string' || !/^[a-z_][a-z0-9_-]{0,62}$/.test(value)) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a name for a PostgreSQL role or database',
      remedy: 'Use lower-case letters, digits, "_" and "-", a letter first, at most 63',
    });
  }
  return value;
}

/** PostgreSQL's NAMEDATALEN, without the byte that ends a name. */
const LONGEST_NAME = 63;
// eslint-disable-next-line no-control-regex -- no name that a program can be given has one
const CONTROL = /[\x00-\x1f\x7f]|\p{Surrogate}/u;

/** The name of a role or database that exists: it may have capitals, blanks, and any other character. */
export function checkExistingRole(scope: Construct, property: string, value: string): string {
  const valid = typeof value === 'string' && value.trim() !== '' && !CONTROL.test(value);
  if (!valid || Buffer.byteLength(value) > LONGEST_NAME || value !== value.trim()) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a name that a PostgreSQL role or database has',
      remedy: `Give the name as \\du or \\l of psql shows it: at most ${LONGEST_NAME} bytes, without blanks around it`,
    });
  }
  return value;
}

/** RFC 952 and 1123, with the "_" and the final "." that resolvers take. */
const SERVER_NAME = /^(?!.*\.\.)[a-z0-9_](?:[-_.a-z0-9]{0,251}[a-z0-9_])?\.?$/i;
const SOCKET_FOLDER = /^\/[-\w./:]+$/;

/** Where a PostgreSQL server is, as libpq takes it: a DNS name, an address, or the folder of a Unix socket. */
export function checkServerHost(scope: Construct, property: string, value: string): string {
  const name = typeof value === 'string' && SERVER_NAME.test(value) && !/(^|\.)\d+\.?$/.test(value);
  const address = typeof value === 'string' && isIP(value) !== 0 && !value.includes('%');
  if (!name && !address && !(typeof value === 'string' && SOCKET_FOLDER.test(value))) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a host that PostgreSQL is found by',
      remedy:
        'Give a DNS name, an IPv4 or IPv6 address without brackets, or the folder of a socket, ' +
        'without scheme, port or path; several servers are for fromUrl',
    });
  }
  return value;
}

/** What people call an extension that has another name. */
const MISNAMED: Record<string, string> = {
  pgcron: 'pg_cron',
  pgtrgm: 'pg_trgm',
  pgvector: 'vector',
  uuid_ossp: 'uuid-ossp',
};

/** An extension that a server makes: its name goes into SQL, in quotes. */
export function checkExtensions(scope: Construct, extensions: string[] = []): string[] {
  for (const extension of extensions) {
    if (Object.hasOwn(MISNAMED, extension)) {
      Problems.report(scope, {
        property: 'extensions',
        value: extension,
        reason: 'is not what PostgreSQL calls this extension',
        remedy: `Use "${MISNAMED[extension]}"`,
      });
    }
    if (typeof extension === 'string' && /^[a-z_][a-z0-9_-]{0,62}$/.test(extension)) continue;
    Problems.report(scope, {
      property: 'extensions',
      value: extension,
      reason: 'is not the name of an extension of PostgreSQL',
      remedy: 'Use lower-case letters, digits, "_" and "-", a letter first, such as "postgis" or "uuid-ossp"',
    });
  }
  return checkUnique(scope, 'extensions', extensions);
}

/** What every new server has, or keeps for itself; and the roles of the exporter and of base backups. */
const OWN_ROLES =
  /^(postgres|public|none|pg_.*|cdk8s_django_metrics|cdk8s_django_backup|cdk8s_django_replica)$/;
const OWN_DATABASES = /^(postgres|template0|template1)$/;

/** Checks that a new server can make a role and a database of these names: it would not be set up a second time. */
export function checkNewNames(
  scope: Construct,
  { user, database }: { user: string; database: string },
): void {
  for (const [property, value, own] of [
    ['user', user, OWN_ROLES],
    ['database', database, OWN_DATABASES],
  ] as const) {
    if (own.test(value)) {
      Problems.report(scope, {
        property,
        value,
        reason: 'is a name that PostgreSQL has or keeps for itself',
        remedy: 'Choose another one, such as "django"',
      });
    }
  }
}
