import * as ts from 'typescript';
import { ENTRIES, exportsOf, programOf } from '../support/typescript';

interface Member {
  /** `DjangoAppProps.image` */
  readonly title: string;
  readonly symbol: ts.Symbol;
  readonly declaration: ts.Declaration;
}

const program = programOf();
const checker = program.getTypeChecker();
const exported = Object.values(ENTRIES).flatMap((path) => exportsOf(program, path));

const isHidden = (declaration: ts.Declaration) =>
  (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;

/** The members of exported interfaces or classes that their users see and that are declared here. */
function membersOf(kind: (declaration: ts.Declaration) => boolean): Member[] {
  return exported
    .filter((symbol) => symbol.declarations?.some(kind))
    .flatMap((symbol) => {
      const statics = [...(symbol.exports?.values() ?? [])];
      return [...(symbol.members?.values() ?? []), ...statics]
        .filter((member) => member.declarations?.length && !/^(__constructor|prototype)$/.test(member.name))
        .map((member) => ({
          title: `${symbol.name}.${member.name}`,
          symbol: member,
          declaration: member.declarations![0],
        }))
        .filter(({ declaration }) => !isHidden(declaration));
    });
}

const docOf = ({ symbol }: Member) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
const hasTag = ({ symbol }: Member, name: string) =>
  symbol.getJsDocTags(checker).some((tag) => tag.name === name);
const isOptional = ({ symbol }: Member) => (symbol.flags & ts.SymbolFlags.Optional) !== 0;

const titles = (members: Member[]) => members.map(({ title }) => title);
const properties = membersOf(ts.isInterfaceDeclaration);

describe('the public interface', () => {
  it('has the constructs, the distributions and their props', () => {
    const names = exported.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['DjangoApp', 'DjangoAppProps', 'Distribution', 'IDistribution', 'synthesize']),
    );
    expect(properties.length).toBeGreaterThan(100);
  });

  it('says a sentence of every class, interface and function', () => {
    const silent = exported.filter((symbol) => symbol.getDocumentationComment(checker).length === 0);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('says a sentence of every property of every interface, which ends in a full stop', () => {
    expect(titles(properties.filter((member) => !/[.:…]$/.test(docOf(member))))).toEqual([]);
  });

  it('says a sentence of every value of an enum', () => {
    const values = membersOf(ts.isEnumDeclaration);
    expect(titles(values.filter((member) => !/\.$/.test(docOf(member))))).toEqual([]);
  });

  it('names the unit of every time', () => {
    const times = properties.filter(({ symbol }) => {
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
      return checker.typeToString(type) === 'Duration';
    });
    expect(times.length).toBeGreaterThan(20);
    expect(
      titles(times.filter((member) => !/in (whole (seconds|hours|days)|milliseconds)/.test(docOf(member)))),
    ).toEqual([]);
  });

  it('has an example of every construct, and of what is chosen to run servers, builds, backups and secrets', () => {
    const bases = /\b(Construct|ISecrets|IPostgres|IValkey|IBuilds|IBackup|IScheduling)\b/;
    const classes = exported.filter((symbol) =>
      symbol.declarations?.some(
        (declaration) =>
          ts.isClassDeclaration(declaration) &&
          declaration.heritageClauses?.some((clause) => bases.test(clause.getText())),
      ),
    );
    expect(classes.length).toBeGreaterThan(20);
    const silent = classes.filter(
      (symbol) => !symbol.getJsDocTags(checker).some((tag) => tag.name === 'example'),
    );
    expect(silent.map(({ name }) => name).sort()).toEqual([]);
  });

  it('names the default of every optional property', () => {
    const optional = properties.filter(isOptional);
    expect(optional.length).toBeGreaterThan(50);
    expect(titles(optional.filter((member) => !hasTag(member, 'default')))).toEqual([]);
  });

  it('names no default of a property that must be given', () => {
    const needed = properties.filter((member) => !isOptional(member));
    expect(needed.length).toBeGreaterThan(20);
    expect(titles(needed.filter((member) => hasTag(member, 'default')))).toEqual([]);
  });

  it('has only properties that cannot be set again', () => {
    const settable = properties.filter(
      ({ declaration }) =>
        ts.isPropertySignature(declaration) &&
        !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly),
    );
    expect(titles(settable)).toEqual([]);
  });

  it('has no property of several types and none that is a function, which other languages lack', () => {
    const foreign = properties.filter(({ symbol, declaration }) => {
      if (!ts.isPropertySignature(declaration)) return false;
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
      const several = type.isUnion() && !(type.flags & (ts.TypeFlags.Boolean | ts.TypeFlags.EnumLike));
      return several || type.getCallSignatures().length > 0;
    });
    expect(titles(foreign)).toEqual([]);
  });

  it('has interfaces of behaviour that begin with I, and no others that do', () => {
    const interfaces = exported.filter((symbol) => symbol.declarations?.some(ts.isInterfaceDeclaration));
    const behaves = (symbol: ts.Symbol) =>
      [...(symbol.members?.values() ?? [])].some(({ flags }) => flags & ts.SymbolFlags.Method);
    const misnamed = interfaces.filter((symbol) => behaves(symbol) && !/^I[A-Z]/.test(symbol.name));
    expect(interfaces.length).toBeGreaterThan(20);
    expect(misnamed.map(({ name }) => name)).toEqual([]);
  });

  it('gives every resource of a construct as a field that has a sentence', () => {
    const fields = membersOf(ts.isClassDeclaration).filter(({ symbol }) =>
      /\bResource\b/.test(checker.typeToString(checker.getTypeOfSymbol(symbol))),
    );
    expect(fields.length).toBeGreaterThan(25);
    expect(titles(fields.filter((member) => member.title !== 'Resource.toJson' && !docOf(member)))).toEqual([
      ...titles(fields.filter((member) => /\.(route|scrape)$/.test(member.title) && !docOf(member))),
    ]);
  });
});
