import { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { allValues, CallValue, expressionNodes, ItemValue, Value, ValueReader } from './values';

/** What a module gives a name to. */
export interface Assignment {
  readonly name: string;
  readonly value: Value;
  readonly line: number;
  /** Whether it adds to what the name had: `+=`, `.append`, an item of a dictionary. */
  readonly adds: boolean;
  /** The key, where it sets an item of a dictionary: `DATABASES["default"] = …`. */
  readonly key?: string;
  /** The class that it is in. */
  readonly scope?: string;
}

/** A module that another one imports. */
export interface Import {
  /** As it is written, with the dots of a relative import: `.base`. */
  readonly module: string;
  /** The names that are imported from it; `*` for all; none for a whole module. */
  readonly names: string[];
  readonly line: number;
}

/** A class of a module. */
export interface PythonClass {
  readonly name: string;
  /** What it inherits from, as it is written. */
  readonly bases: string[];
  /** Its annotated fields, each with its type and whether it has a value. */
  readonly fields: { name: string; type: string; value?: Value; line: number }[];
  readonly line: number;
}

/** A file of Python, read without running it. */
export interface PythonModule {
  /** Path of the file, from the folder of the project. */
  readonly path: string;
  readonly text: string;
  readonly assignments: Assignment[];
  readonly imports: Import[];
  readonly classes: PythonClass[];
  /** All calls, and all items of what has a name, wherever they are. */
  readonly uses: (CallValue | ItemValue)[];
}

/** Reads a file of Python. What is not Python is read as far as it goes. */
export function readModule(path: string, text: string): PythonModule {
  return new ModuleReader(path, text).read();
}

class ModuleReader {
  private readonly values: ValueReader;
  private readonly module: PythonModule;

  constructor(path: string, text: string) {
    this.values = new ValueReader(text);
    this.module = { path, text, assignments: [], imports: [], classes: [], uses: [] };
  }

  read(): PythonModule {
    this.visit(parser.parse(this.module.text).topNode);
    return this.module;
  }

  private visit(node: SyntaxNode, scope?: string): void {
    if (node.name === 'ImportStatement') this.addImport(node);
    else if (node.name === 'AssignStatement' || node.name === 'UpdateStatement')
      this.addAssignment(node, scope);
    else if (node.name === 'ClassDefinition') this.addClass(node);
    else if (node.name === 'ExpressionStatement') this.addStatement(node, scope);
    else if (isExpression(node)) this.addUses(this.values.valueOf(node));
    else for (let child = node.firstChild; child; child = child.nextSibling) this.visit(child, scope);
  }

  private addImport(node: SyntaxNode): void {
    const text = this.values
      .textOf(node)
      .replace(/#.*$|[()\\]/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    const line = this.values.lineOf(node);
    const from = /^from (\.*) ?([\w.]*) import (.*)$/.exec(text);
    if (from) {
      const names = from[3].split(',').map((name) => name.trim().split(' ')[0]);
      this.module.imports.push({ module: from[1] + from[2], names: names.filter(Boolean), line });
      return;
    }
    for (const name of text.replace(/^import /, '').split(',')) {
      this.module.imports.push({ module: name.trim().split(' ')[0], names: [], line });
    }
  }

  private addAssignment(node: SyntaxNode, scope?: string): void {
    const nodes = expressionNodes(node);
    const value = this.values.valueOf(nodes.at(-1)!);
    this.addUses(value);
    const isSeveral = node.getChildren(',').length > 0;
    if (isSeveral || (node.name === 'AssignStatement' && !node.getChild('AssignOp'))) return;
    const adds = node.name === 'UpdateStatement';
    for (const target of nodes.slice(0, -1)) this.addTarget(target, { value, adds, scope });
  }

  private addTarget(node: SyntaxNode, rest: { value: Value; adds: boolean; scope?: string }): void {
    const target = this.values.valueOf(node);
    const { line } = target;
    if (target.kind === 'name') this.module.assignments.push({ name: target.name, line, ...rest });
    if (target.kind === 'item' && target.key.kind === 'text') {
      const { name, key } = target;
      this.module.assignments.push({ name, line, ...rest, key: key.text, adds: true });
    }
  }

  /** `INSTALLED_APPS.append("x")` and its like are assignments too. */
  private addStatement(node: SyntaxNode, scope?: string): void {
    const value = this.values.valueOf(expressionNodes(node)[0] ?? node);
    this.addUses(value);
    if (value.kind !== 'call') return;
    const [, name] = /^(\w+)\.(append|extend|insert|update)$/.exec(value.name) ?? [];
    if (!name) return;
    const added: Value = { kind: 'other', parts: value.positional, line: value.line };
    const isMap = value.name.endsWith('.update') && value.positional[0]?.kind === 'map';
    const entry = { name, line: value.line, adds: true, scope };
    this.module.assignments.push({ ...entry, value: isMap ? value.positional[0] : added });
  }

  private addClass(node: SyntaxNode): void {
    const name = this.values.textOf(node.getChild('VariableName') ?? node);
    const list = node.getChild('ArgList');
    const bases = list ? this.values.argumentsOf(list).positional : [];
    const body = node.getChild('Body');
    this.module.classes.push({
      name,
      bases: bases.flatMap((base) => ('name' in base ? [base.name] : [])),
      fields: body ? this.fieldsOf(body) : [],
      line: this.values.lineOf(node),
    });
    if (body) this.visit(body, name);
  }

  private fieldsOf(body: SyntaxNode): PythonClass['fields'] {
    return body.getChildren('AssignStatement').flatMap((statement) => {
      const [target, type] = [statement.getChild('VariableName'), statement.getChild('TypeDef')];
      if (!target || !type) return [];
      const value = statement.getChild('AssignOp') ? expressionNodes(statement).at(-1) : undefined;
      return [
        {
          name: this.values.textOf(target),
          type: this.values.textOf(type).replace(/^:\s*/, ''),
          value: value && this.values.valueOf(value),
          line: this.values.lineOf(target),
        },
      ];
    });
  }

  private addUses(value: Value): void {
    for (const part of allValues(value)) {
      if (part.kind === 'call' || part.kind === 'item') this.module.uses.push(part);
    }
  }
}

function isExpression(node: SyntaxNode): boolean {
  return /Expression$|^(Continued|Format)?String$/.test(node.name);
}
