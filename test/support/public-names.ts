import * as ts from 'typescript';
import { ENTRIES, exportsOf, programOf } from './typescript';

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
  const program = programOf();
  const checker = program.getTypeChecker();
  const typeOf = (symbol: ts.Symbol) =>
    checker.typeToString(checker.getNonNullableType(checker.getTypeOfSymbol(symbol)));
  const symbols = Object.values(ENTRIES).flatMap((path) => exportsOf(program, path));
  return new Map(
    symbols.flatMap((symbol) => [
      [symbol.name, symbol.name] as const,
      ...membersOf(symbol).map((member) => [`${symbol.name}.${member.name}`, typeOf(member)] as const),
    ]),
  );
}
