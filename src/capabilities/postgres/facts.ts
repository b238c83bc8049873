import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { StoredValue } from '../../platform/secrets';
import { StoredSecret } from '../../secrets/stored-secret';
import { SecretValue } from '../../kubernetes/secret-values';
import { DatabaseRequest } from '../../platform/postgres';

/** The fact about a backend, by its name. */
export function factOf<Fact>(
  scope: Construct,
  { name }: DatabaseRequest,
  facts: { [backend: string]: Fact },
  property: string,
): Fact {
  if (Object.hasOwn(facts, name)) return facts[name];
  throw new InvalidInputError(scope, {
    property: 'name',
    value: name,
    reason: `is not among the distribution's postgres.${property}`,
    remedy: `Add it to them: { ${JSON.stringify(name)}: { … } }`,
  });
}

/** The password of a role: the program's, or the one in the platform's secret store. */
export function passwordOf(
  scope: Construct,
  { name, password }: DatabaseRequest,
  stored?: StoredValue,
): SecretValue {
  if (password) return password;
  if (!stored) {
    throw new InvalidInputError(scope, {
      property: 'password',
      value: password,
      reason: 'is needed, because the server is not one that the library makes',
      remedy: 'Give it, or give the distribution its name in the secret store as password: { secret: "…" }',
    });
  }
  return new StoredSecret(scope, 'Password', { name, keys: { password: stored } }).value('password');
}
