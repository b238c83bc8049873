import { IConstruct } from 'constructs';
import { Resource } from './resource';
import { LocatedProblem, Problems } from './problems';
import { mayHaveSecret, PlainSecret, plainSecretOf } from './secret-text';
import { renderedManifest } from './rendered-manifest';

const READABLE = 'which everybody can read in the manifest';

/** Refuses a text with a secret in it, without showing the secret. */
export function checkNoSecret(
  scope: IConstruct,
  { property, text, of = '', remedy }: { property: string; text: unknown; of?: string; remedy: string },
): void {
  const secret = typeof text === 'string' ? (plainSecretOf(text) ?? namedSecretOf(of, text)) : undefined;
  if (!secret) return;
  const reason = `${of && `of ${of} `}${secret.what}, ${READABLE}`;
  Problems.report(scope, { property, value: secret.shown, reason, remedy });
}

/** The secret of a variable whose name says that it is one: `EMAIL_HOST_PASSWORD`, `AWS_SECRET_ACCESS_KEY`. */
function namedSecretOf(variable: string, text: string): PlainSecret | undefined {
  const secret = plainSecretOf(`${variable}=${text}`);
  return secret && { ...secret, shown: '…' };
}

/** Refuses words of a command line with a secret in them. */
export function checkNoSecretWords(scope: IConstruct, property: string, words: string[] = []): void {
  const remedy = 'Give it to the pods as a variable from a Secret, and have the command read that';
  words.forEach((text) => checkNoSecret(scope, { property, text, remedy }));
}

/** Secrets in what the library writes, wherever they came from: a patch, a label of a chart, a fact of a cluster. */
export function plainSecretsIn(constructs: IConstruct[]): LocatedProblem[] {
  return constructs
    .filter((one): one is Resource => one instanceof Resource && one.kind !== 'Secret')
    .flatMap((resource) =>
      textsOf(renderedManifest(resource)).flatMap(({ at, text }) => {
        const secret = plainSecretOf(text);
        if (!secret) return [];
        return [
          {
            path: resource.node.path,
            property: at,
            value: secret.shown,
            reason: `${secret.what}, ${READABLE}`,
            remedy: 'Put it into a Secret, and let the pods read it from there, as secretEnvironment does',
          },
        ];
      }),
    );
}

/** The command line of a module of the runtime: it names keys of Secrets, and how their values are made. */
const RUNTIME = /^python -m cdk8s_django\./;

/** The strings of a manifest that may have a secret, with their places, except the runtime's code and command lines. */
function textsOf(manifest: unknown): { at: string; text: string }[] {
  const found: { at: string; text: string }[] = [];
  // Keys, and numbers in lists. The text of a place is made only where it is told.
  const place: (string | number)[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (mayHaveSecret(value) && !isCode(place)) found.push({ at: textOf(place), text: value });
    } else if (Array.isArray(value)) {
      if (typeof value[0] !== 'string' || !RUNTIME.test(value.join(' '))) value.forEach(within);
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) within(item, key);
    }
  };
  const within = (value: unknown, key: string | number): void => {
    place.push(key);
    visit(value);
    place.pop();
  };
  visit(manifest);
  return found;
}

function isCode(place: (string | number)[]): boolean {
  const key = place.at(-1);
  return typeof key === 'string' && key.endsWith('.py');
}

function textOf(place: (string | number)[]): string {
  const text = place.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return text.startsWith('.') ? text.slice(1) : text;
}
