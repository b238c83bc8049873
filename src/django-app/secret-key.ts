import { Construct } from 'constructs';
import { GeneratedSecret, GeneratedSecretKind } from '../secrets/generated-secret';
import { InvalidInputError } from '../kubernetes/errors';
import { Selector } from '../kubernetes/labels';
import { Problems } from '../kubernetes/problems';
import { DjangoAppProps } from './django-app-props';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { IPythonImage } from '../platform/python-image';

/** What the key of older keys ends in, after that of the SECRET_KEY. */
const FALLBACKS = '-fallbacks';
const LONGEST_KEY = 253 - FALLBACKS.length;

/** Where the keys are that signed what is still valid. */
export function fallbacksOf({ secretName, key }: SecretValue): SecretValue {
  return { secretName, key: `${key}${FALLBACKS}` };
}

/** Checks a SECRET_KEY that was given. */
export function checkOwnKey(scope: Construct, secretKey: SecretValue): void {
  checkSecretValue(scope, 'secretKey', secretKey);
  if (secretKey.key.length <= LONGEST_KEY) return;
  Problems.report(scope, {
    property: 'secretKey.key',
    value: secretKey.key,
    reason: `has ${secretKey.key.length} characters, and the one of older keys also ends in "${FALLBACKS}"`,
    remedy: `Use at most ${LONGEST_KEY}`,
  });
}

/** An application whose image makes its SECRET_KEY. */
interface KeylessApp extends Construct, IPythonImage {
  readonly selector: Selector;
  readonly secretKey: SecretValue;
}

/** Where the SECRET_KEY of an application is: where the program says, or in a Secret of the application's name. */
export function secretKeyOf({ name, secretKey }: DjangoAppProps): SecretValue {
  return secretKey ?? { secretName: name, key: 'secret-key' };
}

/** The error for the rotation of a SECRET_KEY that the library did not make. */
export function refuseRotation(scope: Construct, secretKey: SecretValue): never {
  throw new InvalidInputError(scope, {
    property: 'secretKey',
    value: secretKey,
    reason: 'is not made by the library, which therefore cannot rotate it',
    remedy:
      'Leave secretKey out, or rotate it where it is made: older keys belong in its Secret as a second key',
  });
}

/** The SECRET_KEY of an application that was given none. */
export function generateSecretKey(app: KeylessApp, pythonImage: string = app.image): GeneratedSecret {
  const { secretName: name, key } = app.secretKey;
  const { imagePullSecrets, runAsUser, architecture } = app;
  return new GeneratedSecret(app, 'SecretKey', {
    name,
    selector: app.selector,
    key,
    kind: GeneratedSecretKind.SECRET_KEY,
    python: { image: pythonImage, imagePullSecrets, runAsUser, architecture },
  });
}
