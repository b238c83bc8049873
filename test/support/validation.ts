import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PLATFORMS = ['gke', 'eks', 'aks', 'openshift', 'upstream'];

/** What docs/distributions.md says of what was validated. */
const [, VALIDATION] = readFileSync(join(__dirname, '../../docs/distributions.md'), 'utf8').split(
  '## What was validated, and how',
);

/** How a concern was validated on a distribution, by the beginning of its row. */
export function validationOf(concern: string, distribution: string): string {
  const row = VALIDATION.split('\n').find((line) => line.startsWith(`| ${concern}`));
  const [, , ...cells] = row!.split('|');
  return cells[PLATFORMS.indexOf(distribution)].trim();
}

/** The kinds that it says there is no definition of. */
export function undefinedKinds(): string[] {
  const [, sentence] = /kinds without a definition: ([^]*?)\. Their fields/.exec(VALIDATION)!;
  // Kinds of several words, those of DB and SQL, Probe and Database: the text has "Ingress" otherwise.
  return sentence.match(/\b(?:(?:[A-Z]+[a-z]+){2,}|(?:DB|SQL)[A-Z][a-z]+|Probe|Database)\b/g)!;
}
