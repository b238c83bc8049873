import { Construct } from 'constructs';
import { IPythonImage } from '../capabilities/secrets/generated-secret';
import { IDatabaseClient } from '../django-app/database';
import { describe } from '../kubernetes/errors';
import { checkImage } from '../kubernetes/images';

/** Where an image with Python comes from. */
export interface PythonSource {
  readonly pythonImage?: string;
  readonly imagePullSecrets?: string[];
}

/** What it is needed for. */
export interface PythonPurpose {
  /** As in "is needed to make the password". */
  readonly purpose: string;
  /** What one can do instead of giving an image. */
  readonly remedy: string;
}

/** The image that is given, or that of the first application, once all are known. At synth it is an error if there is neither. */
export function pythonImage(
  scope: Construct,
  source: PythonSource,
  clients: IDatabaseClient[],
  { purpose, remedy }: PythonPurpose,
): IPythonImage {
  if (source.pythonImage !== undefined) checkImage(scope, 'pythonImage', source.pythonImage);
  const fault = {
    property: 'pythonImage',
    value: undefined,
    reason: `is needed ${purpose}, as no application uses the database`,
    remedy,
  };
  const validate = () => (source.pythonImage || clients.length ? [] : [describe(fault)]);
  scope.node.addValidation({ validate });
  return {
    get image() {
      return source.pythonImage ?? clients[0].image;
    },
    get imagePullSecrets() {
      return source.pythonImage ? (source.imagePullSecrets ?? []) : clients[0].imagePullSecrets;
    },
    get runAsUser() {
      return clients[0]?.runAsUser ?? 1000;
    },
  };
}
