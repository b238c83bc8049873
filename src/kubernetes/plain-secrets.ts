import { IConstruct } from 'constructs';
import { Resource } from './resource';
import { LocatedProblem, Problems } from './problems';
import { plainSecretOf } from './secret-text';

const READABLE = 'which everybody can read in the manifest';

/** Refuses a text with a secret in it, without showing the secret. */
export function checkNoSecret(
  scope: IConstruct,
  { property, text, of = '', remedy }: { property: string; text: unknown; of?: string; remedy: string },
): void {
  const secret = typeof text === 'string' ? plainSecretOf(text) : undefined;
  if (!secret) return;
  const reason = `${of && `of ${of} `}${secret.what}, ${READABLE}`;
  Problems.report(scope, { property, value: secret.shown, reason, remedy });
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
      textsOf(manifestOf(resource)).flatMap(({ at, text }) => {
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

/** Nothing where it cannot be made: another check of the tree tells why. */
function manifestOf(resource: Resource): unknown {
  try {
    return resource.toJson();
  } catch {
    return undefined;
  }
}

/** The command line of a module of the runtime: it names keys of Secrets, and how their values are made. */
const RUNTIME = /^python -m cdk8s_django\./;

/** All strings of a manifest with their places, except the runtime's code and its command lines. */
function textsOf(value: unknown, at = ''): { at: string; text: string }[] {
  if (typeof value === 'string') return at.endsWith('.py') ? [] : [{ at, text: value }];
  if (Array.isArray(value) && RUNTIME.test(value.join(' '))) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, `${at}[${index}]`));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, at ? `${at}.${key}` : key));
}
