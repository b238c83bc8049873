import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicNames } from '../support/public-names';
import { ROOT } from '../support/typescript';

const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
const [, section = ''] = changelog.split(/^### Renamed\n/m);
const [table] = section.split(/^##/m);

/** Of each row: what was and what is, as `Name` or `Name.member`. */
const renamed = table
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').slice(1, 3))
  .map((cells) => cells.map((cell) => /`([\w.]+)/.exec(cell)![1]));
const names = publicNames();

describe('the names that changed', () => {
  it('are in the changelog', () => {
    expect(renamed.length).toBeGreaterThan(30);
    expect(renamed).toContainEqual(['WorkerProps', 'CeleryWorkerProps']);
    expect(renamed).toContainEqual(['DjangoAppProps.workers', 'DjangoAppProps.processes']);
  });

  it('are there under the new name', () => {
    expect(renamed.map(([, now]) => now).filter((name) => !names.has(name))).toEqual([]);
  });

  it('are there no longer under the old one', () => {
    expect(renamed.map(([before]) => before).filter((name) => names.has(name))).toEqual([]);
  });
});
