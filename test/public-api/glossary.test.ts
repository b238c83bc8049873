import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from '../support/files';
import { publicNames } from '../support/public-names';
import { ROOT } from '../support/typescript';

interface Term {
  readonly term: string;
  /** Words for the same that no name has, and whole names that there are not. */
  readonly others: string[];
}

/** The rows of the tables of a page, each as its cells. */
const rows = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!-|Term|Name )/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
const terms: Term[] = rows
  .filter((cells) => cells.length === 3)
  .map(([term, , others]) => ({ term: term.toLowerCase(), others: quoted(others) }));
const names = [...publicNames().keys()];
const exceptions = rows.filter((cells) => cells.length === 2).flatMap(([name]) => quoted(name));

/** `addCeleryWorker` as words: ` add celery worker `. */
const wordsOf = (name: string) =>
  ` ${name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()} `;

/** The words of the last column that a name has, where they are not part of the term itself. */
function wrongWords(name: string): string[] {
  const words = wordsOf(name.slice(name.indexOf('.') + 1));
  // A task worker is a term of its own, and no wrong word for a Celery worker.
  const rest = terms.reduce(
    (text, { term }) => text.replaceAll(` ${term} `, ' … ').replaceAll(` ${term}s `, ' … '),
    words,
  );
  return terms.flatMap(({ others }) => {
    const has = (other: string) => rest.includes(` ${other} `) || rest.includes(` ${other}s `);
    return others.filter((other) => other === name || has(other));
  });
}

/** `PodMonitoringMonitoring`: a word, and another that begins with it. */
const stutters = (name: string) => /\b(\w{4,})s? \1/.test(wordsOf(name));

describe('the glossary', () => {
  it('has about twenty terms, in plain words', () => {
    expect(terms.length).toBeGreaterThanOrEqual(18);
    expect(terms.length).toBeLessThanOrEqual(25);
    expect(new Set(terms.map(({ term }) => term)).size).toBe(terms.length);
    expect(terms.filter(({ others }) => !others.length)).toEqual([]);
  });

  it('finds words that it has no place for', () => {
    expect(wrongWords('DjangoAppProps.workers')).toEqual(['DjangoAppProps.workers']);
    expect(wrongWords('WorkerProps')).toEqual(['worker props']);
    expect(wrongWords('DjangoAppProps.overlay')).toEqual(['overlay']);
    expect(wrongWords('Distribution.instanceCount')).toEqual(['instance']);
    expect(wrongWords('CeleryWorkerProps')).toEqual([]);
    expect(wrongWords('SettingsOverlay')).toEqual([]);
    expect(stutters('PodMonitoringMonitoring')).toBe(true);
    expect(stutters('ServiceMonitorMonitoring')).toBe(true);
    expect(stutters('PrometheusOperator')).toBe(false);
  });

  it('is kept by all public names', () => {
    expect(names.length).toBeGreaterThan(500);
    const wrong = names.filter((name) => !exceptions.includes(name) && wrongWords(name).length > 0);
    expect(wrong.map((name) => `${name}: ${wrongWords(name).join()}`)).toEqual([]);
  });

  it('has no name that says a word twice', () => {
    expect(names.filter((name) => stutters(name.slice(name.indexOf('.') + 1)))).toEqual([]);
  });

  it('is kept where a worker is given its time: one name from the sum to the variable', () => {
    const old = /\b(taskSeconds|allowTaskTime|longestGracePeriod)\b/;
    expect(filesOf('src', '.ts').filter(({ text }) => old.test(text))).toEqual([]);
    expect(filesOf('src', '.ts').some(({ text }) => text.includes('workerGracePeriod'))).toBe(true);
  });

  it('names what is excepted, and nothing besides', () => {
    expect(exceptions.length).toBeGreaterThan(0);
    expect(exceptions.filter((name) => !names.includes(name) || !wrongWords(name).length)).toEqual([]);
  });
});
