import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';

export const POSTGRES_PORT = 5432;

/** The name of a role or database that needs no quotes in SQL, URLs and shells. */
export function checkRole(scope: Construct, property: string, value: string): string {
  if (typeof value !== 'string' || !/^[a-z_][a-z0-9_-]{0,62}$/.test(value)) {
    throw new InvalidInputError(scope, {
      property,
      value,
      reason: 'is not a name for a PostgreSQL role or database',
      remedy: 'Use lower-case letters, digits, "_" and "-", a letter first, at most 63',
    });
  }
  return value;
}
