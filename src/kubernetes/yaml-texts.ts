import { Yaml } from 'cdk8s';
import { isOurs, quotedIfNeeded } from './yaml-strings';

/*
 * cdk8s writes YAML by the `yaml` package, which takes longer than all the rest of a synthesis. Most strings of
 * manifests are there many times. So the package is asked once for the text of each string, key and number, and what
 * is written here is only how maps and lists hold them. Where that is not clear, the package writes the manifest.
 */

/** So many characters are remembered, in keys. More would be unique to each application. */
const MOST = 8_000_000;

/**
 * Words, paths, switches and addresses that no reader of YAML takes for something else: most strings of a manifest. A
 * blank or a colon is within them, before a letter, a digit or another sign that means nothing there.
 */
const PLAIN =
  /^(?!-?(?:yes|no|on|off|true|false|null|nan|inf|infinity)$)(?:[a-z]{2}|\/|--?[a-z])[-\w./=]*(?:[ :][-\w./=]+)*$/i;

/** Several lines, of which the first has no blank before it and the last has one end: what is written as a block. */
const BLOCK = /^[!-~](?:[\t\n -~]*[!-~])?\n$/;

/** Strings that others would take for numbers. */
const DIGITS = /^\d+$/;

/** Checksums: no number has these letters but one of base 2, which is written with 0b. */
const HEXADECIMAL = /^(?!0b)(?=.*[a-df])[0-9a-f]{32,}$/;

/** Keys that are as plain. */
const PLAIN_KEY = /^(?!(?:yes|no|on|off|true|false|null|nan|inf|infinity)$)[a-z]{2}[-\w./]*$/i;

/** Others may have lines of their own, or depend on where they are. */
const CLEAR_KEY = /^(?!---|\.\.\.)[-\w./]{1,500}$/;

/** Thrown where the package has to write a manifest itself. */
class Unclear extends Error {}

/** The texts that the package gave, by what they are of. */
class Texts<Of> {
  private readonly texts = new Map<Of, string>();

  constructor(private readonly ask: (one: Of) => string) {}

  of(one: Of): string {
    const known = this.texts.get(one);
    if (known !== undefined) return known;
    const text = this.ask(one);
    remembered += text.length;
    if (remembered < MOST) this.texts.set(one, text);
    return text;
  }
}

type Value = string | number | boolean | null;

let remembered = 0;
const ownStringify = Yaml.stringify.bind(Yaml);
const keys = new Texts((key: string) =>
  PLAIN_KEY.test(key) ? key : ownStringify({ [key]: 0 }).slice(0, -': 0\n'.length),
);
const values = new Texts(
  (value: Value) => easyText(value) ?? ownStringify({ k: quotedIfNeeded(value) }).slice('k: '.length, -1),
);

/** The text of what has no rules of its own. The package writes the same, but has to be warm to be quick. */
function easyText(value: Value): string | undefined {
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  if (PLAIN.test(value) || HEXADECIMAL.test(value)) return value;
  if (DIGITS.test(value)) return `"${value}"`;
  // Empty lines have no indentation.
  return BLOCK.test(value) ? `|\n  ${value.slice(0, -1).replace(/\n+/g, '$&  ')}` : undefined;
}
/** What has several lines, by how they are indented. */
const lines = new Map<string, Texts<string>>();

/** A text of several lines with more indentation. */
function indented(text: string, indent: string): string {
  const indentAll = (one: string) => one.replace(/\n(?=[^\n])/g, `\n${indent}`);
  if (!lines.has(indent)) lines.set(indent, new Texts(indentAll));
  return lines.get(indent)!.of(text);
}

/**
 * The text of a manifest that `withQuotes` returned: what the package gives.
 */
export function textOf(manifest: object): string {
  const seen = new Set<object>();
  try {
    return `${blockText(manifest, '', seen)}\n`;
  } catch (error) {
    if (error instanceof Unclear) return ownStringify(manifest);
    throw error;
  }
}

/** Lines of a map or a list; the first without its indentation. */
function blockText(value: object, indent: string, seen: Set<object>): string {
  // The package writes an object that is there twice as an anchor and an alias.
  if (seen.has(value)) throw new Unclear();
  seen.add(value);
  return Array.isArray(value) ? listText(value, indent, seen) : mapText(value, indent, seen);
}

/*
 * These are short, without closures: the engine compiles what is called often once more, and that took a third of
 * the time of a small program.
 */

function listText(list: unknown[], indent: string, seen: Set<object>): string {
  let text = '';
  for (const item of list) text += `${text && `\n${indent}`}- ${itemText(item, indent, seen)}`;
  return text;
}

function mapText(map: any, indent: string, seen: Set<object>): string {
  let text = '';
  for (const key of Object.keys(map))
    text += `${text && `\n${indent}`}${keyText(key)}:${entryText(map[key], indent, seen)}`;
  return text;
}

function keyText(key: string): string {
  if (!CLEAR_KEY.test(key)) throw new Unclear();
  return keys.of(key);
}

function entryText(value: unknown, indent: string, seen: Set<object>): string {
  if (!isBlock(value)) return ` ${plainText(value, indent)}`;
  return `\n${indent}  ${blockText(value, `${indent}  `, seen)}`;
}

function itemText(value: unknown, indent: string, seen: Set<object>): string {
  return isBlock(value) ? blockText(value, `${indent}  `, seen) : plainText(value, indent);
}

/** What has no lines of its own. */
function plainText(value: unknown, indent: string): string {
  if (Array.isArray(value)) return '[]';
  if (value !== null && typeof value === 'object') return '{}';
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) throw new Unclear();
  // The same key as 0.
  if (Object.is(value, -0)) throw new Unclear();
  const text = values.of(value as Value);
  return text.includes('\n') ? indented(text, indent) : text;
}

function isBlock(value: unknown): value is object {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length > 0;
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Unclear();
  return Object.keys(value).length > 0;
}

/** Runs what has cdk8s write manifests. Meanwhile those of ours are written here. */
export function withKnownTexts<T>(write: () => T): T {
  const { stringify } = Yaml;
  // As cdk8s' own does with several.
  Yaml.stringify = (...manifests: any[]) =>
    manifests
      .map((manifest) => (isOurs(manifest) ? textOf(manifest) : stringify.call(Yaml, manifest)))
      .join('---\n');
  try {
    return write();
  } finally {
    Yaml.stringify = stringify;
  }
}
