import { ENTRIES, exportsOf, isForTests, programOf } from '../support/typescript';

const program = programOf();
const namesOf = (entry: string) => exportsOf(program, ENTRIES[entry]).map(({ name }) => name);
const entries = Object.keys(ENTRIES).filter((entry) => !isForTests(entry));
const capabilities = entries.filter(
  (entry) => !['', '/platform', '/delivery', '/distributions', '/fleet', '/gitops'].includes(entry),
);

describe('the entries of the package', () => {
  it('are the root, one for each capability, and few others', () => {
    expect(entries).toContain('');
    expect(capabilities).toContain('/routing');
    expect(capabilities.length).toBeGreaterThanOrEqual(14);
  });

  it('have at most 110 names at the root', () => {
    expect(namesOf('').length).toBeGreaterThan(60);
    expect(namesOf('').length).toBeLessThanOrEqual(110);
  });

  it('have each name once', () => {
    const all = entries.flatMap(namesOf);
    expect(all.length).toBeGreaterThan(250);
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });

  it('have no implementation of a capability at the root or among the contracts', () => {
    const misplaced = ['', '/platform'].flatMap((entry) =>
      exportsOf(program, ENTRIES[entry])
        .filter(({ declarations = [] }) =>
          declarations.some((one) => one.getSourceFile().fileName.includes('/src/capabilities/')),
        )
        .map(({ name }) => name),
    );
    expect(misplaced).toEqual([]);
  });
});
