import fc from 'fast-check';
import { pathProblem } from '../../src/kubernetes/paths';

/** Texts of all that can make a path mean something else, and of what cannot. */
const part = fc.constantFrom(
  'a',
  'polls',
  '.',
  '..',
  '',
  '%2f',
  '%2F',
  '%2e',
  '%41',
  '%zz',
  '%',
  '~',
  'a.b',
  '#',
  '?',
  ' ',
);
const path = fc.array(part, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);

/** The rules of HTTPRoute for a prefix, as its definition has them. */
function httpRouteTakes(value: string): boolean {
  return (
    value.startsWith('/') &&
    !['//', '/./', '/../', '%2f', '%2F', '#'].some((text) => value.includes(text)) &&
    !['/..', '/.'].some((text) => value.endsWith(text)) &&
    /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$/.test(value) &&
    value.length <= 1024
  );
}

describe('a path', () => {
  it('that is taken is one that HTTPRoute takes, and that nobody resolves to another', () => {
    fc.assert(
      fc.property(fc.oneof(path, fc.webPath(), fc.string()), (value) => {
        fc.pre(pathProblem(value) === undefined);
        expect(httpRouteTakes(value)).toBe(true);
        expect(new URL(`https://polls.example.com${value}`).pathname).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  it('of plain parts is taken, also with a slash at its end', () => {
    const plain = fc.array(fc.stringMatching(/^[a-zA-Z0-9_~-]([.]?[a-zA-Z0-9])*$/), { maxLength: 5 });
    fc.assert(
      fc.property(plain, fc.constantFrom('', '/'), (parts, end) => {
        const value = parts.length ? `/${parts.join('/')}${end}` : '/';
        expect(pathProblem(value)).toBeUndefined();
      }),
    );
  });
});
