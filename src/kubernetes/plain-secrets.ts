import { IConstruct } from 'constructs';
import { Resource } from './resource';
import { LocatedProblem, Problems } from './problems';

/** A secret that a text has in it. */
interface PlainSecret {
  /** What the text is: `is a URL with a password`. */
  readonly what: string;
  /** The text without the secret, to be shown in an error. */
  readonly shown: string;
}

/** `scheme://user:password@`, and a DSN of Go's drivers: `user:password@tcp(`. */
const URL = /\b[a-z][-a-z0-9+.]*:\/\/[^\s/?#@:[\]"']*:([^\s@"']+)@/gi;
const GO_DSN = /(?:^|[\s"'=])[^\s:/@"'=]+:([^\s@"']+)@(?:tcp|unix)\(/gi;
/** `password=…` of a connection string, a query or an option, also as a key with words before it: `PGPASSWORD=…`. */
const KEY = '[-\\w.]*(?:password|passwd|pwd|accountkey|sharedaccesskey)';
const PAIR = new RegExp(`(?:^|[\\s;,?&"'{(])${KEY}=["']?([^\\s"';,&)}]+)`, 'gi');
/** The same with blanks, which libpq takes, and as JSON. Without their company these would be words of a sentence. */
const SPACED_PAIR = new RegExp(
  `(?:^|[\\s;])${KEY}\\s+=\\s*["']?([^\\s"';]+)|(?:^|[\\s;])${KEY}=\\s+([^\\s"';]+)`,
  'gi',
);
const COMPANY = /(?:^|[\s;])(?:host|hostaddr|user|user id|dbname|database|server)\s*=/i;
const JSON_PAIR = new RegExp(`["']${KEY}["']\\s*:\\s*["']([^"']+)`, 'gi');
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]*)/g;

/** What means a value that comes from elsewhere: `$(NAME)`, `${NAME}`, `{name}`, `%(name)s`, `<name>`, `***`. */
const REFERENCES = /\$\(\w+\)|\$?\{+[^}]*\}+|\$[A-Z_][A-Z0-9_]*|%\(\w+\)s|%s|<[^>]*>|\*+|…|\.{3}/g;
/** A switch or a small number, the path of a file, or code that reads the value. */
const NO_SECRET = /^(?:true|false|yes|no|on|off|none|null|\d{1,2})$|^(?:\/|file:|os\.|env\b|getenv|\$\()/i;
/** In a URL without a password, a port comes after the colon, and an "@" may be in its path. */
const PORT = /^\d{1,5}[/?#,;]/;

/** The secret of a text that anybody can read in a manifest, if it has one and does not only name it. */
export function plainSecretOf(text: string): PlainSecret | undefined {
  const find = (
    pattern: RegExp,
    what: string,
    isNone: (found: string) => boolean,
  ): PlainSecret | undefined => {
    const found = [...text.matchAll(pattern)].map((match) => match[1] ?? match[2]);
    const secrets = found.filter((one) => one.replace(REFERENCES, '') !== '' && !isNone(one));
    if (!secrets.length) return undefined;
    return { what, shown: secrets.reduce((shown, secret) => shown.split(secret).join('…'), text) };
  };
  const isNone = (found: string) => NO_SECRET.test(found);
  return (
    find(URL, 'is a URL with a password', (found) => PORT.test(found)) ??
    find(GO_DSN, 'is a URL with a password', () => false) ??
    find(PAIR, 'has a password', isNone) ??
    (COMPANY.test(text) ? find(SPACED_PAIR, 'has a password', isNone) : undefined) ??
    find(JSON_PAIR, 'has a password', isNone) ??
    find(PRIVATE_KEY, 'has a private key', () => false)
  );
}

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
