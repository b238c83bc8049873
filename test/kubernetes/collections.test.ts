import * as fc from 'fast-check';
import { groupedBy, sortedBy, uniqueSorted } from '../../src/kubernetes/collections';

const items = fc.array(fc.record({ text: fc.string({ maxLength: 2 }), number: fc.nat() }));

describe('items', () => {
  it('are in the order of their texts, and otherwise as they were', () => {
    fc.assert(
      fc.property(items, (all) => {
        const expected = [...all].sort((one, other) =>
          one.text === other.text ? 0 : one.text < other.text ? -1 : 1,
        );
        expect(sortedBy(all, ({ text }) => text)).toEqual(expected);
      }),
    );
  });

  it('are each in the group of their key, in their order', () => {
    fc.assert(
      fc.property(items, (all) => {
        for (const [key, group] of groupedBy(all, ({ text }) => text)) {
          expect(group).toEqual(all.filter(({ text }) => text === key));
        }
      }),
    );
  });
});

it('texts are there once, in the order of their characters', () => {
  expect(uniqueSorted(['b', 'ä', 'B', 'a', 'b'])).toEqual(['B', 'a', 'b', 'ä']);
});
