import { readModule } from '../../src/cli/python/module';
import { allValues, Value } from '../../src/cli/python/values';

const read = (...lines: string[]) => readModule('a.py', lines.join('\n'));
const valueOf = (expression: string): Value => read(`x = ${expression}`).assignments[0].value;

describe('the reading of Python', () => {
  it.each([
    ['"a"', 'a'],
    ["'a'", 'a'],
    ['r"a"', 'a'],
    ['"""a\nb"""', 'a\nb'],
    ['""', ''],
    ["'it\\'s'", "it's"],
    ['"a" "b"', 'ab'],
    ['("a"\n  "b")', 'ab'],
  ])('reads the string %s', (expression, text) => {
    expect(valueOf(expression)).toEqual({ kind: 'text', text, line: 1 });
  });

  it.each([
    ['["a", "b"]', 'list'],
    ['("a", "b")', 'list'],
    ['{"a": "b"}', 'map'],
    ['BASE_DIR', 'name'],
    ['os.environ', 'name'],
    ['os.environ["A"]', 'item'],
    ['env("A")', 'call'],
    ['True', 'constant'],
    ['None', 'constant'],
    ['12', 'constant'],
    ['BASE_DIR / "a"', 'other'],
    ['"a" if b else "c"', 'other'],
    ['f"{a}b"', 'other'],
  ])('says that %s is a %s', (expression, kind) => {
    expect(valueOf(expression).kind).toBe(kind);
  });

  it('finds calls and items wherever they are', () => {
    const { uses } = read(
      'a = os.environ["A"].split(",") + [env("B")]',
      'if os.environ.get("C"):',
      '    b = Path(os.environ["D"]).read_text()',
      'def f(x=env("E")):',
      '    return {"k": env("F")}',
    );
    const texts = uses
      .flatMap((use) => [...allValues(use)])
      .flatMap((part) => (part.kind === 'text' ? part.text : []));
    expect([...new Set(texts)].filter((text) => /^[A-F]$/.test(text)).sort()).toEqual([
      'A',
      'B',
      'C',
      'D',
      'E',
      'F',
    ]);
  });

  it('reads assignments in blocks and classes, with what adds to them', () => {
    const { assignments } = read(
      'A = B = ["x"]',
      'A += ["y"]',
      'A.append("z")',
      'D["default"] = {}',
      'try:',
      '    C: list[str] = []',
      'except ImportError:',
      '    pass',
      'class Production(Base):',
      '    DEBUG = False',
      'a, b = 1, 2',
    );
    expect(assignments.map(({ name, adds, key, scope, line }) => [name, line, adds, key, scope])).toEqual([
      ['A', 1, false, undefined, undefined],
      ['B', 1, false, undefined, undefined],
      ['A', 2, true, undefined, undefined],
      ['A', 3, true, undefined, undefined],
      ['D', 4, true, 'default', undefined],
      ['C', 6, false, undefined, undefined],
      ['DEBUG', 10, false, undefined, 'Production'],
    ]);
  });

  it('reads imports of all forms', () => {
    const { imports } = read(
      'from .base import *',
      'from .. import a',
      'from a.b import (  # of c',
      '    c as d,',
      '    e,',
      ')',
      'import os, environ.x as y',
    );
    expect(imports.map(({ module, names }) => [module, ...names])).toEqual([
      ['.base', '*'],
      ['..', 'a'],
      ['a.b', 'c', 'e'],
      ['os'],
      ['environ.x'],
    ]);
  });

  it('reads classes with their annotated fields', () => {
    const { classes } = read(
      'class S(BaseSettings, x.Y):',
      '    key: str',
      '    debug: bool = True',
      '    z = 1',
    );
    expect(classes).toMatchObject([
      {
        name: 'S',
        bases: ['BaseSettings', 'x.Y'],
        fields: [{ name: 'key', type: 'str' }, { name: 'debug' }],
      },
    ]);
    expect(classes[0].fields.map(({ value }) => value !== undefined)).toEqual([false, true]);
  });

  it('goes on after what is not Python', () => {
    expect(read('A = 1', '{% if x %}', 'B = 2').assignments.map(({ name }) => name)).toEqual(['A', 'B']);
  });
});
