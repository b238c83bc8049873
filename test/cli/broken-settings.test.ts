import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { CommandProblem } from '../../src/cli/problem';
import { readModule } from '../../src/cli/python/module';
import { read } from './support/project';

const SETTINGS = readFileSync(join(__dirname, 'projects/startproject-5.2/mysite/settings.py'), 'utf8');

/** Settings of which a part is gone, or has another text in its place. */
const broken = fc
  .tuple(fc.nat(SETTINGS.length), fc.nat(80), fc.oneof(fc.constant(''), fc.string({ maxLength: 20 })))
  .map(([at, length, text]) => SETTINGS.slice(0, at) + text + SETTINGS.slice(at + length));

describe('settings that are not valid', () => {
  it('are read as far as it goes, as generated ones show', () => {
    fc.assert(
      fc.property(broken, (settings) => {
        const project = read(settings);
        expect(project.settings.module.value).toBe('shop.settings');
        expect(project.django?.value).toBe('5.2');
      }),
      { numRuns: 200 },
    );
  });

  it('have places in their files', () => {
    fc.assert(
      fc.property(broken, (settings) => {
        const lines = settings.split('\n').length;
        const { assignments, uses } = readModule('a.py', settings);
        for (const { line } of [...assignments, ...uses]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    'Procfile',
    'app.json',
    'compose.yaml',
    'pyproject.toml',
    'Pipfile',
    'requirements.txt',
    '.git/config',
  ])('and any text in %s end the command with a message, or not at all', (path) => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          read('', { [path]: text });
        } catch (error) {
          expect(error).toBeInstanceOf(CommandProblem);
          expect((error as Error).message).toContain(path);
        }
      }),
      { numRuns: 100 },
    );
  });
});
