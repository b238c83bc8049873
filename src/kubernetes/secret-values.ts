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
