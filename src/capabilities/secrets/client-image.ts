import { Construct } from 'constructs';
import { describe } from '../../kubernetes/errors';
import { checkImage } from '../../kubernetes/images';
import { IPythonImage } from './generated-secret';

/** What a server's program may say of the image that makes its password. */
interface PythonProps {
  readonly pythonImage?: string;
  readonly imagePullSecrets?: string[];
}

/** The image that makes a server's password, asked for when all of its clients are known: the first client's. */
export function clientImage(
  scope: Construct,
  clients: IPythonImage[],
  { pythonImage, imagePullSecrets = [] }: PythonProps,
  server: string,
): IPythonImage {
  if (pythonImage !== undefined) checkImage(scope, 'pythonImage', pythonImage);
  const validate = () => {
    if (pythonImage || clients.length) return [];
    const reason = `is needed to make the password, as no application uses the ${server}`;
    const remedy = `Give it, give the password, or give the ${server} to a DjangoApp`;
    return [describe({ property: 'pythonImage', value: undefined, reason, remedy })];
  };
  scope.node.addValidation({ validate });
  return {
    get image() {
      return pythonImage ?? clients[0].image;
    },
    get imagePullSecrets() {
      return pythonImage ? imagePullSecrets : clients[0].imagePullSecrets;
    },
    get runAsUser() {
      return clients[0]?.runAsUser ?? 1000;
    },
  };
}
