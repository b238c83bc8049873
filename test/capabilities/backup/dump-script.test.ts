import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drillScript, dumpScript } from '../../../src/capabilities/backup/dump-scripts';
import { AWAIT_SERVER, DUMPS_PATH } from '../../../src/workloads/dump-scripts';

/** The script of dumps, with programs that stand in for PostgreSQL's. The cluster's tests have the real ones. */
const work = mkdtempSync(join(tmpdir(), 'dump-script-'));
const dumps = join(work, 'dumps');
const programs = join(work, 'programs');

const PROGRAMS = {
  pg_isready: 'exit 0',
  // No room where `full` is: as many dumps are there as the volume holds.
  pg_dump: `for one; do case $one in --file=*) file="\${one#--file=}" ;; esac; done
if [ "$(ls ${dumps} | wc -l)" -ge "$ROOM" ]; then echo 'No space left on device' >&2; exit 1; fi
echo data >"$file"`,
  pg_restore: `case $1 in
  --version) echo 'pg_restore (PostgreSQL) 18.1' ;;
  *) echo '; Dumped from database version: 18.1'; echo '1; 0 1 TABLE DATA public polls django' ;;
esac`,
};

beforeEach(() => {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(dumps, { recursive: true });
  mkdirSync(programs);
  for (const [name, script] of Object.entries(PROGRAMS)) {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  }
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const NOW = Date.now();

/** The name of a dump that was made so many days ago. */
function dumpOf(days: number): string {
  const time = new Date(NOW - days * 86_400_000).toISOString();
  return `polls-db-${time.slice(0, 10).replaceAll('-', '')}-${time.slice(11, 19).replaceAll(':', '')}`;
}

/** Runs the script with a retention of 30 days, on a volume with dumps of so many days ago and room for so many. */
function run({ ages, room }: { ages: number[]; room: number }) {
  ages.forEach((days) => writeFileSync(join(dumps, `${dumpOf(days)}.dump`), 'data'));
  const script = dumpScript().replaceAll(DUMPS_PATH, dumps);
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', script, 'sh', 'polls-db', '720', 'db', 'django'],
    {
      encoding: 'utf8',
      env: {
        PATH: `${programs}:${process.env.PATH}`,
        POSTGRES_PASSWORD: 'secret',
        POSTGRES_DB: 'django',
        ROOM: `${room}`,
      },
    },
  );
  return { status, stdout, stderr, left: readdirSync(dumps).map((name) => name.replace('.dump', '')) };
}

test('a dump is written, and expired ones are deleted', () => {
  const { status, stdout, left } = run({ ages: [40, 31, 29, 1], room: 9 });
  expect(stdout).toContain(`dump '${dumpOf(40)}': deleted`);
  expect(status).toBe(0);
  expect(left).toHaveLength(3);
  expect(left).toEqual(expect.arrayContaining([dumpOf(29), dumpOf(1)]));
});

test('a volume that is full of expired dumps has room again', () => {
  const { status, left } = run({ ages: [40, 35, 31], room: 3 });
  expect(status).toBe(0);
  // The one of 31 days ago stayed until the new one was there.
  expect(left).toEqual([expect.stringMatching(/^polls-db-/)]);
  expect(left).not.toContain(dumpOf(31));
});

test('the latest dump stays where no other can be written, and the log says what is left of the volume', () => {
  const { status, stderr, left } = run({ ages: [40, 31], room: 1 });
  expect(status).toBe(1);
  expect(left).toEqual([dumpOf(31)]);
  expect(stderr).toMatch(
    /^error: pg_dump ended with 1: dump 'polls-db-\d{8}-\d{6}' was not written\. The volume has \d+ KiB left$/m,
  );
});

test('nothing of a dump that failed stays, and none within the retention goes', () => {
  const { status, left } = run({ ages: [2, 1], room: 2 });
  expect(status).toBe(1);
  expect(left.sort()).toEqual([dumpOf(2), dumpOf(1)].sort());
  expect(existsSync(join(dumps, `.${left[0]}.partial`))).toBe(false);
});

test.each([
  ['dump', dumpScript(), 'pg_dump --host="$host"'],
  ['drill', drillScript(), 'rows $live'],
])('the %s waits for the server before it asks it anything', (_, script, asks) => {
  // A new pod is refused until network policies know its address.
  expect(script.indexOf(asks)).toBeGreaterThan(script.indexOf(AWAIT_SERVER));
  expect(script).toContain(AWAIT_SERVER);
});
