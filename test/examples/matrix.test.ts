import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matrix } from './matrix';

/** Lines of a table without what only aligns its columns. */
const cellsOf = (lines: string[]) =>
  lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^-+$/, '---')),
  );

test('the table of docs/distributions.md is what the library emits', () => {
  const text = readFileSync(join(__dirname, '../../docs/distributions.md'), 'utf8');
  const [, table] = /<!-- table:[^>]*-->([\s\S]*?)<!-- end -->/.exec(text)!;
  const expected = matrix();
  try {
    expect(cellsOf(table.trim().split('\n'))).toEqual(cellsOf(expected));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\nThe table should be:\n\n${expected.join('\n')}\n`);
  }
});
