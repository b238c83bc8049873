import { Construct } from 'constructs';
import { GeneratedSecret, IPythonImage } from '../capabilities/secrets/generated-secret';
import { Selector } from '../kubernetes/labels';

/** An application whose image makes its SECRET_KEY. */
interface KeylessApp extends Construct, IPythonImage {
  readonly name: string;
  readonly selector: Selector;
}

/** The SECRET_KEY of an application that was given none. */
export function generateSecretKey(app: KeylessApp): GeneratedSecret {
  return new GeneratedSecret(app, 'SecretKey', {
    name: app.name,
    instance: app.selector,
    key: 'secret-key',
    kind: 'secret-key',
    python: app,
  });
}
