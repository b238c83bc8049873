import fc from 'fast-check';
import { contentHash, SharedDataHash, shortHash, tinyHash } from '../../src/kubernetes/hash';

/** The same value with the keys of all its objects the other way round. */
function reversed(value: any): any {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('a content hash', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(contentHash(reversed(value))).toBe(contentHash(value));
      }),
    );
  });

  it('depends on the order of lists', () => {
    expect(contentHash(['a', 'b'])).not.toBe(contentHash(['b', 'a']));
  });

  it('differs for different content', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), fc.string(), (value, key, item) => {
        fc.pre(value[key] !== item);
        expect(contentHash({ ...value, [key]: item })).not.toBe(contentHash(value));
      }),
    );
  });

  it('takes an undefined key as none', () => {
    expect(contentHash({ a: 1, b: undefined })).toBe(contentHash({ a: 1 }));
  });

  it('is one that later versions of the library must keep: names of Jobs end in it', () => {
    expect(contentHash({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      'f124912702a4df295dd1287de9a38d9144a0910b9ffde3ff7be7b830370ad065',
    );
    expect(shortHash('polls')).toMatch(/^[0-9a-f]{10}$/);
    expect(tinyHash('polls.example.com')).toBe('4ucgk');
  });

  it('may be so short that a name has room for it', () => {
    fc.assert(fc.property(fc.string(), (value) => expect(tinyHash(value)).toMatch(/^[0-9a-z]{5}$/)));
  });
});

describe('a hash of data that several ConfigMaps have', () => {
  it('is that of each of them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.option(fc.string()), (data, given) => {
        const namespace = given ?? undefined;
        expect(new SharedDataHash(data).in(namespace)).toBe(shortHash({ namespace, data }));
      }),
    );
  });

  it('is not that of other data', () => {
    const hash = new SharedDataHash({ 'a.py': '1', 'b.py': '2' });
    expect(hash.isOf({ 'b.py': '2', 'a.py': '1' })).toBe(true);
    for (const other of [
      { 'a.py': '1' },
      { 'a.py': '1', 'b.py': '3' },
      { 'a.py': '1', 'c.py': '2' },
      undefined,
    ]) {
      expect(hash.isOf(other as Record<string, string> | undefined)).toBe(false);
    }
  });
});
