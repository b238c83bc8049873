import { checkRange } from '../../src/kubernetes/peers';
import { chartOn } from '../support/synth';

const check = (range: any) => () => checkRange(chartOn(), 'cidr', range);

describe('a range of addresses', () => {
  it.each([
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.1.2.3/32',
    '192.168.4.0/22',
    '::/0',
    'fd00::/8',
    '2001:DB8::1/128',
    '1::/16',
  ])('is %s', (range) => {
    expect(check(range)()).toBe(range);
  });

  it.each([
    '',
    undefined,
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8\n',
    '010.0.0.0/8',
    '10.0.0/8',
    'fe80::1%eth0/64',
    'fd00::/129',
    ':::/0',
    // An IPv4 range in the writing of IPv6, which network plugins understand in different ways.
    '::ffff:10.0.0.0/104',
  ])('is not %j', (range) => {
    expect(check(range)).toThrow(
      `cidr ${JSON.stringify(range) ?? '(not given)'} is not a range of addresses. ` +
        'Give an address and the length of its prefix, such as "10.20.0.0/16".',
    );
  });

  it.each(['10.1.2.3/8', '10.0.0.1/31', '0.0.0.1/0', 'fd00::1/64', '2001:db8:0:1::/48'])(
    'begins with its first address, unlike %s',
    (range) => {
      expect(check(range)).toThrow(
        `polls: cidr "${range}" begins with another address than its range. ` +
          'Give the first address of the range, such as "10.20.0.0/16".',
      );
    },
  );
});
