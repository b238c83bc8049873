import fc from 'fast-check';
import { longestPause } from '../../src/kubernetes/cron-pauses';

const DAY = 24 * 60;

describe('the longest pause of a schedule', () => {
  it.each([
    ['0 3 * * *', DAY],
    ['30 1,13 * * *', DAY / 2],
    ['0 1,3 * * *', 22 * 60],
    ['*/15 * * * *', 15],
    ['5/20 * * * *', 20],
    ['0 3 * * 0', 7 * DAY],
    ['0 3 * * mon-fri', 3 * DAY],
    ['0 0 1 * *', 31 * DAY],
    ['0 0 29 2 *', (8 * 365 + 1) * DAY],
    // Both are given, and one is enough.
    ['0 0 1 * mon', 7 * DAY],
    // Of two that both have to be, as one begins with a star.
    ['0 0 */2 * 1', 21 * DAY],
    ['0 0 1 JAN *', 366 * DAY],
  ])('%s: %d minutes', (schedule, minutes) => {
    expect(longestPause(schedule)!.toMinutes()).toBe(minutes);
  });

  it('is none where there is no such day', () => {
    expect(longestPause('0 0 31 2 *')).toBeUndefined();
  });

  it('is a day for each one time of all days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }), (minute, hour) => {
        expect(longestPause(`${minute} ${hour} * * *`)!.toMinutes()).toBe(DAY);
      }),
    );
  });
});
