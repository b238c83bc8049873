import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** How .ci/run adds up the results of jest, and which files of the cluster's tests it runs again. */
const ROOT = resolve(__dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'summary-'));

const summary = (...args: string[]) =>
  execFileSync(process.execPath, [join(ROOT, '.ci/summary'), ...args], { cwd: ROOT, encoding: 'utf8' });

/** Results of jest: of each file of tests, what became of its tests. */
function results(name: string, files: Record<string, string[]>): string {
  const testResults = Object.entries(files).map(([file, statuses]) => ({
    name: join(ROOT, file),
    status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status })),
  }));
  const path = join(work, name);
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}

const UNIT = results('test.jest.json', {
  'test/a.test.ts': ['passed', 'passed'],
  'test/b.test.ts': ['failed'],
});
const CLUSTER = results('test-cluster.jest.json', {
  'test/a.test.ts': ['passed'],
  'test/cluster/c.test.ts': ['passed', 'failed', 'failed'],
  'test/cluster/d.test.ts': [],
});

test('results of several runs are added up', () => {
  expect(summary('count', UNIT, CLUSTER)).toBe('4 passed, 3 failed\n');
  expect(summary('count')).toBe('0 passed, 0 failed\n');
});

test('a file that ran again counts as it ended then, in whatever order the results come', () => {
  const again = results('test-cluster.again.jest.json', {
    'test/cluster/c.test.ts': ['passed', 'passed', 'failed'],
    'test/cluster/d.test.ts': ['passed'],
  });
  for (const files of [
    [UNIT, CLUSTER, again],
    [again, CLUSTER, UNIT],
  ]) {
    expect(summary('count', ...files)).toBe('6 passed, 2 failed\n');
  }
});

test('the files with a failed test, or with none because they do not compile, run again', () => {
  expect(summary('failed', CLUSTER)).toBe('test/cluster/c.test.ts\ntest/cluster/d.test.ts\n');
  expect(summary('failed', results('good.jest.json', { 'test/a.test.ts': ['passed'] }))).toBe('');
});
