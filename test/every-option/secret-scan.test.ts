import { documentsOf } from './documents';
import { PLATFORMS } from './platforms';

/** What a secret looks like, whatever it is for. */
const SHAPES: Record<string, RegExp> = {
  'a URL with a password': /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"'{}]*:(?!\$\()[^\s:/@"'{}]+@/i,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  'a key of AWS': /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  'a token': /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  // Not in hexadecimal digits, as sums and digests are.
  'what the library makes as a key': /(?<![\w-])(?![0-9a-f]{64}(?![\w-]))[\w-]{64}(?![\w-])/,
};

/** Names of variables that hold secrets. */
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|ACCESS_KEY|_KEY$|CREDENTIAL)/;
/** It has names of variables. */
const NAMES = 'CDK8S_DJANGO_SECRET_TEXTS';
/** Numbers, paths and settings of the library, with a name that sounds like a secret. */
const HARMLESS = /^(true|false|\d+|\/[\w./-]+|)$/;

interface Leaf {
  readonly path: string;
  readonly value: string;
}

/** What texts look like: most are in many manifests, and the Python in all. */
const KNOWN = new Map<string, string[]>();

function shapesOf(text: string): string[] {
  const known = KNOWN.get(text);
  if (known) return known;
  const found = Object.keys(SHAPES).filter((what) => SHAPES[what].test(text));
  KNOWN.set(text, found);
  return found;
}

/** The texts of a manifest, with where they stand. */
function leavesOf(value: any, path: string): Leaf[] {
  if (typeof value === 'string') return [{ path, value }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, `${path}.${key}`));
}

/** The variables of containers and ConfigMaps that have a value in the manifest. */
function plainVariables(value: any, path: string): Leaf[] {
  if (value === null || typeof value !== 'object') return [];
  const own: Leaf[] = [];
  if (Array.isArray(value.env)) {
    for (const one of value.env) {
      if (one.value !== undefined) own.push({ path: `${path}.env.${one.name}`, value: `${one.value}` });
    }
  }
  if (value.kind === 'ConfigMap') {
    for (const [name, text] of Object.entries(value.data ?? {})) {
      own.push({ path: `${path}.data.${name}`, value: `${text}` });
    }
  }
  return [...own, ...Object.entries(value).flatMap(([key, item]) => plainVariables(item, `${path}.${key}`))];
}

/** What of a manifest is a secret, or looks like one. */
function secretsIn(manifest: any): string[] {
  const name = `${manifest.kind} ${manifest.metadata.name}`;
  const found: string[] = [];
  if (manifest.kind === 'Secret' && (manifest.data ?? manifest.stringData)) found.push(`${name} has data`);
  for (const { path, value } of leavesOf(manifest, name)) {
    found.push(...shapesOf(value).map((what) => `${path}: ${what}`));
  }
  for (const { path, value } of plainVariables(manifest, name)) {
    const variable = path.slice(path.lastIndexOf('.') + 1);
    const isReference = value.startsWith('$(') || variable === NAMES;
    if (SECRET_NAME.test(variable) && !HARMLESS.test(value) && !isReference) found.push(`${path}: ${value}`);
  }
  return found;
}

describe.each(Object.entries(PLATFORMS))('no manifest that any option leads to on %s', (_, platform) => {
  test('has a secret', () => {
    const { manifests } = documentsOf(platform);
    expect(manifests.some(({ kind }) => kind === 'Secret')).toBe(true);
    expect([...new Set(manifests.flatMap(secretsIn))]).toEqual([]);
  });
});

describe('the scan', () => {
  const configMap = (data: Record<string, string>) => ({
    kind: 'ConfigMap',
    metadata: { name: 'one' },
    data,
  });

  it.each([
    [configMap({ DATABASE_URL: 'postgres://polls:hunter2@db/polls' }), 'a URL with a password'],
    [configMap({ tls: '-----BEGIN RSA PRIVATE KEY-----\nx' }), 'a private key'],
    [configMap({ note: `it is ${'aB3-'.repeat(16)}` }), 'what the library makes as a key'],
    [configMap({ SECRET_KEY: 'hunter2' }), 'hunter2'],
    [{ kind: 'Secret', metadata: { name: 'one' }, stringData: { a: 'b' } }, 'has data'],
    [{ kind: 'Pod', metadata: { name: 'one' }, spec: [{ env: [{ name: 'API_TOKEN', value: 'x' }] }] }, 'x'],
  ])('finds one in %j', (manifest, what) => {
    expect(secretsIn(manifest).join()).toContain(what);
  });

  it('takes a reference for none', () => {
    expect(
      secretsIn(configMap({ URL: 'postgres://$(USER):$(PASSWORD)@db/polls', SECRET_KEY: '$(KEY)' })),
    ).toEqual([]);
  });
});
