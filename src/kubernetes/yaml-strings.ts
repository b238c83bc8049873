/*
 * cdk8s writes YAML by the `yaml` package with the schema of YAML 1.1. It leaves strings without quotes that are
 * numbers to other readers: kubectl takes `0o644` for 420, and the API server refuses the ConfigMap.
 *
 * All that write a manifest hand it to that package: `synthesize`, `app.synth()`, cdk8s' command line. The package asks
 * an object for its `toJSON` and takes the nodes in there as they are. A node tells how it is written. It is recognized by these symbols, which all copies of the package share.
 *
 * @see https://github.com/eemeli/yaml/blob/v2.9.1/src/nodes/identity.ts
 */
const NODE_TYPE = Symbol.for('yaml.node.type');
const SCALAR = Symbol.for('yaml.scalar');

/** Numbers of any reader: 0x, 0o and 0b in both cases, digits with underscores, a fraction, an exponent. */
const NUMBER = /^[-+]?(?:0[xob][\da-f_]*|(?=[._]*\d)[\d_]*\.?[\d_]*(?:e[-+]?[\d_]*)?)$/i;
/** The default value and the merge of YAML 1.1, and an infinity or no number at all in any case of letters. */
const SPECIAL = /^(?:=|<<|[-+]?\.?(?:inf|infinity|nan)|~)$/i;

/** Whether some reader of YAML takes a string for something else when it has no quotes. */
function needsQuotes(text: string): boolean {
  return NUMBER.test(text) || SPECIAL.test(text);
}

/** A scalar of the `yaml` package. JSON has its value. The package writes `<<` without quotes unless it has a tag. */
function quoted(value: string): object {
  const tag = value === '<<' ? 'tag:yaml.org,2002:str' : undefined;
  return { [NODE_TYPE]: SCALAR, value, type: 'QUOTE_DOUBLE', tag, toJSON: () => value };
}

/** What the `yaml` package is given for a value of our manifests. */
export function quotedIfNeeded(value: unknown): unknown {
  return typeof value === 'string' && needsQuotes(value) ? quoted(value) : value;
}

const OURS = new WeakSet<object>();

/** Whether a manifest is one that `withQuotes` returned. */
export function isOurs(manifest: unknown): boolean {
  return OURS.has(manifest as object);
}

/** The manifest itself. Where some of its strings need quotes, it says so to the `yaml` package. */
export function withQuotes<Manifest extends object>(manifest: Manifest): Manifest {
  OURS.add(manifest);
  if (!hasStringToQuote(manifest)) return manifest;
  return Object.defineProperty(manifest, 'toJSON', { value: () => nodesOf(manifest), configurable: true });
}

function hasStringToQuote(value: unknown): boolean {
  if (typeof value === 'string') return needsQuotes(value);
  if (value === null || typeof value !== 'object') return false;
  for (const item of Object.values(value)) if (hasStringToQuote(item)) return true;
  return false;
}

function nodesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nodesOf);
  if (value === null || typeof value !== 'object') return quotedIfNeeded(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, nodesOf(item)]));
}
