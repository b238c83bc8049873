import { IConstruct } from 'constructs';
import { InvalidInputError } from './errors';

/** Kubernetes counts in 32 bits, or takes no more than fits in them; longer times than that are none of ours. */
const LARGEST = 2 ** 31 - 1;

/** A whole number within bounds. */
export function checkInteger(
  scope: IConstruct,
  property: string,
  value: number,
  { atLeast, atMost = LARGEST }: { atLeast: number; atMost?: number },
): number {
  if (!Number.isInteger(value) || value < atLeast || value > atMost) {
    const isOpen = atMost === LARGEST && !(value > LARGEST);
    const bounds = isOpen ? `of at least ${atLeast}` : `from ${atLeast} to ${atMost}`;
    throw new InvalidInputError(scope, {
      property,
      value,
      reason: `is not a whole number ${bounds}`,
      remedy: `Give a whole number ${bounds}`,
    });
  }
  return value;
}

/** A TCP port that a process without privileges can listen on. */
export function checkPort(scope: IConstruct, property: string, value: number): number {
  return checkInteger(scope, property, value, { atLeast: 1024, atMost: 65535 });
}
