import fc from 'fast-check';
import { merge } from '../../src/kubernetes/overrides';

/** JSON as manifests have it, with nulls and lists of named things. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ maxLength: 3 }),
    fc.integer({ min: 0, max: 9 }),
    fc.boolean(),
    tie('list'),
    tie('named'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  named: fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.integer({ min: 0, max: 9 }) }),
    { maxLength: 3, selector: ({ name }) => name },
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
})).object as fc.Arbitrary<Record<string, any>>;

describe('merging a patch', () => {
  it('of nothing changes nothing', () => {
    fc.assert(fc.property(json, (base) => expect(merge(base, {})).toEqual(base)));
  });

  it('over nothing gives the patch', () => {
    fc.assert(fc.property(json, (patch) => expect(merge({}, patch)).toEqual(patch)));
  });

  it('twice gives the same as once', () => {
    fc.assert(
      fc.property(json, json, (base, patch) => {
        const once = merge(base, patch);
        expect(merge(once, patch)).toEqual(once);
      }),
    );
  });

  it('changes neither of both', () => {
    fc.assert(
      fc.property(json, json, (base, patch) => {
        const before = JSON.stringify([base, patch]);
        merge(base, patch);
        expect(JSON.stringify([base, patch])).toBe(before);
      }),
    );
  });

  it('lets the later of two patches win', () => {
    const leaf = fc.integer();
    fc.assert(
      fc.property(json, leaf, leaf, (base, first, second) => {
        const merged = merge(merge(base, { a: { b: first } }), { a: { b: second } });
        expect(merged.a.b).toBe(second);
      }),
    );
  });

  it('removes a key by null, also where there is none', () => {
    fc.assert(
      fc.property(json, (base) => {
        const rest = { ...base };
        delete rest.a;
        expect(merge(base, { a: null })).toEqual(rest);
      }),
    );
    expect(merge({}, { a: { b: null, c: 1 } })).toEqual({ a: { c: 1 } });
    expect(merge({ a: 1 }, { a: { b: null } })).toEqual({ a: {} });
  });

  it('leaves a key alone whose patch is undefined', () => {
    expect(merge({ a: 1 }, { a: undefined })).toEqual({ a: 1 });
  });

  it('keeps the order of the keys and adds new ones at the end', () => {
    expect(Object.keys(merge({ b: 1, a: 1 }, { c: 1, a: 2 }))).toEqual(['b', 'a', 'c']);
  });

  it('merges lists of named things by their names', () => {
    const base = [
      { name: 'web', image: 'a', env: [{ name: 'A', value: '1' }] },
      { name: 'sidecar', image: 'b' },
    ];
    const patch = [
      { name: 'web', env: [{ name: 'B', value: '2' }] },
      { name: 'new', image: 'c' },
    ];
    expect(merge(base, patch)).toEqual([
      {
        name: 'web',
        image: 'a',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      { name: 'sidecar', image: 'b' },
      { name: 'new', image: 'c' },
    ]);
  });

  it('replaces every other list as a whole', () => {
    expect(merge({ a: [1, 2, 3] }, { a: [4] })).toEqual({ a: [4] });
    expect(merge({ a: [{ name: 'x' }] }, { a: [] })).toEqual({ a: [] });
    expect(merge({ a: [] }, { a: [{ name: 'x' }] })).toEqual({ a: [{ name: 'x' }] });
    expect(merge({ a: [{ port: 1 }] }, { a: [{ port: 2 }] })).toEqual({ a: [{ port: 2 }] });
  });

  const exclusive = [
    [
      'a variable from a Secret gets a value',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      { env: [{ name: 'A', value: '1' }] },
      { env: [{ name: 'A', value: '1' }] },
    ],
    [
      'a value comes from a Secret',
      { env: [{ name: 'A', value: '1' }] },
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    ],
    [
      'a probe asks in another way, in its own time',
      { livenessProbe: { httpGet: { path: '/', port: 1 }, periodSeconds: 5 } },
      { livenessProbe: { tcpSocket: { port: 1 } } },
      { livenessProbe: { tcpSocket: { port: 1 }, periodSeconds: 5 } },
    ],
    [
      'a hook sleeps',
      { lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } },
      { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
    ],
    [
      'a folder becomes a claim',
      {
        volumes: [
          { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
          { name: 'b', secret: {} },
        ],
      },
      { volumes: [{ name: 'tmp', persistentVolumeClaim: { claimName: 'c' } }] },
      {
        volumes: [
          { name: 'tmp', persistentVolumeClaim: { claimName: 'c' } },
          { name: 'b', secret: {} },
        ],
      },
    ],
    [
      'a rolling update becomes a new start',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
      { strategy: { type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
  ] as const;
  it.each(exclusive)('leaves one of fields that exclude each other: %s', (_, base, patch, expected) => {
    expect(merge(base, patch)).toEqual(expected);
  });

  it('leaves fields of that name where they do not exclude each other', () => {
    const base = { secret: { a: 1 }, type: 'A', rollingUpdate: { b: 1 } };
    expect(merge(base, { configMap: { c: 1 }, type: 'A' })).toEqual({ ...base, configMap: { c: 1 } });
    expect(merge(base, { type: 'B', rollingUpdate: { b: 2 } })).toEqual({
      ...base,
      type: 'B',
      rollingUpdate: { b: 2 },
    });
  });
});
