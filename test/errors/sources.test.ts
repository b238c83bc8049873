import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const SRC = join(__dirname, '../../src');
/**
 * Helpers of tests speak to those who write tests, and commands to those who type them. The wrapper of validations is
 * the one place that makes them.
 */
const NOT_LOOKED_AT = ['testing/', 'cli/'];
const VALIDATIONS = 'kubernetes/problems.ts';

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !NOT_LOOKED_AT.some((folder) => name.startsWith(folder)))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }));

/** The literals that say what a problem is: those with a reason or a remedy. */
function problemTexts(name: string, text: string): { where: string; field: string; text: string }[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  const found: { where: string; field: string; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && /^(reason|remedy)$/.test(node.name.getText())) {
      const { initializer } = node;
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (ts.isStringLiteralLike(initializer)) {
        found.push({ where: `${name}:${line}`, field: node.name.getText(), text: initializer.text });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('every error and validation of the library', () => {
  it('is data: no other kind of error is thrown', () => {
    // Unclear never leaves its own module.
    const others = /throw new (?!InvalidInputError\(|SynthesisError\(|Unclear\()\w+/g;
    const thrown = files.flatMap(({ name, text }) =>
      (text.match(others) ?? []).map((one) => `${name}: ${one}`),
    );
    expect(thrown).toEqual([]);
  });

  it('is data: validations are made in one place', () => {
    const direct = files.filter(({ name, text }) => name !== VALIDATIONS && text.includes('.addValidation('));
    expect(direct.map(({ name }) => name)).toEqual([]);
  });

  it('says its reason of the value and its remedy as a sentence, both without a full stop', () => {
    const texts = files.flatMap(({ name, text }) => problemTexts(name, text));
    expect(texts.length).toBeGreaterThan(150);
    expect(texts.filter(({ text }) => !text || text.endsWith('.') || text !== text.trim())).toEqual([]);
    expect(texts.filter(({ field, text }) => field === 'remedy' && !/^[A-Z]/.test(text))).toEqual([]);
    expect(texts.filter(({ field, text }) => field === 'reason' && !/^[a-z]/.test(text))).toEqual([]);
  });
});
