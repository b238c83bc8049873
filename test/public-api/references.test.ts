import { join } from 'node:path';
import * as ts from 'typescript';
import { publicExports, programOf, ROOT } from '../support/typescript';

/*
 * What a program may give a construct is named by an interface: then an object that was made elsewhere, or a test's own,
 * will do as well.
 */

const EXAMPLES = join(ROOT, 'test/references-examples.ts');
const program = programOf({
  [EXAMPLES]: `
    import { Construct, IConstruct } from 'constructs';
    export class Own extends Construct {}
    export interface IOwn extends IConstruct { method(own: Own): void }
    export interface BadProps { readonly one: Own; readonly list?: Own[]; readonly map: { [name: string]: Own } }
    export interface GoodProps { readonly one: IOwn; readonly list?: IConstruct[]; readonly scope: Construct }
  `,
});
const checker = program.getTypeChecker();
const exported = publicExports(program);
const examples = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(EXAMPLES)!)!);

/** Whether a type is a class of constructs; Construct itself says no more than its interface does. */
function isConstructClass(type: ts.Type): boolean {
  const symbol = type.getSymbol();
  if (!symbol || !(symbol.flags & ts.SymbolFlags.Class) || symbol.name === 'Construct') return false;
  const bases = (one: ts.Type): ts.Type[] => {
    const direct = checker.getBaseTypes(one as ts.InterfaceType) ?? [];
    return [...direct, ...direct.flatMap(bases)];
  };
  return bases(type).some((base) => base.getSymbol()?.name === 'Construct');
}

/** A type and those of the items of its lists and maps. */
function partsOf(type: ts.Type): ts.Type[] {
  const items = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
  const values = type.getStringIndexType();
  return [type, ...[...items, ...(values ? [values] : [])].flatMap(partsOf)];
}

/** The properties of interfaces that are construct classes: `DjangoAppProps.database`. */
function classesIn(symbols: ts.Symbol[]): string[] {
  return symbols
    .filter(({ flags }) => flags & ts.SymbolFlags.Interface)
    .flatMap((symbol) =>
      checker
        .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
        .filter((member) => !(member.flags & ts.SymbolFlags.Method))
        .filter((member) => {
          const type = checker.getNonNullableType(checker.getTypeOfSymbol(member));
          return partsOf(type).some(isConstructClass);
        })
        .map((member) => `${symbol.name}.${member.name}`),
    );
}

describe('the properties of public interfaces', () => {
  it('are looked at as the examples are', () => {
    expect(classesIn(examples)).toEqual(['BadProps.one', 'BadProps.list', 'BadProps.map']);
  });

  it('refer to constructs by interfaces', () => {
    expect(classesIn(exported)).toEqual([]);
  });
});
