import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Distribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { ROOT } from '../support/typescript';
import { chartOf } from './support';

/** The sections of docs/mistakes.md with a program: its heading, its code, and the message that synth gives. */
const MISTAKES = [
  ...readFileSync(join(ROOT, 'docs/mistakes.md'), 'utf8').matchAll(
    /^## (.*)\n(?:(?!## ).*\n)*?```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)\n```/gm,
  ),
].map(([, heading, code, message]) => ({ heading, code, message }));

/** What a program is refused with; nothing where it is not. */
function messageOf(code: string): string | undefined {
  const Program = chartOf(code);
  const distribution = Distribution.upstream({ gatewayClassName: 'contour', clusterIssuer: 'letsencrypt' });
  try {
    manifestsFor(distribution, (app) => {
      new Program(app, 'program');
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a typical mistake', () => {
  test('is in a section of its own', () => {
    const text = readFileSync(join(ROOT, 'docs/mistakes.md'), 'utf8');
    expect(MISTAKES.length).toBeGreaterThanOrEqual(8);
    expect(MISTAKES.map(({ heading }) => heading)).toEqual(
      [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading).slice(0, -1),
    );
  });

  test.each(MISTAKES)('is refused as the page says: $heading', ({ code, message }) => {
    expect(messageOf(code)).toBe(message);
  });

  test('is not found in a program without one', () => {
    const [{ code }] = MISTAKES.filter(({ heading }) => heading === 'An image without a version');
    expect(messageOf(code.replace(':latest', ':2.0.1'))).toBeUndefined();
  });
});
