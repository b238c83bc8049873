import fc from 'fast-check';
import { bytes, millicores, quantity } from '../../src/kubernetes/quantities';
import { chartOn } from '../support/synth';

const chart = chartOn();
const cpu = (value: string) => millicores(chart, 'cpu', value);
const memory = (value: string) => bytes(chart, 'memory', value);

describe('CPU quantities', () => {
  it.each([
    ['1m', 1],
    ['250m', 250],
    ['1', 1000],
    ['0.5', 500],
    ['1.25', 1250],
    ['0.001', 1],
    ['64', 64_000],
  ])('%s are %i millicores', (value, expected) => {
    expect(cpu(value)).toBe(expected);
  });

  it.each(['', '0', '0m', '-1', '1.5m', '0.0001', '1.0005', '1k', '250 m', 'one', '1e3', 'NaN', '.5', '1.'])(
    '%j are none',
    (value) => {
      expect(() => cpu(value)).toThrow('is not a CPU quantity');
    },
  );

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (value) => {
        expect(cpu(`${value}m`)).toBe(value);
        expect(cpu(String(value / 1000))).toBe(value);
        expect(cpu(String(value))).toBe(value * 1000);
      }),
    );
  });
});

describe('quantities of bytes', () => {
  const UNITS: [string, number][] = [
    ['', 1],
    ['k', 1e3],
    ['M', 1e6],
    ['G', 1e9],
    ['T', 1e12],
    ['P', 1e15],
    ['Ki', 2 ** 10],
    ['Mi', 2 ** 20],
    ['Gi', 2 ** 30],
    ['Ti', 2 ** 40],
    ['Pi', 2 ** 50],
  ];

  it('are read as they were written, in every unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom(...UNITS),
        (value, [unit, factor]) => {
          expect(memory(`${value}${unit}`)).toBe(value * factor);
        },
      ),
    );
  });

  it('keep their order', () => {
    const quantity = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(...UNITS));
    fc.assert(
      fc.property(quantity, quantity, ([a, [unitA, factorA]], [b, [unitB, factorB]]) => {
        expect(memory(`${a}${unitA}`) < memory(`${b}${unitB}`)).toBe(a * factorA < b * factorB);
      }),
    );
  });

  it('may have a fraction', () => {
    expect(memory('1.5Gi')).toBe(1.5 * 2 ** 30);
  });

  it.each(['', '0', '-1Gi', '1 Gi', '1gi', '1KI', '1K', '1mi', '512MB', '512m', 'Gi', '1e3', 'lots'])(
    '%j are none',
    (value) => {
      expect(() => memory(value)).toThrow('is not a quantity of bytes');
    },
  );
});

describe('quantities of manifests', () => {
  it.each([
    ['100m', 0.1],
    ['0.1', 0.1],
    [2, 2],
    ['100Mi', 104_857_600],
    ['1G', 1e9],
    ['much', undefined],
    [undefined, undefined],
  ])('%s are %s', (value, expected) => {
    expect(quantity(value)).toBe(expected);
  });
});
