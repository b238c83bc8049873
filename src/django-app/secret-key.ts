import { Construct } from 'constructs';
import { GeneratedSecret, IPythonImage } from '../capabilities/secrets/generated-secret';
import { SecretValue } from '../capabilities/secrets/secret';
import { InvalidInputError } from '../kubernetes/errors';
import { Selector } from '../kubernetes/labels';

/** An application whose image makes its SECRET_KEY. */
interface KeylessApp extends Construct, IPythonImage {
  readonly name: string;
  readonly selector: Selector;
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
export function generateSecretKey(app: KeylessApp): GeneratedSecret {
  return new GeneratedSecret(app, 'SecretKey', {
    name: app.name,
    selector: app.selector,
    key: 'secret-key',
    kind: 'secret-key',
    python: app,
  });
}
