import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { ONLY_TYPESCRIPT } from '../../jsii/only-typescript';
import { PACKAGE_JSON, publicApi, ROOT } from '../../jsii/public-api';

interface Named {
  readonly name: string;
}

interface AssemblyType extends Named {
  readonly kind: string;
  readonly base?: string;
  readonly interfaces?: string[];
  readonly methods?: Named[];
  readonly properties?: Named[];
  /** Of an enum. */
  readonly members?: Named[];
}

const { entries, checker } = publicApi();
const assembly: { types: Record<string, AssemblyType> } = JSON.parse(
  readFileSync(join(ROOT, 'jsii/package/.jsii'), 'utf8'),
);

const fqn = (name: string) => `${PACKAGE_JSON.name}.${name}`;

/** What the package exports and other languages are to have, by its name in the assembly. */
const exported = new Map(
  entries.flatMap(({ symbols }) =>
    symbols
      .filter(({ name }) => !(name in ONLY_TYPESCRIPT))
      .map((symbol): [string, ts.Symbol] => [fqn(symbol.name), declared(symbol)]),
  ),
);

function declared(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The public members that are declared here, static ones and inherited ones too. */
function membersOf(symbol: ts.Symbol): string[] {
  const statics = [...(symbol.exports?.values() ?? [])];
  return [...checker.getDeclaredTypeOfSymbol(symbol).getProperties(), ...statics]
    .filter(({ declarations }) => declarations?.every(isPublicHere))
    .map(({ name }) => name);
}

function isPublicHere(declaration: ts.Declaration): boolean {
  const isHere = declaration.getSourceFile().fileName.startsWith(join(ROOT, 'lib/'));
  return isHere && !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private);
}

/**
 * The members of a type of the assembly, static ones and those of its bases in the assembly too. A class has what it
 * declares of its interfaces: it may lack what is optional there.
 */
function assemblyMembersOf(type: AssemblyType): string[] {
  const own = [...(type.methods ?? []), ...(type.properties ?? []), ...(type.members ?? [])];
  const interfaces = (type.kind === 'interface' && type.interfaces) || [];
  const bases = [type.base, ...interfaces].flatMap((base) => (base && assembly.types[base]) || []);
  return [...own.map(({ name }) => name), ...bases.flatMap(assemblyMembersOf)];
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe('the assembly of jsii', () => {
  it('has every name that the package exports, of the root and of its other entries, and no other', () => {
    expect(exported.size).toBeGreaterThan(200);
    expect(sorted(Object.keys(assembly.types))).toEqual(sorted(exported.keys()));
  });

  it.each(sorted(exported.keys()))('has every member of %s', (name) => {
    expect(sorted(assemblyMembersOf(assembly.types[name]))).toEqual(sorted(membersOf(exported.get(name)!)));
  });

  it('has no method of several signatures, of which jsii keeps one', () => {
    const overloaded = [...exported].flatMap(([name, symbol]) => {
      const members = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])];
      const several = members.filter(
        ({ flags, declarations }) =>
          flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Constructor) && declarations!.length > 1,
      );
      return several.map((member) => `${name}.${member.name}`);
    });
    expect(overloaded).toEqual([]);
  });

  it('lacks what is for TypeScript alone, and has what stands for it', () => {
    const names = entries.flatMap(({ symbols }) => symbols.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(Object.keys(ONLY_TYPESCRIPT)));
    const members = Object.values(assembly.types).flatMap((type) =>
      assemblyMembersOf(type).map((member) => `${type.name}.${member}`),
    );
    const forms = Object.values(ONLY_TYPESCRIPT).filter((form) => form !== undefined);
    expect(members).toEqual(expect.arrayContaining(forms));
  });
});
