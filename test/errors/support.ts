import { Chart, ChartProps } from 'cdk8s';
import { IDistribution } from 'cdk8s-django';
import { errorOf } from '../support/synth';

/** Bad input, and the whole message that it must give. */
export interface BadInput {
  /** What is bad, said in a few words. */
  readonly what: string;
  readonly message: string;
  define(chart: Chart): unknown;
  readonly distribution?: IDistribution;
  readonly chart?: ChartProps;
}

/** A test of each case: the message has the path, the value and the remedy, to the letter. */
export function eachGivesItsMessage(cases: BadInput[]): void {
  it.each(cases)('is refused: $what', ({ define, message, distribution, chart }) => {
    expect(errorOf(define, distribution, chart)).toBe(message);
  });
}

/** The message of errors that need the whole tree, and are told at synth. */
export function atSynth(...errors: string[]): string {
  return `Validation failed with the following errors:\n  ${errors.join('\n  ')}`;
}
