import { gunzipSync, gzipSync } from 'node:zlib';
import { readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { uploadArchiveScript } from '../../src/postgres-backend/archive-bucket-scripts';
import { fetchArchiveScript } from '../../src/postgres-backend/archive-fetch-script';
import { Archives } from './archives';

let archives: Archives;
const files = (...args: Parameters<Archives['files']>) => archives.files(...args);
const log = (number: number, timeline = 1) =>
  timeline.toString(16).padStart(8, '0').toUpperCase() + number.toString(16).padStart(16, '0').toUpperCase();

beforeEach(() => (archives = new Archives()));
afterEach(() => archives.remove());

describe('a copy of an archive to the bucket', () => {
  it('has all that the volume has, and says so to the server', () => {
    archives.ownVolume('7001');
    const base = archives.base('volume', 10, log(1));
    archives.log('volume', log(1), log(2), log(3));
    const { stdout, stderr, isInBucket } = archives.upload();
    expect(stderr).toBe('');
    expect(files('bucket/b', 'wal')).toEqual(files('volume', 'wal'));
    expect(files('bucket/b', 'base')).toEqual([`${base}/backup_manifest`, `${base}/base.tar.gz`]);
    expect(files('bucket/b', 'system')).toEqual(['7001']);
    expect(stdout).toContain(`polls-db-18: files of the log in the bucket: 4 more, until ${log(3)}.gz\n`);
    expect(stdout).toContain(`polls-db-18: base backup '${base}' is in the bucket\n`);
    expect(isInBucket).toBe(true);
  });

  it('goes on with what is new, by another container too', () => {
    archives.ownVolume('7001');
    archives.log('volume', log(1));
    archives.upload();
    archives.log('volume', log(2));
    const { stdout, stderr } = archives.upload({}, 3);
    expect(stderr).toBe('');
    // All are compared once.
    expect(stdout).toBe(`polls-db-18: files of the log in the bucket: 2 more, until ${log(2)}.gz\n`);
    expect(files('bucket/b', 'wal')).toEqual([1, 2].map((one) => `${log(one)}.gz`));
  });

  it('waits until the server has said whose archive it is', () => {
    archives.log('volume', log(1));
    expect(archives.upload()).toMatchObject({ stderr: '', isInBucket: true });
    expect(files('bucket/b')).toEqual([]);
  });

  it('leaves the archive of another server as it is', () => {
    archives.ownBucket('7001');
    archives.base('bucket/b', 400, log(1));
    archives.base('bucket/b', 300, log(2));
    archives.log('bucket/b', log(1), log(2));
    const before = files('bucket/b');
    archives.ownVolume('7002');
    archives.base('volume', 1, log(1));
    archives.log('volume', log(1));
    const { stderr, isInBucket } = archives.upload();
    expect(stderr).toContain(
      'error: polls-db-18 of the bucket is the archive of another server, 7001, and nothing of this one (7002) is copied: ' +
        'restore that one by the option restore, or give another destination\n',
    );
    expect(isInBucket).toBe(false);
    expect(files('bucket/b')).toEqual(before);
  });

  it('writes over no file of the log', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    archives.write(`bucket/b/polls-db-18/wal/${log(1)}.gz`, gzipSync('another'));
    archives.log('volume', log(1));
    const { stderr, isInBucket } = archives.upload();
    expect(stderr).toContain(
      'error: the log in polls-db-18 was not copied to the bucket: rclone ended with 1. It is in the volume, and is tried again\n',
    );
    expect(isInBucket).toBe(false);
    const kept = readFileSync(join(archives.work, `bucket/b/polls-db-18/wal/${log(1)}.gz`));
    expect(gunzipSync(kept).toString()).toBe('another');
  });

  it('of a base backup that is broken off is not whole, and is finished later', () => {
    archives.ownVolume('7001');
    const base = archives.base('volume', 1, log(1));
    archives.log('volume', log(1));
    const broken = archives.upload({ BROKEN: 'copyto*/backup_manifest' });
    expect(broken.stderr).toContain(
      `error: base backup '${base}' was not copied to the bucket: rclone ended with 7.`,
    );
    expect(files('bucket/b', 'base')).toEqual([`${base}/base.tar.gz`]);
    expect(broken.isInBucket).toBe(false);
    expect(archives.upload()).toMatchObject({ stderr: '', isInBucket: true });
    expect(files('bucket/b', 'base')).toEqual([`${base}/backup_manifest`, `${base}/base.tar.gz`]);
  });

  it('says what rclone says while the bucket cannot be reached, and is late', () => {
    archives.ownVolume('7001');
    archives.base('volume', 1, log(1));
    const message = 'AccessDenied\nerror: the bucket could not be listed: rclone ended with 1\n';
    expect(archives.upload({ DENIED: '1' })).toEqual({
      stdout: '',
      stderr: message + message,
      isInBucket: false,
    });
  });

  it('has no base backup whose log is not there', () => {
    archives.ownVolume('7001');
    archives.base('volume', 1, log(1));
    expect(archives.upload({ BROKEN: '/wal' }).isInBucket).toBe(false);
    expect(files('bucket/b', 'base')).toEqual([]);
  });

  it('leaves out a base backup that the server still writes', () => {
    archives.ownVolume('7001');
    archives.base('volume', 1, log(1), false);
    archives.upload();
    expect(files('bucket/b', 'base')).toEqual([]);
  });
});

describe('what is expired in the bucket', () => {
  it('goes after a base backup, with the log before the first one that stays', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    const [oldest, older, young] = [
      archives.base('bucket/b', 100, log(2)),
      archives.base('bucket/b', 60, log(4)),
      archives.base('bucket/b', 20, log(6)),
    ];
    archives.log('bucket/b', ...[1, 2, 3, 4, 5, 6].map((one) => log(one)));
    archives.log('bucket/b', '00000002.history');
    const last = archives.base('volume', 1, log(8));
    const { stdout, stderr } = archives.upload();
    expect(stderr).toBe('');
    expect(new Set(files('bucket/b', 'base').map((one) => one.split('/')[0]))).toEqual(
      new Set([older, young, last]),
    );
    expect(stdout).toContain(`polls-db-18: base backup '${oldest}' is deleted from the bucket\n`);
    expect(files('bucket/b', 'wal')).toEqual(
      [
        '00000002.history.gz',
        ...[4, 5, 6].map((one) => `${log(one)}.gz`),
        ...[4, 6, 8].map((one) => `${log(one)}.00000028.backup.gz`),
      ].sort(),
    );
  });

  it('is no log of a younger base backup that begins lower, as after a restore to a time', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    archives.base('bucket/b', 120, log(0x28));
    archives.base('bucket/b', 60, log(0x64));
    archives.base('bucket/b', 40, log(0x3c, 2));
    archives.base('bucket/b', 20, log(0x46, 2));
    const places = [0x28, 0x30, 0x3b, 0x3c, 0x46, 0x64].flatMap((one) => [log(one), log(one, 2)]);
    archives.log('bucket/b', ...places);
    archives.base('volume', 1, log(0x4c, 2));
    expect(archives.upload().stderr).toBe('');
    const kept = places.filter((one) => one.slice(8) >= log(0x3c).slice(8));
    const segments = files('bucket/b', 'wal').filter((one) => !one.includes('backup'));
    expect(segments).toEqual(kept.map((one) => `${one}.gz`).sort());
  });

  it('is no log while a base backup that stays has not said where it begins', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    archives.base('bucket/b', 60, log(4));
    const silent = archives.base('bucket/b', 20, log(6));
    rmSync(join(archives.work, `bucket/b/polls-db-18/wal/${log(6)}.00000028.backup.gz`));
    archives.log('bucket/b', log(1), log(4));
    archives.base('volume', 1, log(8));
    expect(archives.upload().stderr).toBe('');
    expect(files('bucket/b', 'wal')).toContain(`${log(1)}.gz`);
    archives.label('bucket/b', silent, log(6));
    expect(archives.upload().stderr).toBe('');
    expect(files('bucket/b', 'wal')).not.toContain(`${log(1)}.gz`);
  });

  it('is not the name of the server, which comes again with each base backup', () => {
    archives.ownVolume('7001');
    archives.base('volume', 20, log(1));
    archives.upload();
    rmSync(join(archives.work, 'bucket/b/polls-db-18/system/7001'));
    archives.base('volume', 1, log(2));
    expect(archives.upload().stderr).toBe('');
    expect(files('bucket/b', 'system')).toEqual(['7001']);
  });

  it('is nothing where the volume is new', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    archives.base('bucket/b', 100, log(2));
    archives.base('bucket/b', 60, log(4));
    archives.log('bucket/b', log(1), log(2), log(4));
    const before = files('bucket/b');
    expect(archives.upload().stderr).toBe('');
    expect(files('bucket/b')).toEqual(before);
  });

  it('are base backups that were broken off two days ago, and no later ones', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    archives.base('bucket/b', 60, log(1), false);
    const late = archives.base('bucket/b', 20, log(1), false);
    const whole = archives.base('volume', 1, log(2));
    expect(archives.upload().stderr).toBe('');
    expect(new Set(files('bucket/b', 'base').map((one) => one.split('/')[0]))).toEqual(
      new Set([late, whole]),
    );
  });

  it('is not copied again from a volume that still has it', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    const kept = archives.base('bucket/b', 60, log(4));
    archives.base('volume', 100, log(2));
    archives.base('volume', 60, log(4));
    const last = archives.base('volume', 1, log(6));
    expect(archives.upload().stderr).toBe('');
    expect(new Set(files('bucket/b', 'base').map((one) => one.split('/')[0]))).toEqual(new Set([kept, last]));
  });

  it('whatever the two have, each time of the retention can be restored afterwards', () => {
    // None at the bound of 48 hours, which moves while the test runs.
    const ages = fc.uniqueArray(
      fc.integer({ min: 1, max: 120 }).filter((hours) => hours !== 48),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(ages, ages, (volume, stored) => {
        archives.remove();
        archives = new Archives();
        archives.ownVolume('7001');
        archives.ownBucket('7001');
        const place = (hours: number) => log(1000 - hours);
        stored.forEach((hours) => archives.base('bucket/b', hours, place(hours)));
        archives.log('bucket/b', ...stored.map(place));
        volume.forEach((hours) => archives.base('volume', hours, place(hours)));
        archives.log('volume', ...volume.map(place));
        expect(archives.upload().stderr).toBe('');
        const oldest = Math.max(...stored);
        const all = [...new Set([...stored, ...volume.filter((hours) => hours <= oldest)])];
        const before = all.filter((hours) => hours > 48);
        const first = before.length > 0 ? Math.min(...before) : Math.max(...all);
        const kept = all.filter((hours) => hours <= first);
        const bases = new Set(files('bucket/b', 'base').map((one) => one.split('/')[0]));
        expect(bases).toEqual(new Set(kept.map((hours) => archives.stamp(hours))));
        for (const hours of kept) expect(files('bucket/b', 'wal')).toContain(`${place(hours)}.gz`);
        for (const hours of all.filter((one) => one > first)) {
          expect(files('bucket/b', 'wal')).not.toContain(`${place(hours)}.gz`);
        }
      }),
      { numRuns: 5 },
    );
  }, 120_000);
});

describe('a restore', () => {
  const time = (hoursAgo: number) => archives.stamp(hoursAgo).replace('-', '');

  it('fetches the last base backup before the time, and the log from its start', () => {
    archives.ownBucket('7001');
    archives.base('bucket/b', 30, log(2));
    const base = archives.base('bucket/b', 20, log(4));
    archives.base('bucket/b', 15, log(5), false);
    archives.base('bucket/b', 5, log(6));
    archives.log('bucket/b', ...[2, 3, 4, 5, 6].map((one) => log(one)));
    const { status, stdout, stderr } = archives.fetch(time(10));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(files('volume', 'base')).toEqual([`${base}/backup_manifest`, `${base}/base.tar.gz`]);
    const fetched = [4, 5, 6].map((one) => `${log(one)}.gz`);
    const labels = [4, 6].map((one) => `${log(one)}.00000028.backup.gz`);
    expect(files('volume', 'wal')).toEqual([...fetched, ...labels].sort());
    expect(stdout).toBe(`base backup '${base}': fetched from the bucket, with files of the log: 5\n`);
  });

  it('fetches into the volume of the data what is of another server', () => {
    archives.ownBucket('7001');
    const base = archives.base('bucket/b', 20, log(4));
    expect(archives.fetch('', 'fetched')).toMatchObject({ status: 0, stderr: '' });
    expect(files('fetched', 'base')).toContain(`${base}/backup_manifest`);
    expect(files('volume')).toEqual([]);
  });

  it('fetches nothing where the volume has a base backup from before the time', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    const base = archives.base('volume', 20, log(4));
    archives.base('bucket/b', 15, log(5));
    const nothing = { status: 0, stdout: `the volume has base backup '${base}': nothing is fetched\n` };
    expect(archives.fetch(time(10))).toMatchObject(nothing);
    expect(archives.fetch()).toMatchObject(nothing);
    // Also when the bucket is away.
    expect(archives.fetch('', 'volume', { DENIED: '1' })).toMatchObject(nothing);
  });

  it('refuses a volume of before, whose log ends earlier than that of the bucket', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    const base = archives.base('volume', 20, log(4));
    archives.log('volume', log(4), log(5));
    utimesSync(
      join(archives.work, `volume/polls-db-18/wal/${log(5)}.gz`),
      archives.now,
      archives.now - 12 * 3600,
    );
    archives.log('bucket/b', log(4), log(5), log(6));
    const refused = {
      status: 1,
      stderr:
        `error: the log in the volume ends with ${log(5)}.gz, and that in the bucket with ${log(6)}.gz. To restore what ` +
        'the bucket has, delete the claim of the archive. To restore what the volume has, give a time before its end\n',
    };
    expect(archives.fetch()).toMatchObject(refused);
    expect(archives.fetch(time(10))).toMatchObject(refused);
    const nothing = { status: 0, stdout: `the volume has base backup '${base}': nothing is fetched\n` };
    expect(archives.fetch(time(15))).toMatchObject(nothing);
    archives.log('volume', log(6), log(7));
    expect(archives.fetch()).toMatchObject(nothing);
  });

  it('takes an archive whose server nothing names any more, but into no volume of one', () => {
    const base = archives.base('bucket/b', 20, log(4));
    archives.ownVolume('7001');
    expect(archives.fetch()).toMatchObject({
      status: 1,
      stderr:
        'error: the bucket does not say of which server polls-db-18 is. If it is 7001, put a file of that name into ' +
        'polls-db-18/system of the bucket\n',
    });
    rmSync(join(archives.work, 'volume/polls-db-18'), { recursive: true });
    expect(archives.fetch()).toMatchObject({ status: 0, stderr: '' });
    expect(files('volume', 'base')).toContain(`${base}/backup_manifest`);
  });

  it('takes an older base backup where the log does not name the last one', () => {
    archives.ownBucket('7001');
    const older = archives.base('bucket/b', 30, log(2));
    const last = archives.base('bucket/b', 20, log(4));
    rmSync(join(archives.work, `bucket/b/polls-db-18/wal/${log(4)}.00000028.backup.gz`));
    const { status, stdout } = archives.fetch();
    expect(status).toBe(0);
    expect(stdout).toContain(`base backup '${last}': the bucket has nothing of its log\n`);
    expect(files('volume', 'base')).toContain(`${older}/backup_manifest`);
  });

  it('fetches an older base backup than those of the volume, and leaves the log there', () => {
    archives.ownVolume('7001');
    archives.ownBucket('7001');
    archives.base('volume', 5, log(6));
    const older = archives.base('bucket/b', 20, log(4));
    archives.log('volume', log(7));
    archives.log('bucket/b', log(4), log(5), log(6), log(7));
    const own = readFileSync(join(archives.work, `volume/polls-db-18/wal/${log(7)}.gz`));
    expect(archives.fetch(time(10))).toMatchObject({ status: 0, stderr: '' });
    expect(files('volume', 'base')).toContain(`${older}/backup_manifest`);
    expect(readFileSync(join(archives.work, `volume/polls-db-18/wal/${log(7)}.gz`))).toEqual(own);
  });

  it('of a fetch that was broken off begins with no part of it, and goes on', () => {
    archives.ownBucket('7001');
    const base = archives.base('bucket/b', 20, log(4));
    const broken = archives.fetch('', 'volume', { BROKEN: `copyto bucket:b/polls-db-18/base/${base}` });
    expect(broken.status).toBe(1);
    expect(broken.stderr).toMatch(
      /^error: base backup '.*' could not be fetched from the bucket with its log: rclone ended with 7\. There are \d+ KiB left\n$/,
    );
    expect(files('volume', 'base')).toEqual([`${base}/base.tar.gz`]);
    expect(archives.fetch()).toMatchObject({ status: 0, stderr: '' });
    expect(files('volume', 'base')).toContain(`${base}/backup_manifest`);
  });

  it.each([
    ['after its end', '0/9000200', true],
    ['at its end', '0/9000100', true],
    ['before its end', '0/9000080', false],
    ['in another gibibyte of the log', '1/80', true],
  ])('takes a base backup of an earlier history that was left %s, if it can', (_, left, isTaken) => {
    archives.ownBucket('7001');
    const older = archives.base('bucket/b', 30, log(2));
    archives.label('bucket/b', older, log(2), '0/2000100');
    const base = archives.base('bucket/b', 20, log(9));
    archives.write(
      'bucket/b/polls-db-18/wal/00000002.history.gz',
      gzipSync(`1\t${left}\tbefore 2026-11-20 10:00:00+00\n`),
    );
    const { status, stdout } = archives.fetch();
    expect(status).toBe(0);
    expect(files('volume', 'base')).toContain(`${isTaken ? base : older}/backup_manifest`);
    if (!isTaken) expect(stdout).toContain(`base backup '${base}': is of what an earlier restore left\n`);
    expect(files('volume', 'wal')).toContain('00000002.history.gz');
  });

  it('takes no base backup of a history that nobody follows, and one of the latest history', () => {
    archives.ownBucket('7001');
    const first = archives.base('bucket/b', 40, log(2));
    archives.label('bucket/b', first, log(2), '0/2000100');
    archives.base('bucket/b', 30, log(5, 2));
    archives.write('bucket/b/polls-db-18/wal/00000002.history.gz', gzipSync('1\t0/3000000\tx\n'));
    archives.write('bucket/b/polls-db-18/wal/00000003.history.gz', gzipSync('1\t0/4000000\tx\n'));
    expect(archives.fetch('', 'fetched')).toMatchObject({ status: 0 });
    expect(files('fetched', 'base')).toContain(`${first}/backup_manifest`);
    const last = archives.base('bucket/b', 20, log(6, 3));
    expect(archives.fetch()).toMatchObject({ status: 0 });
    expect(files('volume', 'base')).toContain(`${last}/backup_manifest`);
  });

  it('leaves data as it is', () => {
    archives.write('data/PG_VERSION', '18\n');
    expect(archives.fetch('', 'volume', { DENIED: '1' })).toMatchObject({
      status: 0,
      stdout: 'the volume of the server has data: nothing is fetched\n',
    });
  });

  it.each<[string, () => void, string]>([
    [
      'neither has an archive',
      () => undefined,
      'error: there is no archive polls-db-18 in the volume, and none in the bucket\n',
    ],
    [
      'the bucket has no base backup of before the time',
      () => {
        archives.ownBucket('7001');
        archives.base('bucket/b', 5, log(2));
      },
      "error: no base backup of 'polls-db' ended before the time. The bucket has: STAMP\n",
    ],
    [
      'the two are of other servers',
      () => {
        archives.ownBucket('7001');
        archives.ownVolume('7002');
        archives.base('volume', 20, log(1));
      },
      'error: the volume has the archive of server 7002 in polls-db-18, and the bucket that of server 7001. For the latter, ' +
        'delete the claim of the archive, or move polls-db-18 in it away. For the former, give another destination\n',
    ],
  ])('says so where %s', (_, prepare, message) => {
    prepare();
    const { status, stderr } = archives.fetch(time(10));
    expect(status).toBe(1);
    expect(stderr.replace(/\d{8}-\d{6}/, 'STAMP')).toBe(message);
  });

  it('says what rclone says where the bucket cannot be reached', () => {
    expect(archives.fetch('', 'volume', { DENIED: '1' })).toMatchObject({
      status: 1,
      stderr:
        'AccessDenied\nerror: the bucket could not be listed: rclone ended with 1\n' +
        "error: the archive of 'polls-db' could not be fetched\n",
    });
  });
});

it('no script has what Flux takes for a variable', () => {
  for (const script of [uploadArchiveScript(), fetchArchiveScript()]) expect(script).not.toMatch(/\$\{|\$\$/);
});
