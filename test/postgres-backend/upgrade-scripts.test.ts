import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upgradeDumpScript, upgradeRestoreScript } from '../../src/postgres-backend/upgrade-scripts';

/*
 * What the scripts of an upgrade do with the folders of the volume, by programs that only pretend. test/endurance runs
 * them with PostgreSQL itself.
 */

let root: string;
let volume: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'upgrade-'));
  volume = join(root, 'volume');
  mkdirSync(volume);
  mkdirSync(join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Makes a folder of data. */
function data(folder: string, version: string): void {
  mkdirSync(join(volume, folder));
  writeFileSync(join(volume, folder, 'PG_VERSION'), `${version}\n`);
}

/** A program of PostgreSQL that does no more than these lines of shell. */
function program(name: string, lines = ''): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

/** Runs a script by an image of a version. Each program succeeds but those that are given. */
function run(
  script: (path: string) => string,
  major: number,
  programs: Record<string, string> = {},
  parameters: string[] = [],
) {
  const file = '[ -z "$out" ] || echo dumped >"$out"';
  const out = 'for one; do case $one in --file=*) out=$(echo "$one" | cut -c8-) ;; esac; done';
  const all = {
    postgres: `[ "$1" != --version ] || { echo 'postgres (PostgreSQL) ${major}.3'; exit; }; exec sleep 1`,
    'docker-entrypoint.sh': `mkdir "$PGDATA"; echo ${major} >"$PGDATA/PG_VERSION"; exec sleep 1`,
    pg_isready: '',
    pg_ctl: '',
    pg_dumpall: `${out}; ${file}`,
    pg_dump: `${out}; ${file}`,
    pg_restore: 'case $1 in --list) echo ";     dbname: django" ;; esac',
    vacuumdb: '',
    // It counts prepared transactions, names databases, or counts rows.
    psql: 'case "$*" in *xacts*) echo 0 ;; *"SELECT oid"*) echo 5 ;; *datname*) echo django ;; *--csv*) cat >/dev/null; echo public,t,3 ;; *) cat >/dev/null ;; esac',
    ...programs,
  };
  rmSync(join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'bin'));
  for (const [name, lines] of Object.entries(all)) program(name, lines);
  // Other tests run scripts at the same time.
  const moved = script('VOLUME').replaceAll('/tmp/', `${root}/`).replaceAll('VOLUME', volume);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', moved, 'upgrade', ...parameters], {
    env: {
      PATH: `${join(root, 'bin')}:${process.env.PATH}`,
      PGDATA: join(volume, 'pgdata'),
      POSTGRES_DB: 'django',
    },
    encoding: 'utf8',
    // The server that pretends is left. Node's types do not have it.
    ...{ detached: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, last: (status === 0 ? stdout : stderr).trim().split('\n').at(-1)! };
}

const dump = (major = 15, programs?: Record<string, string>) => run(upgradeDumpScript, major, programs);
const restore = (major = 18, programs?: Record<string, string>) => run(upgradeRestoreScript, major, programs);
const folders = () => readdirSync(volume).sort();

test('data is dumped and restored, and the old data stays beside it', () => {
  data('pgdata', '15');
  expect(dump().status).toBe(0);
  expect(folders()).toEqual(['pgdata', 'upgrade']);
  expect(restore()).toEqual({
    status: 0,
    last: `upgrade: the server has the data as PostgreSQL 18. The old data is in '${volume}/pgdata-15': delete it when nobody needs it`,
  });
  expect(folders()).toEqual(['pgdata', 'pgdata-15']);
  // The next start.
  expect(dump().last).toBe('upgrade: the volume has no data of PostgreSQL 15, so there is nothing to dump');
  expect(restore().last).toBe('upgrade: the data is of PostgreSQL 18 already');
  expect(folders()).toEqual(['pgdata', 'pgdata-15']);
});

test('a volume without data is left to the server', () => {
  expect(dump().status).toBe(0);
  expect(restore()).toEqual({
    status: 0,
    last: 'upgrade: the volume has no data, so there is nothing to restore',
  });
  expect(folders()).toEqual([]);
});

test('what was killed between the two renames goes on', () => {
  data('pgdata-15', '15');
  data('upgrading', '18');
  expect(dump().status).toBe(0);
  expect(restore().status).toBe(0);
  expect(folders()).toEqual(['pgdata', 'pgdata-15']);
});

test('a dump of a former run is never used', () => {
  data('pgdata', '15');
  dump();
  writeFileSync(join(volume, 'upgrade', 'old'), '');
  data('upgrading', '18');
  expect(dump().status).toBe(0);
  expect(existsSync(join(volume, 'upgrade', 'old'))).toBe(false);
  expect(folders()).toEqual(['pgdata', 'upgrade']);
  // By an image of another version, which does not dump: what is there may be of before.
  expect(dump(16).status).toBe(0);
  expect(restore()).toEqual({
    status: 1,
    last:
      'error: the volume has data of PostgreSQL 15, and upgradeFrom is an image of another version. Nothing was ' +
      'changed. Give it an image of PostgreSQL 15, such as docker.io/library/postgres:15-bookworm',
  });
  expect(folders()).toEqual(['pgdata']);
});

test('what the old server has left is archived before it is dumped, or nothing is begun', () => {
  data('pgdata', '15');
  const status = join(volume, 'pgdata', 'pg_wal', 'archive_status');
  mkdirSync(status, { recursive: true });
  const left = join(status, '000000010000000000000007.ready');
  const postgres = (lines: string) =>
    `[ "$1" != --version ] || { echo 'postgres (PostgreSQL) 15.3'; exit; }; ${lines}; exec sleep 3`;
  const dumped = (lines: string, parameters: string[]) =>
    run(
      (path) => upgradeDumpScript(path).replace('-lt 120', '-lt 1'),
      15,
      { postgres: postgres(lines) },
      parameters,
    );

  writeFileSync(left, '');
  expect(dumped("echo 'error: no room' >&2", ['--archive_mode=on'])).toEqual({
    status: 1,
    last:
      'error: the old server has not archived all that it wrote, and its log says: error: no room. Nothing was changed. ' +
      'Correct that, or take archive out: a time after the last archived file can then not be restored',
  });
  expect(folders()).toEqual(['pgdata']);
  // What was left before the archive was taken out keeps nothing from being dumped.
  expect(dumped(':', []).status).toBe(0);
  expect(dumped(`rm ${left}`, ['--archive_mode=on']).status).toBe(0);
});

test('the last file of a server that was killed is archived before its data is dumped', () => {
  data('pgdata', '15');
  const status = join(volume, 'pgdata', 'pg_wal', 'archive_status');
  mkdirSync(status, { recursive: true });
  // The server marks the file when it is ended, and the archive is full.
  const psql = `case "$*" in *pg_switch_wal*) touch ${status}/000000010000000000000007.ready ;; *xacts*) echo 0 ;; esac`;
  const dumped = (parameters: string[]) =>
    run((path) => upgradeDumpScript(path).replace('-lt 120', '-lt 1'), 15, { psql }, parameters);
  expect(dumped([]).status).toBe(0);
  expect(dumped(['--archive_mode=on'])).toMatchObject({
    status: 1,
    last: expect.stringMatching(/^error: the old server has not archived all that it wrote, /),
  });
  expect(folders()).toEqual(['pgdata']);
});

test('nothing is begun without room, beside old data, or with prepared transactions', () => {
  data('pgdata', '15');
  const df = "echo 'Filesystem 1024-blocks Used Available'; echo '/dev/x 100 99 1 99% /'";
  expect(dump(15, { df }).last).toMatch(
    /^error: the data has 0 MiB, and 0 MiB of the volume are free: the upgrade needs as much again\. Nothing was changed\. /,
  );
  const psql = 'case "$*" in *xacts*) echo 2 ;; *) cat >/dev/null ;; esac';
  expect(dump(15, { psql }).last).toMatch(
    /^error: the data has 2 prepared transactions, which no dump has\. /,
  );
  data('pgdata-15', '15');
  expect(dump().last).toBe(
    `error: the volume has '${volume}/pgdata-15' of an earlier upgrade. Nothing was changed. Delete that folder if ` +
      'nobody needs it',
  );
  expect(folders()).toEqual(['pgdata', 'pgdata-15']);
});

const failing = (lines: string) => `${lines}; exit 1`;
test.each([
  [
    'pg_restore',
    failing('case $1 in --list) exit 0 ;; esac; echo "no extension" >&2'),
    /restored: no extension\. /,
  ],
  ['vacuumdb', failing(':'), /^error: the statistics could not be made\. /],
  [
    'psql',
    'case "$*" in *--csv*) cat >/dev/null; echo public,t,2 ;; *) cat >/dev/null ;; esac',
    /has other rows than the old one: < public,t,3;> public,t,2;\. /,
  ],
])('data stays as it was when %s does not succeed', (name, lines, message) => {
  data('pgdata', '15');
  dump();
  const { status, last } = restore(18, { [name]: lines });
  expect(status).toBe(1);
  expect(last).toMatch(message);
  expect(last).toMatch(/The data is as it was: PostgreSQL 15 goes on with it$/);
  expect(folders()).toEqual(['pgdata', 'upgrade']);
});
