import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { exportsOf, programOf, ROOT } from './typescript';

/** The files of the package's doors: what `exports` of package.json names, as sources. */
export function doors(): string[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.values<any>(exports)
    .map(({ types }) => types?.replace(/^\.\/lib\//, 'src/').replace(/\.d\.ts$/, '.ts'))
    .filter((path) => path !== undefined);
}

const isHidden = (declaration: ts.Declaration) =>
  (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;

function membersOf(symbol: ts.Symbol): ts.Symbol[] {
  return [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])].filter(
    ({ name, declarations }) =>
      declarations?.length && !/^(__|prototype$)/.test(name) && !declarations.some(isHidden),
  );
}

/** What is exported, and the members that users see: `DjangoApp`, `DjangoApp.addCommand`; each with its type. */
export function publicNames(): Map<string, string> {
  const program = programOf(
    Object.fromEntries(doors().map((path) => [join(ROOT, path), readFileSync(join(ROOT, path), 'utf8')])),
  );
  const checker = program.getTypeChecker();
  const typeOf = (symbol: ts.Symbol) =>
    checker.typeToString(checker.getNonNullableType(checker.getTypeOfSymbol(symbol)));
  const symbols = doors().flatMap((path) => exportsOf(program, path));
  return new Map(
    symbols.flatMap((symbol) => [
      [symbol.name, symbol.name] as const,
      ...membersOf(symbol).map((member) => [`${symbol.name}.${member.name}`, typeOf(member)] as const),
    ]),
  );
}
