import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { publishScript } from '../../../src/capabilities/backup/copy-scripts';
import { fetchScript, uploadScript } from '../../../src/workloads/bucket-scripts';
import { DUMPS_PATH } from '../../../src/workloads/dump-scripts';

/** The scripts of a bucket, with a program that stands in for rclone. The suite of operators has the real one. */
const work = mkdtempSync(join(tmpdir(), 'bucket-scripts-'));
const dumps = join(work, 'dumps');
const bucket = join(work, 'bucket');
const programs = join(work, 'programs');
const data = join(work, 'data');

/** A bucket is a folder. What is uploaded while `BROKEN` is set never appears in it. */
const RCLONE = `#!/bin/sh
path() { case $1 in bucket:*) echo "${bucket}/\${1#bucket:}" ;; *) echo "$1" ;; esac; }
for one; do case $one in --ignore-times) shift_it=1 ;; esac; done
[ -z "$shift_it" ] || set -- "$1" "$3" "$4"
[ -z "$DENIED" ] || { echo 'AccessDenied' >&2; exit 1; }
case $1 in
  obscure) sed 's/^/obscured /' ;;
  lsf) [ -d "$(path "$3")" ] || exit 3; ls "$(path "$3")" ;;
  copyto)
    [ -z "$BROKEN" ] || exit 7
    printf '%s' "$RCLONE_CONFIG_ENCRYPTED_PASSWORD" >"${work}/password"
    to=$(path "$3"); mkdir -p "$(dirname "$to")"; cp "$(path "$2")" "$to" ;;
  deletefile) rm "$(path "$2")" ;;
esac`;

beforeEach(() => {
  rmSync(work, { recursive: true, force: true });
  for (const folder of [dumps, join(bucket, 'b/polls-db'), programs, data]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(programs, 'rclone'), RCLONE);
  chmodSync(join(programs, 'rclone'), 0o755);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const NOW = Date.now();

/** The name of a dump that was made so many days ago. */
function dumpOf(days: number): string {
  const time = new Date(NOW - days * 86_400_000).toISOString();
  return `polls-db-${time.slice(0, 10).replaceAll('-', '')}-${time.slice(11, 19).replaceAll(':', '')}`;
}

const put = (folder: string, ...ages: number[]) =>
  ages.forEach((days) => writeFileSync(join(folder, `${dumpOf(days)}.dump`), `dump of ${days} days ago`));
const inBucket = (...ages: number[]) => put(join(bucket, 'b/polls-db'), ...ages);
const inVolume = (...ages: number[]) => put(dumps, ...ages);
const namesIn = (folder: string) => readdirSync(folder).map((name) => name.replace('.dump', ''));

function run(script: string, args: string[], env: Record<string, string> = {}) {
  const text = script.replaceAll('/tmp/', `${work}/`).replaceAll(DUMPS_PATH, dumps);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', text, 'sh', 'bucket:b/polls-db', ...args], {
    encoding: 'utf8',
    env: { PATH: `${programs}:${process.env.PATH}`, PGDATA: data, ...env },
  });
  return { status, stdout, stderr, stored: namesIn(join(bucket, 'b/polls-db')), left: namesIn(dumps) };
}

const upload = (env?: Record<string, string>) => run(uploadScript(), ['polls-db', '720'], env);
const publish = (env?: Record<string, string>) => run(publishScript(), ['polls-db'], env);
const fetch = (dump: string, env?: Record<string, string>) => run(fetchScript(), ['polls-db', dump], env);

test('what the bucket does not have is copied, and what is expired there goes', () => {
  inBucket(40, 31, 20);
  inVolume(20, 2, 1);
  const { status, stdout, stored } = upload();
  expect(status).toBe(0);
  expect(stored).toEqual([20, 2, 1].map(dumpOf));
  expect(stdout).toBe(
    [
      `dump '${dumpOf(1)}': copied to the bucket, 18 bytes`,
      `dump '${dumpOf(2)}': copied to the bucket, 18 bytes`,
      `dump '${dumpOf(40)}': deleted from the bucket`,
      `dump '${dumpOf(31)}': deleted from the bucket`,
      '',
    ].join('\n'),
  );
});

test('a new volume, which has nothing, takes nothing from the bucket', () => {
  inBucket(20, 10);
  expect(upload()).toMatchObject({ status: 0, stored: [dumpOf(20), dumpOf(10)] });
});

test('the latest dump stays, however old it is, and the files of others stay too', () => {
  inBucket(400, 300);
  const others = ['polls-db-2-20200101-000000.dump', 'notes.txt'];
  others.forEach((name) => writeFileSync(join(bucket, 'b/polls-db', name), ''));
  const { status, stored } = upload();
  expect(status).toBe(0);
  expect(stored.sort()).toEqual([dumpOf(300), 'notes.txt', 'polls-db-2-20200101-000000'].sort());
});

test('whatever the two have, the bucket has all of the retention afterwards, and the latest', () => {
  // None at the bound of 30 days, which moves while the test runs.
  const ages = fc.uniqueArray(
    fc.integer({ min: 0, max: 60 }).filter((days) => days !== 30),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(ages, ages, (volume, stored) => {
      rmSync(dumps, { recursive: true });
      rmSync(join(bucket, 'b/polls-db'), { recursive: true });
      for (const folder of [dumps, join(bucket, 'b/polls-db')]) mkdirSync(folder);
      inBucket(...stored);
      inVolume(...volume);
      const all = [...new Set([...volume, ...stored])];
      const kept = all.filter((days) => days < 30 || days === Math.min(...all));
      const found = upload();
      expect(found.status).toBe(0);
      expect(found.stored.sort()).toEqual(kept.map(dumpOf).sort());
      expect(found.left.sort()).toEqual(volume.map(dumpOf).sort());
    }),
    { numRuns: 20 },
  );
});

test('a dump that was not copied fails the Job, and nothing is deleted then', () => {
  inBucket(40, 20);
  inVolume(1);
  const { status, stderr, stored } = upload({ BROKEN: '1' });
  expect(status).toBe(1);
  expect(stderr).toBe(
    `error: dump '${dumpOf(1)}' was not copied to the bucket: rclone ended with 7. It is in the volume, and the next ` +
      'run tries again\n',
  );
  expect(stored).toEqual([dumpOf(40), dumpOf(20)]);
});

test('a bucket that cannot be listed fails the Job, with what rclone says', () => {
  const { status, stderr } = upload({ DENIED: '1' });
  expect(status).toBe(1);
  expect(stderr).toBe('AccessDenied\nerror: the bucket could not be listed: rclone ended with 1\n');
});

test('rclone is given the password of the encryption in its own form', () => {
  inVolume(1);
  const password = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));
  expect(upload({ ENCRYPTION_PASSWORD: password }).status).toBe(0);
  expect(readFileSync(join(work, 'password'), 'utf8')).toBe(`obscured ${password}`);
});

describe('a restore', () => {
  it.each([
    ['the dump that it names', dumpOf(20), 20],
    ['the latest one', 'polls-db-latest', 10],
  ])('fetches %s', (_, name, days) => {
    inBucket(20, 10);
    const { status, stdout, left } = fetch(name);
    expect(status).toBe(0);
    expect(left).toEqual([dumpOf(days)]);
    expect(stdout).toBe(`dump '${dumpOf(days)}': fetched from the bucket, 19 bytes\n`);
  });

  it('fetches nothing that the volume has', () => {
    inBucket(10, 1);
    inVolume(20);
    for (const name of [dumpOf(20), 'polls-db-latest']) {
      expect(fetch(name, { DENIED: '1' })).toMatchObject({ status: 0, left: [dumpOf(20)] });
    }
  });

  it('fetches nothing for a server that has data', () => {
    writeFileSync(join(data, 'PG_VERSION'), '18\n');
    expect(fetch('polls-db-latest', { DENIED: '1' })).toMatchObject({ status: 0, left: [] });
  });

  it('says what the bucket has, if it does not have that dump', () => {
    inBucket(20, 10);
    const { status, stderr } = fetch('polls-db-20200101-000000');
    expect(status).toBe(1);
    expect(stderr).toBe(
      "error: there is no dump 'polls-db-20200101-000000' in the volume, and none in the bucket. The bucket has: " +
        `${dumpOf(20)} ${dumpOf(10)}\n`,
    );
  });

  it('says so, if there is no dump at all', () => {
    expect(fetch('polls-db-latest')).toMatchObject({
      status: 1,
      stderr: "error: there is no dump 'polls-db-latest' in the volume, and none in the bucket\n",
    });
  });

  it('says how a copy is made, if there is none', () => {
    const { status, stderr, left } = run(fetchScript(), ['polls-db', 'polls-db-latest', ': make "one"']);
    expect([status, left]).toEqual([1, []]);
    expect(stderr).toBe(
      `error: there is no dump 'polls-db-latest' in the volume, and none in the bucket: make "one"\n`,
    );
  });

  it('fetches a copy again that could not be restored, as the bucket may have a better one', () => {
    inBucket(10, 1);
    inVolume(20);
    writeFileSync(join(dumps, `.${dumpOf(20)}.partial`), '');
    const { status, left } = run(fetchScript(), ['polls-db', 'polls-db-latest', ': make one']);
    expect([status, left]).toEqual([0, [dumpOf(1)]]);
  });

  it('leaves no part of a dump behind', () => {
    inBucket(10);
    expect(fetch('polls-db-latest', { BROKEN: '1' })).toMatchObject({ status: 1, left: [] });
  });
});

describe('a copy', () => {
  it('takes the place of one of the same dump, which may be by other rules', () => {
    inBucket(1);
    writeFileSync(join(dumps, `${dumpOf(1)}.dump`), 'by other rules');
    expect(publish()).toMatchObject({ status: 0, stored: [dumpOf(1)] });
    expect(readFileSync(join(bucket, 'b/polls-db', `${dumpOf(1)}.dump`), 'utf8')).toBe('by other rules');
  });

  it('is one of the two latest, which stay however old they are', () => {
    inBucket(400, 300, 200);
    inVolume(100);
    const { status, stdout, stored } = publish();
    expect([status, stored]).toEqual([0, [200, 100].map(dumpOf)]);
    expect(stdout).toBe(
      [
        `dump '${dumpOf(100)}': copied to the bucket, 20 bytes`,
        `dump '${dumpOf(400)}': deleted from the bucket`,
        `dump '${dumpOf(300)}': deleted from the bucket`,
        '',
      ].join('\n'),
    );
  });

  it('fails before two later ones, which previews would go on with', () => {
    inBucket(2, 1);
    inVolume(3);
    const { status, stderr, stored } = publish();
    expect([status, stored]).toEqual([1, [2, 1].map(dumpOf)]);
    expect(stderr).toBe(
      `error: dump '${dumpOf(3)}' was not copied to the bucket, which has two later ones. Delete these there, or dump ` +
        'the database again\n',
    );
  });

  it('leaves the two latest, whatever the bucket had', () => {
    const ages = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 5 });
    fc.assert(
      fc.property(ages, fc.integer({ min: 0, max: 60 }), (stored, made) => {
        for (const folder of [dumps, join(bucket, 'b/polls-db')]) {
          rmSync(folder, { recursive: true });
          mkdirSync(folder);
        }
        inBucket(...stored);
        inVolume(made);
        const latest = [...new Set([...stored, made])].sort((one, other) => one - other).slice(0, 2);
        const isLate = latest.includes(made);
        const found = publish();
        expect(found.status).toBe(isLate ? 0 : 1);
        expect(found.stored.sort()).toEqual((isLate ? latest : stored).map(dumpOf).sort());
      }),
      { numRuns: 15 },
    );
  });

  it('that does not reach the bucket fails the Job, and nothing is deleted then', () => {
    inBucket(4, 3, 2);
    inVolume(1);
    const { status, stderr, stored } = publish({ BROKEN: '1' });
    expect([status, stored]).toEqual([1, [4, 3, 2].map(dumpOf)]);
    expect(stderr).toBe(
      `error: dump '${dumpOf(1)}' was not copied to the bucket: rclone ended with 7. The next run makes it again\n`,
    );
  });

  it('that is not there is never taken for one', () => {
    inBucket(4, 3, 2);
    expect(publish()).toMatchObject({
      status: 1,
      stderr: 'error: there is no copy to be taken to the bucket\n',
      stored: [4, 3, 2].map(dumpOf),
    });
  });
});
