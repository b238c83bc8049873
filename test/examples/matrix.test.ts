import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTINGS } from '../capabilities/routing/routings';
import { WITHOUT_DEFINITION } from '../cluster/support/definitions';
import { NOT_SERVED } from '../cluster/support/routed';
import { undefinedKinds, validationOf } from '../support/validation';
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

describe('the table of what was validated', () => {
  const STAND_IN = 'run by the stand-in';
  const routings = Object.entries(ROUTINGS).map(([title, make]) => ({
    title,
    distribution: make().name,
    served: !NOT_SERVED.includes(title),
  }));
  // The first of each distribution is its own.
  const isOwn = ({ distribution }: { distribution: string }, index: number) =>
    routings.findIndex((one) => one.distribution === distribution) === index;

  test.each(routings.filter(isOwn))('says what the stand-in served of $title', ({ distribution, served }) => {
    for (const concern of ['route', 'login, vote and WebSocket', 'redirect']) {
      expect(validationOf(concern, distribution).includes(STAND_IN)).toBe(served);
    }
  });

  test.each(routings.filter((routing, index) => !isOwn(routing, index)))(
    'says whether the stand-in served $title',
    ({ title, distribution, served }) => {
      // "Auto Mode, Gateway: run by the stand-in; …", without the name of the platform.
      const validated = validationOf('other routings', distribution)
        .split('; ')
        .map((part) => part.split(': '))
        .find(([names]) =>
          names.split(', ').some((name) => title.replace(/^(EKS|GKE|AKS|OpenShift) /, '') === name),
        );
      expect([title, validated?.[1].includes(STAND_IN)]).toEqual([title, served]);
    },
  );

  test('comes with the kinds that the API server has no definition of', () => {
    const kinds = WITHOUT_DEFINITION.map((definition) => definition.split(' ')[1]);
    expect(undefinedKinds().sort()).toEqual(kinds.sort());
  });
});
