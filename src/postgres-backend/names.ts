import { Construct } from 'constructs';
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

/** What every new server has, or keeps for itself. */
const OWN_ROLES = /^(postgres|public|none|pg_.*)$/;
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
