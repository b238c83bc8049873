import { IConstruct } from 'constructs';
import { Problems } from './problems';

/** Kubernetes counts in 32 bits, or takes no more than fits in them. */
const LARGEST = 2 ** 31 - 1;
/** From here on a bound is there for slips alone. An error names it only for a value above it. */
const FAR = 1e8;

/** Which numbers something can be. */
export interface Bounds {
  readonly atLeast: number;
  readonly atMost?: number;
  /** What is counted, where the property does not say: `seconds`. */
  readonly unit?: string;
}

/** A whole number within bounds. */
export function checkInteger(
  scope: IConstruct,
  property: string,
  value: number,
  { atLeast, atMost = LARGEST, unit }: Bounds,
): number {
  if (!Number.isInteger(value) || value < atLeast || value > atMost) {
    const least = unit ? `from ${atLeast} on` : `of at least ${atLeast}`;
    const bounds = atMost >= FAR && !(value > atMost) ? least : `from ${atLeast} to ${atMost}`;
    const number = `a whole number ${unit ? `of ${unit} ` : ''}${bounds}`;
    Problems.report(scope, {
      property,
      value,
      reason: `is not ${number}`,
      remedy: `Give ${number}`,
    });
  }
  return value;
}

/** A port of something that runs elsewhere. */
export function checkRemotePort(scope: IConstruct, property: string, value: number): number {
  return checkInteger(scope, property, value, { atLeast: 1, atMost: 65535 });
}

/** A TCP port that a process without privileges can listen on. */
export function checkPort(scope: IConstruct, property: string, value: number): number {
  return checkInteger(scope, property, value, { atLeast: 1024, atMost: 65535 });
}
