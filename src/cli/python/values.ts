import { SyntaxNode } from '@lezer/common';

/** An expression of Python, as far as settings are read: nothing is computed, and nothing is run. */
export type Value =
  TextValue | ListValue | MapValue | NameValue | CallValue | ItemValue | ConstantValue | OtherValue;

interface Placed {
  /** Line that it begins at, from 1. */
  readonly line: number;
}

/** A string without anything filled in. */
export interface TextValue extends Placed {
  readonly kind: 'text';
  readonly text: string;
}

/** A list, tuple or set. */
export interface ListValue extends Placed {
  readonly kind: 'list';
  readonly items: Value[];
}

/** A dictionary. */
export interface MapValue extends Placed {
  readonly kind: 'map';
  readonly entries: [Value, Value][];
}

/** A name, dotted or not: `BASE_DIR`, `os.environ`. */
export interface NameValue extends Placed {
  readonly kind: 'name';
  readonly name: string;
}

/** A call of a function by its name. */
export interface CallValue extends Placed {
  readonly kind: 'call';
  readonly name: string;
  readonly positional: Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** An item of what has a name: `os.environ["STAGE"]`. */
export interface ItemValue extends Placed {
  readonly kind: 'item';
  readonly name: string;
  readonly key: Value;
}

/** A number, a truth value or None, as it is written. */
export interface ConstantValue extends Placed {
  readonly kind: 'constant';
  readonly text: string;
}

/** Any other expression, with the expressions in it. */
export interface OtherValue extends Placed {
  readonly kind: 'other';
  readonly parts: Value[];
}

/** Punctuation and keywords, which are not expressions. */
const IS_SIGN = /^[^A-Za-z]|^[a-z]|Op$|^Comment$|^TypeDef$|^ParamList$/;

/** Reads the expressions of a text. */
export class ValueReader {
  private readonly lineStarts = [0];

  constructor(private readonly text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  textOf({ from, to }: { from: number; to: number }): string {
    return this.text.slice(from, to);
  }

  lineOf({ from }: { from: number }): number {
    const after = this.lineStarts.findIndex((start) => start > from);
    return after < 0 ? this.lineStarts.length : after;
  }

  valueOf(node: SyntaxNode): Value {
    const line = this.lineOf(node);
    switch (node.name) {
      case 'String':
        return { kind: 'text', text: plainString(this.textOf(node)), line };
      case 'ContinuedString':
        return this.joinedString(node);
      case 'ArrayExpression':
      case 'TupleExpression':
        return { kind: 'list', items: this.expressionsIn(node), line };
      case 'DictionaryExpression':
        return this.mapOf(node);
      case 'ParenthesizedExpression':
        return this.valueOf(expressionNodes(node)[0] ?? node);
      case 'VariableName':
        return { kind: 'name', name: this.textOf(node), line };
      case 'MemberExpression':
        return this.memberOf(node);
      case 'CallExpression':
        return this.callOf(node);
      default:
        return this.plainOrOther(node);
    }
  }

  private plainOrOther(node: SyntaxNode): Value {
    const line = this.lineOf(node);
    if (node.name === 'SetExpression') return { kind: 'list', items: this.expressionsIn(node), line };
    return /^(Number|Boolean|None)$/.test(node.name)
      ? { kind: 'constant', text: this.textOf(node), line }
      : { kind: 'other', parts: this.expressionsIn(node), line };
  }

  private expressionsIn(node: SyntaxNode): Value[] {
    return expressionNodes(node).map((child) => this.valueOf(child));
  }

  private joinedString(node: SyntaxNode): Value {
    const parts = this.expressionsIn(node);
    const line = this.lineOf(node);
    if (!parts.every((part) => part.kind === 'text')) return { kind: 'other', parts, line };
    return { kind: 'text', text: parts.map(({ text }) => text).join(''), line };
  }

  private mapOf(node: SyntaxNode): Value {
    const entries: [Value, Value][] = [];
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.name !== ':') continue;
      entries.push([this.valueOf(child.prevSibling!), this.valueOf(child.nextSibling!)]);
    }
    return { kind: 'map', entries, line: this.lineOf(node) };
  }

  private memberOf(node: SyntaxNode): Value {
    const line = this.lineOf(node);
    const [object, ...rest] = expressionNodes(node);
    const name = this.dottedName(object);
    if (name === undefined) return { kind: 'other', parts: this.expressionsIn(node), line };
    if (node.lastChild!.name === 'PropertyName') {
      return { kind: 'name', name: `${name}.${this.textOf(node.lastChild!)}`, line };
    }
    return rest.length === 1
      ? { kind: 'item', name, key: this.valueOf(rest[0]), line }
      : { kind: 'name', name, line };
  }

  private callOf(node: SyntaxNode): Value {
    const line = this.lineOf(node);
    const [callee, list] = [node.firstChild!, node.getChild('ArgList')];
    const { positional, keywords } = list ? this.argumentsOf(list) : { positional: [], keywords: new Map() };
    const name = this.calledName(callee);
    if (name !== undefined) return { kind: 'call', name, positional, keywords, line };
    // Such as `Path(__file__).parent.joinpath("x")`: what is in it still counts.
    return { kind: 'other', parts: [this.valueOf(callee), ...positional, ...keywords.values()], line };
  }

  /** The arguments of a call; also the bases of a class, which are written alike. */
  argumentsOf(list: SyntaxNode): { positional: Value[]; keywords: Map<string, Value> } {
    const positional: Value[] = [];
    const keywords = new Map<string, Value>();
    for (let child = list.firstChild; child; child = child.nextSibling) {
      if (child.nextSibling?.name === 'AssignOp') {
        const value = child.nextSibling.nextSibling;
        if (value) keywords.set(this.textOf(child), this.valueOf(value));
        child = value ?? child;
      } else if (!IS_SIGN.test(child.name)) {
        positional.push(this.valueOf(child));
      }
    }
    return { positional, keywords };
  }

  /** Also of a generic class: `Celery[Task]("shop")`. */
  private calledName(node: SyntaxNode): string | undefined {
    const value = this.valueOf(node);
    const isGeneric = value.kind === 'item' && value.key.kind !== 'text';
    return value.kind === 'name' || isGeneric ? value.name : undefined;
  }

  private dottedName(node: SyntaxNode): string | undefined {
    const value = this.valueOf(node);
    return value.kind === 'name' ? value.name : undefined;
  }
}

/** The expressions directly below a node. */
export function expressionNodes(node: SyntaxNode): SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (!IS_SIGN.test(child.name) && child.name !== 'PropertyName') nodes.push(child);
  }
  return nodes;
}

/** The content of a string literal. Escapes stay as they are, except for quotes. */
function plainString(literal: string): string {
  const [, quote, content] = /^[rRbBuU]*("""|'''|"|')([\s\S]*)\1$/.exec(literal) ?? ['', '', ''];
  return content.replace(/\\(["'\\])/g, '$1') || quote.slice(3);
}

/** An expression and all expressions in it. */
export function* allValues(value: Value): Generator<Value> {
  yield value;
  for (const part of partsOf(value)) yield* allValues(part);
}

function partsOf(value: Value): Value[] {
  switch (value.kind) {
    case 'list':
      return value.items;
    case 'map':
      return value.entries.flat();
    case 'call':
      return [...value.positional, ...value.keywords.values()];
    case 'item':
      return [value.key];
    case 'other':
      return value.parts;
    default:
      return [];
  }
}

/** The text of a value that is a string. */
export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'text' ? value.text : undefined;
}

/** The value of a dictionary under a string. */
export function entryOf(value: Value | undefined, key: string): Value | undefined {
  if (value?.kind === 'map') return value.entries.filter(([name]) => textOf(name) === key).at(-1)?.[1];
  return value?.kind === 'call' && value.name === 'dict' ? value.keywords.get(key) : undefined;
}
