import { Construct } from 'constructs';
import { checkResourceName, checkSecretKey } from './names';
import { Problems } from './problems';

/** A value that pods read from a Secret. It is never in a manifest. */
export interface SecretValue {
  /** Name of the Secret, in the namespace of the pods. */
  readonly secretName: string;

  /** Key within the Secret. */
  readonly key: string;
}

/** Checks a reference that was written by hand. */
export function checkSecretValue(scope: Construct, property: string, value: SecretValue): SecretValue {
  if (!value) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is needed',
      remedy: 'Give { secretName: "…", key: "…" }, or value("…") of an ExistingSecret or StoredSecret',
    });
  }
  checkResourceName(scope, `${property}.secretName`, value.secretName);
  checkSecretKey(scope, `${property}.key`, value.key);
  return value;
}

/** The keys of the Secrets that values are of, where a construct knows them. */
const KEYS = new WeakMap<SecretValue, string[]>();

/** The keys of the Secret of a value; none when nothing of the program knows them. */
export function keysBeside(value: SecretValue): string[] | undefined {
  return KEYS.get(value);
}

/** The value of a key of a Secret whose keys are known. It reports a key that is none of them. */
export function secretValueOf(
  scope: Construct,
  { name, keys }: { name: string; keys: string[] },
  key: string,
): SecretValue {
  if (!keys.includes(key)) {
    Problems.report(scope, {
      property: 'key',
      value: key,
      reason: `is not a key of Secret "${name}"`,
      remedy: `Use one of its keys (${keys.join(', ')}), or add it to them`,
    });
  }
  const value = { secretName: name, key };
  KEYS.set(value, keys);
  return value;
}
