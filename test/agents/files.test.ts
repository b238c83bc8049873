import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from 'cdk8s-django';
import { ROOT } from '../support/typescript';

/*
 * What coding agents read. test/package/run compiles the programs of the skill and runs its commands, as they are packed.
 */

const { texts }: { texts: () => Record<string, string> } = jest.requireActual('../../scripts/agents');
const made = Object.entries(texts());
const SKILL = texts()['skills/cdk8s-django/SKILL.md'];
const packed: string[] = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).files;

/** npm packs the license without being told. */
const isPacked = (path: string) => packed.some((one) => path.startsWith(one)) || path === 'LICENSE';

/** The paths of the repository that a text names: by links, and in code. */
const pathsIn = (text: string) =>
  [...text.matchAll(/\]\((?!\w+:)([^)#]+)[^)]*\)|`((?:docs|src)\/[\w./-]+)`/g)].map(
    ([, link, code]) => link ?? code,
  );

describe.each(made)('%s', (file, text) => {
  test('is what the documentation says', () => {
    expect(readFileSync(join(ROOT, file), 'utf8')).toBe(text);
  });

  test('is in the package', () => {
    expect(packed).toContain(file.split('/')[0]);
  });

  test('names files that are there and in the package', () => {
    expect(pathsIn(text).length).toBeGreaterThan(3);
    expect(pathsIn(text).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(pathsIn(text).filter((path) => !isPacked(path))).toEqual([]);
  });

  test('is short', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(12_500);
  });
});

describe('llms.txt', () => {
  test('begins with a title and what the library is, as its form demands', () => {
    expect(texts()['llms.txt']).toMatch(/^# cdk8s-django\n\n> Constructs for /);
  });

  test('lists each chapter', () => {
    expect(texts()['llms.txt'].match(/\(docs\/guide\/\d+-/g)).toHaveLength(15);
  });
});

describe('the skill', () => {
  test('says its name and when to use it, within the lengths that agents take', () => {
    const [, name, description] = /^---\nname: (.*)\ndescription: (.*)\n---\n/.exec(SKILL)!;
    expect(name).toBe('cdk8s-django');
    expect(description).toContain('Use it for');
    expect(description.length).toBeLessThanOrEqual(1024);
  });

  test('has programs and commands', () => {
    expect(SKILL.match(/^```ts$/gm)).toHaveLength(2);
    expect(SKILL.match(/^```sh$/gm)).toHaveLength(1);
  });

  test('names what the root of the package has at run time', () => {
    const [, list] = /^- `cdk8s-django`: (.*)$/m.exec(SKILL)!;
    expect([...list.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()).toEqual(
      Object.keys(library).sort(),
    );
  });

  test('has no link that would break where it is copied to', () => {
    expect(SKILL).not.toMatch(/\]\((?!https:)/);
  });
});
