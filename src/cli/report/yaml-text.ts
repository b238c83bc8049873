import { markup, joined, Markup } from './html';

/** How the parts of a manifest are shown. */
export interface YamlForm {
  /** The key of a field. Fields have paths as `kubectl explain` writes them. */
  key(key: string, field: string, hasValue: boolean): Markup;
  /** A text that is not shown where it is, or nothing where it is. */
  elsewhere(text: string, key: string): Markup | undefined;
}

/** What is shown of a text without quotes: to a reader of YAML it is this text and no other value. */
const PLAIN =
  /^(?:[A-Za-z0-9/_.$]|-(?=[\w/-]))(?:[\w./@%+=~^$()-]|:(?=\S))*(?: (?:[\w./@%+=~^$(),-]|:(?=\S))+)*$/;
const NOT_TEXT =
  /^(true|false|null|yes|no|on|off|y|n|~|-+|\.+|[+-]?\.?(inf|nan)|[+-]?e[+-]?\d+|[+-]?\.?\d[\d_.,:e+-]*|\d{4}-.*|0[xob][\da-f_]+)$/i;
const PLAIN_KEY = /^[A-Za-z][\w./-]*$/;
/** What a block of lines cannot have: what is not printed, and space at its begin. */
const NOT_IN_BLOCK =
  /[^\t\n\x20-\x7e\xa0-\u200d\u2010-\u2027\u2030-\u2065\u2070-\ud7ff\ue000-\ufefe\uff00-\uffef]|^\s/;
const QUOTED = /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A manifest as YAML. */
export function yamlOf(object: any, form: YamlForm): Markup {
  return joined(linesOf(object, '', object.kind, form), '\n');
}

function linesOf(value: any, indent: string, field: string, form: YamlForm): Markup[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, indent, field, form));
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = `${field}.${key}`;
    const isLeaf = !isParent(inner) || isListOfValues(inner);
    const shown = markup`${indent}${form.key(keyText(key), path, isLeaf)}:`;
    if (!isParent(inner)) return scalarLines(markup`${shown} `, inner, `${indent}  `, key, form);
    return [shown, ...linesOf(inner, `${indent}  `, path, form)];
  });
}

/** An item of a list: its first line has the dash. */
function itemLines(item: any, indent: string, field: string, form: YamlForm): Markup[] {
  if (!isParent(item)) return scalarLines(markup`${indent}- `, item, `${indent}  `, '', form);
  const [first, ...others] = linesOf(item, `${indent}  `, field, form);
  return [new Markup(`${indent}- ${first.text.slice(indent.length + 2)}`), ...others];
}

/** Whether a value has fields or items, which are on lines of their own. */
function isParent(value: any): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function isListOfValues(value: any): boolean {
  return Array.isArray(value) && !value.some(isParent);
}

function scalarLines(begin: Markup, value: any, indent: string, key: string, form: YamlForm): Markup[] {
  if (typeof value !== 'string') return [markup`${begin}${JSON.stringify(value ?? null)}`];
  const elsewhere = form.elsewhere(value, key);
  if (elsewhere) return [markup`${begin}${elsewhere}`];
  if (!value.includes('\n') || NOT_IN_BLOCK.test(value)) return [markup`${begin}${textOf(value)}`];
  const lines = value.split('\n');
  const isEnded = lines.at(-1) === '';
  if (isEnded) lines.pop();
  // A last line that is empty would need another sign.
  if (lines.at(-1) === '') return [markup`${begin}${quoted(value)}`];
  return [
    markup`${begin}${isEnded ? '|' : '|-'}`,
    ...lines.map((line) => (line ? markup`${indent}${line}` : markup``)),
  ];
}

function keyText(key: string): string {
  return PLAIN_KEY.test(key) && !NOT_TEXT.test(key) ? key : quoted(key);
}

function textOf(value: string): string {
  return PLAIN.test(value) && !NOT_TEXT.test(value) ? value : quoted(value);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    QUOTED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
