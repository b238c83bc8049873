import { Construct } from 'constructs';
import { DEFAULT_USER } from '../workloads/pods';
import { checkImage } from '../kubernetes/images';
import { Selector } from '../kubernetes/labels';
import { addProblems } from '../kubernetes/problems';
import { GeneratedSecret, GeneratedSecretKind } from './generated-secret';
import { IPythonImage } from '../platform/python-image';
import { Architecture } from '../platform/scheduling';

/** What a server's program may say about the image that makes its password. */
export interface PythonProps {
  readonly pythonImage?: string;
  readonly imagePullSecrets?: string[];
  /** The nodes of the server, which the given image then has to run on too. */
  readonly scheduling?: { readonly architecture?: Architecture };
}

/** What the image is needed for. */
interface Need {
  /** As in `is needed to make the password`. */
  readonly purpose: string;
  /** What it is needed by, which no application uses: `database`. */
  readonly server: string;
  /** What one can do when there is none. */
  readonly remedy: string;
}

/** The image that runs Python for a server: given, or that of its first client, once all of them are known. */
export function clientImage(
  scope: Construct,
  clients: IPythonImage[],
  { pythonImage, imagePullSecrets = [], scheduling }: PythonProps,
  { purpose, server, remedy }: Need,
): IPythonImage {
  if (pythonImage !== undefined) checkImage(scope, 'pythonImage', pythonImage);
  addProblems(scope, () => {
    if (pythonImage || clients.length) return [];
    const reason = `is needed ${purpose}, as no application uses the ${server}`;
    return [{ property: 'pythonImage', value: undefined, reason, remedy }];
  });
  return {
    get image() {
      return pythonImage ?? clients[0].image;
    },
    get imagePullSecrets() {
      return pythonImage ? imagePullSecrets : clients[0].imagePullSecrets;
    },
    get architecture() {
      return pythonImage ? scheduling?.architecture : clients[0].architecture;
    },
    get runAsUser() {
      return clients[0]?.runAsUser ?? DEFAULT_USER;
    },
  };
}

/** The passwords of a server, which the image of its first client makes unless another is given. */
export function serverPassword(
  scope: Construct,
  selector: Selector,
  server: string,
  clients: IPythonImage[],
  props: PythonProps,
  [key, ...others]: string[] = ['password'],
): GeneratedSecret {
  const secret = new GeneratedSecret(scope, 'Password', {
    name: selector.instance,
    selector,
    key,
    kind: GeneratedSecretKind.PASSWORD,
    python: clientImage(scope, clients, props, {
      purpose: 'to make the password',
      server,
      remedy: `Give it, give the password, or give the ${server} to a DjangoApp`,
    }),
  });
  others.forEach((other) => secret.addKey(other));
  return secret;
}
