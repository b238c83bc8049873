import * as cdk8s from 'cdk8s';
import { Chart } from 'cdk8s';
import * as library from 'cdk8s-django';
import { Construct } from 'constructs';
import * as ts from 'typescript';

const NAMES: Record<string, unknown> = { ...cdk8s, ...library };

/** A chart whose constructor goes on with code of a page. */
export function chartOf(code: string): new (scope: Construct, id: string) => Chart {
  const text = [
    'return class extends Chart {',
    '  constructor(scope, id) {',
    "    super(scope, id, { namespace: 'shop' });",
    code,
    '  }',
    '};',
  ].join('\n');
  // What transpiles alone may return only within a function.
  const { outputText } = ts.transpileModule(`(() => {\n${text}\n})`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const names = Object.keys(NAMES);
  const make = new Function(...names, `return (${outputText.trim().replace(/;$/, '')})();`);
  return make(...names.map((name) => NAMES[name]));
}
