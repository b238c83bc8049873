/** A secret that a text has in it. */
export interface PlainSecret {
  /** What the text is: `is a URL with a password`. */
  readonly what: string;
  /** The text without the secret, to be shown in an error. */
  readonly shown: string;
}

/** `scheme://user:password@`, and a DSN of Go's drivers: `user:password@tcp(`. */
const URL = /\b[a-z][-a-z0-9+.]*:\/\/[^\s/?#@:[\]"']*:([^\s@"']+)@/gi;
const GO_DSN = /(?:^|[\s"'=])[^\s:/@"'=]+:([^\s@"']+)@(?:tcp|unix)\(/gi;
/** `password=…` of a connection string, a query or an option, also as a key with words before it: `PGPASSWORD=…`. */
const KEY = '[-\\w.]*(?:password|passwd|pwd|accountkey|sharedaccesskey|secret_?access_?key)';
const PAIR = new RegExp(`(?:^|[\\s;,?&"'{(])${KEY}=["']?([^\\s"';,&)}]+)`, 'gi');
/** The same with blanks, which libpq takes, and as JSON. Without their company these would be words of a sentence. */
const SPACED_PAIR = new RegExp(
  `(?:^|[\\s;])${KEY}\\s+=\\s*["']?([^\\s"';]+)|(?:^|[\\s;])${KEY}=\\s+([^\\s"';]+)`,
  'gi',
);
const COMPANY = /(?:^|[\s;])(?:host|hostaddr|user|user id|dbname|database|server)\s*=/i;
const JSON_PAIR = new RegExp(`["']${KEY}["']\\s*:\\s*["']([^"']+)`, 'gi');
/** A token in the query of a URL, of an API or of a link that is signed. A short value is a placeholder. */
const QUERY = /[?&](?:[-\w]*(?:token|api[-_]?key|signature)|sig)=([^\s&"';,)}]{6,})/gi;
/** Tokens by what their issuers have them begin with, such as the user of a Git URL. */
const TOKEN =
  /(?<![\w-])((?:(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|[sr]k_live_|pypi-AgE)[\w-]{16,}|npm_[A-Za-z0-9]{36}))(?![\w-])/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]*)/g;

/** What each of these patterns needs: names, labels and numbers have none of it. */
const POSSIBLE = /[@=]|["']\s*:|-----BEGIN |gh[pousr]_|_pat_|glpat-|xox[abeprs]-|k_live_|npm_|pypi-/;

/** What means a value that comes from elsewhere: `$(NAME)`, `${NAME}`, `{name}`, `%(name)s`, `<name>`, `***`. */
const REFERENCES = /\$\(\w+\)|\$?\{+[^}]*\}+|\$[A-Z_][A-Z0-9_]*|%\(\w+\)s|%s|<[^>]*>|\*+|…|\.{3}/g;
/** A switch or a small number, the path of a file, or code that reads the value. */
const NO_SECRET = /^(?:true|false|yes|no|on|off|none|null|\d{1,2})$|^(?:\/|file:|os\.|env\b|getenv|\$\()/i;
/** In a URL without a password, a port comes after the colon, and an "@" may be in its path. */
const PORT = /^\d{1,5}[/?#,;]/;

/** Whether a text has what one of the patterns needs. It is quick, and most texts have none. */
export function mayHaveSecret(text: string): boolean {
  return POSSIBLE.test(text);
}

/** The secret of a text that anybody can read in a manifest, if it has one and does not only name it. */
export function plainSecretOf(text: string): PlainSecret | undefined {
  if (!mayHaveSecret(text)) return undefined;
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
    find(QUERY, 'is a URL with a token', isNone) ??
    find(TOKEN, 'has a token', () => false) ??
    find(PRIVATE_KEY, 'has a private key', () => false)
  );
}
