import { IConstruct } from 'constructs';
import { Problems } from './problems';

const BYTES: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A quantity of a manifest, in cores or bytes; none when it is not a number with a unit that manifests use. */
export function quantity(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m|k|[MGTP]|[KMGTP]i)?$/.exec(`${value}`);
  if (!match) return undefined;
  const [, number, unit = ''] = match;
  return unit === 'm' ? Number(number) / 1000 : Number(number) * BYTES[unit];
}

/** Millicores of a CPU quantity such as `250m`, `0.5` or `2`. */
export function millicores(scope: IConstruct, property: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(value);
  const result = match ? Number(match[1]) * (match[2] ? 1 : 1000) : NaN;
  if (!(result >= 1) || !Number.isInteger(Math.round(result * 1e6) / 1e6)) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a CPU quantity',
      remedy: 'Give millicores such as "250m" or cores such as "0.5", at least "1m"',
    });
  }
  return Math.round(result);
}

/** Bytes of a memory or storage quantity such as `512Mi` or `20Gi`. */
export function bytes(scope: IConstruct, property: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)(k|[MGTP]|[KMGTP]i)?$/.exec(value);
  const result = match ? Number(match[1]) * BYTES[match[2] ?? ''] : 0;
  if (result < 1) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a quantity of bytes',
      remedy: 'Give a number with a unit such as "512Mi" or "20Gi"',
    });
  }
  return result;
}

/**
 * Bytes of memory or of a volume. Those who forget the unit get an error, and not a container that is killed at once.
 */
export function size(scope: IConstruct, property: string, value: string): number {
  const result = bytes(scope, property, value);
  if (result < BYTES.Mi) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is less than 1Mi, in which nothing runs',
      remedy: 'Give it with its unit, such as "512Mi" or "20Gi"',
    });
  }
  return result;
}

/** Mebibytes of a size that was checked. */
export function mebibytes(value: string): number {
  return quantity(value)! / BYTES.Mi;
}

/**
 * A size without a fraction, rounded up to whole Mi. The API server stores `1.1Gi` as `1181116006400m`, a difference to
 * those who compare what they applied.
 */
export function wholeSize(value: string): string {
  return value.includes('.') ? `${Math.ceil(mebibytes(value))}Mi` : value;
}
