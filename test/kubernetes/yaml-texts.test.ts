import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { withQuotes } from '../../src/kubernetes/yaml-strings';
import { textOf, withKnownTexts } from '../../src/kubernetes/yaml-texts';

/** Strings with what YAML has rules for. */
const piece = fc.constantFrom(
  ...['a', 'Word', ' ', '  ', '\n', '\n\n', '\t', ': ', ':', ' #', '#', '- ', '-', '? ', '---', '...', '\\'],
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '!',
    '|',
    '>',
    '%',
    '@',
    '`',
    '<<',
    '=',
    '~',
    '0',
    '1.5',
  ],
  ...[
    '0x1F',
    '1e5',
    '1:30',
    'yes',
    'null',
    'true',
    '2026-11-28',
    '_',
    'é',
    '😀',
    '\u0001',
    '\u00a0',
    '\u2028',
    '\r',
  ],
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
);
/** What is written without the package, and what is nearly that. */
const words = fc.constantFrom(
  ...[
    'yes',
    'No',
    'n',
    'ON',
    'True',
    'null',
    'Infinity',
    'nan',
    'v1',
    'image',
    '/',
    '//',
    '.',
    '1',
    '60',
    '-1',
    '_',
  ],
  ...[
    ' ',
    '\n',
    '\n\n',
    '\n  ',
    ': ',
    ':',
    '#',
    ' #',
    '=',
    '-',
    '--',
    '---',
    '---\n',
    '\t',
    '"',
    "'",
    'é',
    ',',
  ],
);
const easy = fc.oneof(
  fc.array(words, { maxLength: 4 }).map((parts) => parts.join('')),
  fc.array(words, { maxLength: 12 }).map((parts) => `${parts.join('')}\n`),
  fc.stringMatching(/^-{0,2}[a-zA-Z/][-\w./= :]{0,12}$/),
  fc.stringMatching(/^\d{1,20}$/),
  fc.stringMatching(/^[0-9a-f]{28,66}$/),
  fc.stringMatching(/^[0-9]{20,40}e?[0-9]{10,20}$/),
);
/** Mostly such as manifests have. */
const key = fc
  .oneof(
    { weight: 20, arbitrary: fc.stringMatching(/^[-\w./]{1,12}$/) },
    { weight: 1, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc.constantFrom('---', '...', '<<', '=', 'y', 'null', '1', '-', 'k'.repeat(1100)),
    },
  )
  .filter((one) => one !== '__proto__');

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    easy,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const manifest = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

describe('the text of a manifest', () => {
  it('is what the yaml package gives', () => {
    fc.assert(
      fc.property(manifest, (one) => {
        const written = withQuotes(one);
        expect(textOf(written)).toBe(Yaml.stringify(written));
      }),
      { numRuns: 2000 },
    );
  });

  it('has anchors where an object is there twice, as the yaml package gives them', () => {
    const shared = { app: 'polls' };
    const written = withQuotes({ kind: 'Service', labels: shared, selector: shared });
    expect(textOf(written)).toBe(Yaml.stringify(written));
    expect(textOf(written)).toContain('*');
  });

  it('is that of the yaml package for what is no JSON', () => {
    for (const value of [undefined, new Date(0), new Map([['a', 1]]), 10n ** 20n]) {
      const written = withQuotes({ kind: 'ConfigMap', value });
      expect(textOf(written)).toBe(Yaml.stringify(written));
    }
  });

  it('is not made for manifests of somebody else, and cdk8s has its own function afterwards', () => {
    const before = Yaml.stringify;
    const other = { kind: 'ConfigMap', data: { key: '0o644' } };
    expect(withKnownTexts(() => Yaml.stringify(other, withQuotes({ ...other })))).toBe(
      'kind: ConfigMap\ndata:\n  key: 0o644\n---\nkind: ConfigMap\ndata:\n  key: "0o644"\n',
    );
    expect(() =>
      withKnownTexts(() => {
        throw new Error('full disk');
      }),
    ).toThrow('full disk');
    expect(Yaml.stringify).toBe(before);
  });
});
