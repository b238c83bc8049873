import * as ts from 'typescript';
import { publicExports, programOf } from '../support/typescript';

/*
 * What other languages have no word for: the library is to stay fit for jsii.
 * https://aws.github.io/jsii/user-guides/lib-author/typescript-restrictions/
 */

interface Property {
  /** `DjangoAppProps.image` */
  readonly title: string;
  readonly type: ts.Type;
}

const EXAMPLES = '/examples.ts';
const program = programOf({
  [EXAMPLES]: `
    interface A { readonly a: string }
    interface B { readonly b: string }
    export interface Generic<Type> { readonly type: Type }
    export interface Bad {
      readonly union?: A | B;
      readonly unions: (A | string)[];
      readonly call: () => void;
      readonly calls: { [name: string]: (a: A) => B };
    }
    export interface Good {
      readonly list?: A[];
      readonly map: { [name: string]: B[] };
      readonly flag?: boolean;
      method(a: A): B;
    }
  `,
});
const checker = program.getTypeChecker();
const exported = publicExports(program);
const examples = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(EXAMPLES)!)!);

const isOurs = ({ declarations = [] }: ts.Symbol) =>
  declarations.every((declaration) => !declaration.getSourceFile().fileName.includes('node_modules'));
const isPublic = ({ declarations = [] }: ts.Symbol) =>
  declarations.every((declaration) => !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private));

/** The properties, but not the methods, of interfaces and classes that users see. */
function propertiesOf(symbols: ts.Symbol[]): Property[] {
  return symbols
    .filter(({ flags }) => flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))
    .flatMap((symbol) =>
      checker
        .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
        .filter((member) => !(member.flags & ts.SymbolFlags.Method) && isOurs(member) && isPublic(member))
        .map((member) => ({
          title: `${symbol.name}.${member.name}`,
          type: checker.getNonNullableType(checker.getTypeOfSymbol(member)),
        })),
    );
}

/** A type and those of the items of its lists and maps. */
function partsOf(type: ts.Type): ts.Type[] {
  const items = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
  const values = type.getStringIndexType();
  return [type, ...[...items, ...(values ? [values] : [])].flatMap(partsOf)];
}

const isUnion = (type: ts.Type) =>
  type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Object);
const isFunction = (type: ts.Type) => type.getCallSignatures().length > 0;

const having = (symbols: ts.Symbol[], is: (type: ts.Type) => boolean) =>
  propertiesOf(symbols)
    .filter(({ type }) => partsOf(type).some(is))
    .map(({ title }) => title);

const generic = (symbols: ts.Symbol[]) =>
  symbols
    .filter(({ declarations = [] }) =>
      declarations.some((one) => ((one as ts.InterfaceDeclaration).typeParameters ?? []).length > 0),
    )
    .map(({ name }) => name);

describe('the public interface, for other languages', () => {
  it('is looked at as the examples are', () => {
    expect(generic(examples)).toEqual(['Generic']);
    expect(having(examples, isUnion)).toEqual(['Bad.union', 'Bad.unions']);
    expect(having(examples, isFunction)).toEqual(['Bad.call', 'Bad.calls']);
    expect(propertiesOf(exported).length).toBeGreaterThan(300);
  });

  it('has no generic types', () => {
    expect(generic(exported)).toEqual([]);
  });

  it('has no property that is one of several structs', () => {
    expect(having(exported, isUnion)).toEqual([]);
  });

  it('has no property that is a function', () => {
    expect(having(exported, isFunction)).toEqual([]);
  });
});
