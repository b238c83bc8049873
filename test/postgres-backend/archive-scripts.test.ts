import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  ARCHIVE_PATH,
  archiveFolders,
  archiveScript,
  baseBackupScript,
  COPIED_PATH,
  pointInTimeScript,
  RESTORED_PATH,
} from '../../src/postgres-backend/archive-scripts';
import { LeastPrivilegeAccess, PostgresBackendProps } from 'cdk8s-django';
import { hbaFile } from '../../src/postgres-backend/hba';
import { django, find, postgres, synth } from '../support/synth';

/*
 * What the scripts of an archive do with its folders, by programs that only pretend. test/cluster runs them with
 * PostgreSQL itself.
 */

let root: string;
const folder = (...parts: string[]) => join(root, 'polls-db-15', ...parts);
const HOUR = 3600;
const now = Math.floor(Date.now() / 1000);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'archive-'));
  mkdirSync(join(root, 'bin'));
  program('pg_archivecleanup', 'echo "pg_archivecleanup $*" >&2');
  isServer('7001');
  run(archiveFolders('polls-db'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A program of PostgreSQL that does no more than these lines of shell. */
function program(name: string, lines = ''): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

/** Makes the server one of this identifier. */
function isServer(identifier: string): void {
  program('pg_controldata', `echo 'Database system identifier:           ${identifier}'`);
}

function run(script: string, ...args: string[]) {
  const moved = script
    .replaceAll(ARCHIVE_PATH, root)
    .replaceAll(RESTORED_PATH, root)
    .replaceAll(COPIED_PATH, root)
    // Other tests run scripts at the same time.
    .replaceAll('/tmp/server.log', `${root}/server.log`)
    .replaceAll('/tmp/archive-late', `${root}/archive-late`);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', moved, 'script', ...args], {
    cwd: root,
    env: {
      PATH: `${join(root, 'bin')}:${process.env.PATH}`,
      PG_MAJOR: '15',
      PGDATA: join(root, 'pgdata'),
      POSTGRES_DB: 'django',
    },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function archive(file: string, text: string, hours = 48) {
  writeFileSync(join(root, file), text);
  return run(archiveScript('polls-db', hours), file, file);
}

const stamp = (hoursAgo: number) =>
  new Date((now - hoursAgo * HOUR) * 1000)
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-');

/** A base backup of some hours ago. */
function base(hoursAgo: number, isWhole = true): string {
  const name = stamp(hoursAgo);
  mkdirSync(folder('base', name));
  const file = folder('base', name, isWhole ? 'backup_manifest' : 'base.tar.gz');
  writeFileSync(file, '{}');
  for (const path of [file, folder('base', name)])
    utimesSync(path, now - hoursAgo * HOUR, now - hoursAgo * HOUR);
  return name;
}

describe('a file of the log', () => {
  it('is archived whole, and once more after a crash', () => {
    expect(archive('000000010000000000000001', 'log').status).toBe(0);
    expect(archive('000000010000000000000001', 'log')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(folder('wal'))).toEqual(['000000010000000000000001.gz']);
    expect(spawnSync('gzip', ['-dc', folder('wal', '000000010000000000000001.gz')]).stdout.toString()).toBe(
      'log',
    );
    expect(readdirSync(folder())).toEqual(['base', 'system', 'wal']);
  });

  it('of another server is never written over', () => {
    archive('000000010000000000000001', 'log');
    const { status, stderr } = archive('000000010000000000000001', 'another');
    expect(status).toBe(1);
    expect(stderr).toContain("error: the archive of 'polls-db' has another 000000010000000000000001 already");
  });

  it('of new data is not archived beside that of a lost server, and takes nothing of it away', () => {
    archive('000000010000000000000009', 'log');
    const kept = [base(100), base(60)].sort();
    isServer('7002');
    const refused = {
      status: 1,
      stdout: '',
      stderr:
        "error: the archive of 'polls-db' is that of another server, which was lost, and nothing of this one is" +
        ` archived: restore that one by the option restore, give another claim, or move ${folder()} away if nobody` +
        ' needs it\n',
    };
    expect(archive('000000010000000000000001', 'new')).toEqual(refused);
    expect(archive('000000010000000000000002.00000028.backup', `LABEL: ${kept[1]}\n`)).toEqual(refused);
    expect(run(archiveScript('polls-db', 48))).toEqual(refused);
    expect(readdirSync(folder('wal'))).toEqual(['000000010000000000000009.gz']);
    expect(readdirSync(folder('base')).sort()).toEqual(kept);
    isServer('7001');
    expect(archive('000000010000000000000010', 'log').status).toBe(0);
  });

  it('of new data is archived once the old archive is moved away', () => {
    archive('000000010000000000000001', 'log');
    isServer('7002');
    rmSync(folder(), { recursive: true });
    expect(archive('000000010000000000000001', 'new').status).toBe(0);
    expect(readdirSync(folder('wal'))).toEqual(['000000010000000000000001.gz']);
  });

  it('is not archived of a server without an identifier', () => {
    program('pg_controldata', 'exit 1');
    expect(archive('000000010000000000000001', 'log')).toMatchObject({
      status: 1,
      stderr: 'error: pg_controldata does not say which server this is: nothing is archived\n',
    });
    expect(readdirSync(folder())).toEqual(['base', 'wal']);
  });

  it.each([
    ['16 minutes', 16],
    ['a minute', 1],
  ])('is archived, and fails once where the last copy to the bucket is %s old', (_, minutes) => {
    const file = join(root, 'archive-in-bucket');
    writeFileSync(file, '');
    utimesSync(file, now - minutes * 60, now - minutes * 60);
    writeFileSync(join(root, '000000010000000000000001'), 'log');
    const attempt = () =>
      run(archiveScript('polls-db', 48, true), '000000010000000000000001', '000000010000000000000001');
    const late = {
      status: 1,
      stdout: '',
      stderr:
        "error: for 15 minutes not all of the archive of 'polls-db' has been copied to its bucket: the container" +
        " 'upload' of this pod says why. The volume has it\n",
    };
    const archived = { status: 0, stdout: '', stderr: '' };
    expect(attempt()).toEqual(minutes > 15 ? late : archived);
    expect(readdirSync(folder('wal'))).toEqual(['000000010000000000000001.gz']);
    expect(attempt()).toEqual(archived);
    // PostgreSQL waits after a failure: one in a minute is enough to be seen.
    rmSync(folder('wal', '000000010000000000000001.gz'));
    expect(attempt()).toEqual(archived);
    if (minutes < 15) return;
    rmSync(folder('wal', '000000010000000000000001.gz'));
    utimesSync(join(root, 'archive-late'), now - 61, now - 61);
    expect(attempt()).toEqual(late);
  });

  it('is archived where nothing was copied yet, as before the server starts', () => {
    writeFileSync(join(root, '000000010000000000000001'), 'log');
    const first = run(
      archiveScript('polls-db', 48, true),
      '000000010000000000000001',
      '000000010000000000000001',
    );
    expect(first).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('is not archived where there is no room', () => {
    program('gzip', 'exit 1');
    expect(archive('000000010000000000000001', 'log').status).not.toBe(0);
    expect(readdirSync(folder('wal'))).toEqual([]);
  });
});

describe('a base backup', () => {
  /** pg_basebackup, whose server makes the last folder of its path. */
  const backUp = (identifier: string) => {
    program('pg_isready');
    program('psql', `echo '${identifier}|1|0/1528F98|'`);
    program(
      'pg_basebackup',
      'for one; do case $one in --target=*) mkdir "${one#--target=server:}" || exit 1;; esac; done',
    );
    return run(baseBackupScript(), 'polls-db');
  };

  it('is written beside the log, also before anything is archived', () => {
    run(archiveScript('polls-db', 48));
    expect(backUp('7001').status).toBe(0);
    expect(readdirSync(folder('base'))).toEqual([expect.stringMatching(/^\d{8}-\d{6}$/)]);
  });

  it('of another server is not written', () => {
    run(archiveScript('polls-db', 48));
    const { status, stderr } = backUp('7002');
    expect(status).toBe(1);
    expect(stderr).toContain("the archive may be that of another server: the log of 'polls-db' says so");
    expect(readdirSync(folder('base'))).toEqual([]);
  });

  it('of a server that does not answer fails', () => {
    expect(backUp('')).toMatchObject({
      status: 1,
      stderr: "error: 'polls-db' does not say which server it is\n",
    });
  });
});

describe('what is expired', () => {
  const history = (label: string) => archive('000000010000000000000009.00000028.backup', `LABEL: ${label}\n`);

  it('goes after a base backup, and one stays that is older than the retention', () => {
    const [oldest, older, young] = [base(100), base(60), base(10)];
    history(older);
    expect(readdirSync(folder('base'))).toEqual([older, young].sort());
    expect(existsSync(folder('base', oldest))).toBe(false);
  });

  it('takes the log before the first base backup with it', () => {
    base(100);
    const { status, stderr } = history(base(60));
    expect(status).toBe(0);
    expect(stderr).toContain(
      `pg_archivecleanup -x .gz ${folder('wal')} 000000010000000000000009.00000028.backup`,
    );
  });

  it('leaves the log of a younger base backup that begins lower, as after a restore to a time', () => {
    const label = (file: string, name: string) =>
      writeFileSync(folder('wal', `${file}.00000028.backup.gz`), gzipSync(`LABEL: ${name}\n`));
    label('000000010000000000000028', base(120));
    label('000000010000000000000064', base(60));
    const unlabelled = base(40);
    // Nothing of the log goes while one has not said where it begins.
    expect(archive('00000002000000000000003D', 'log').stderr).toBe('');
    const young = base(20);
    label('000000020000000000000046', young);
    expect(archive('00000002000000000000004C.00000028.backup', `LABEL: ${base(1)}\n`).stderr).toContain(
      'deleted',
    );
    const after = archive('00000002000000000000004D.00000028.backup', 'LABEL: none\n');
    expect(after.stderr).not.toContain('pg_archivecleanup');
    label('00000002000000000000003C', unlabelled);
    expect(archive('00000002000000000000004E.00000028.backup', 'LABEL: none\n').stderr).toContain(
      `pg_archivecleanup -x .gz ${folder('wal')} 00000002000000000000003C.00000028.backup\n`,
    );
  });

  it('stays where no later base backup is whole', () => {
    const [whole, broken] = [base(100), base(30, false)];
    history(stamp(0));
    expect(readdirSync(folder('base'))).toEqual([whole, broken].sort());
  });

  it('are base backups that were broken off two days ago', () => {
    const [broken, whole] = [base(60, false), base(50)];
    history(whole);
    expect(existsSync(folder('base', broken))).toBe(false);
    expect(readdirSync(folder('base'))).toEqual([whole]);
  });

  it('that cannot be deleted keeps nothing from the archive', () => {
    base(100);
    program('rm', 'exit 1');
    const { status } = history(base(60));
    expect(status).toBe(0);
  });
});

describe('a restore', () => {
  const restore = (at: string, source = 'polls-db') =>
    run(pointInTimeScript(root, 'django', []), source, at, '--archive_mode=on');
  const time = (hoursAgo: number) => new Date((now - hoursAgo * HOUR) * 1000).toISOString();

  it('leaves data as it is', () => {
    mkdirSync(join(root, 'pgdata'));
    writeFileSync(join(root, 'pgdata', 'PG_VERSION'), '15\n');
    expect(restore('')).toMatchObject({
      status: 0,
      stdout: "the volume has data: the archive of 'polls-db' is not restored\n",
    });
  });

  it('says which archives there are', () => {
    expect(restore('', 'shop-db')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "error: there is no archive of 'shop-db' of PostgreSQL 15 in the volume. It has:",
      ),
    });
  });

  it('says which base backups there are where none ended before the time', () => {
    const young = base(10);
    const at = time(20);
    expect(restore(at)).toMatchObject({
      status: 1,
      stderr: `error: no base backup of 'polls-db' ended before '${at}'. There are: ${young}\n`,
    });
  });

  it('begins with the last whole base backup before the time, and ends at it', () => {
    base(30);
    const chosen = base(20);
    base(15, false);
    base(5);
    program('tar', 'exit 0');
    program('docker-entrypoint.sh', 'echo "$@" >&2; exec sleep 5');
    program('pg_isready');
    program('psql', 'cat >/dev/null');
    program('pg_ctl');
    const at = time(10);
    const { status, stdout } = restore(at);
    expect(status).toBe(0);
    expect(stdout).toContain(`base backup '${chosen}': recovering to '${at}'`);
    expect(stdout).toContain("'polls-db': restored");
    expect(existsSync(join(root, 'pgdata', 'recovery.signal'))).toBe(true);
  });

  describe.each([
    "FATAL:  requested timeline 2 is not a child of this server's history",
    'FATAL:  could not locate required checkpoint record',
  ])('after one to an earlier time, whose server says %j', (LEFT) => {
    /** A server that starts from some base backups only. */
    const startingFrom = (kept: string[]) => {
      program('tar', `echo "$2" >${root}/base`);
      program(
        'docker-entrypoint.sh',
        `case $(cat ${root}/base) in ${[...kept, 'none'].map((one) => `*${one}*`).join('|')}) exec sleep 5 ;; esac\necho 'FATAL:  the database system is starting up'\necho "${LEFT}"`,
      );
      program('pg_isready', `grep -qE '${[...kept, 'none'].join('|')}' ${root}/base`);
      program('psql', 'cat >/dev/null');
      program('pg_ctl');
    };

    it('begins with the last base backup that is not of what was left', () => {
      const [older, chosen, left] = [base(40), base(30), base(20)];
      startingFrom([older, chosen]);
      const { status, stdout } = restore('');
      expect(status).toBe(0);
      expect(stdout.match(/base backup '.*': recovering/g)).toEqual([
        `base backup '${left}': recovering`,
        `base backup '${chosen}': recovering`,
      ]);
      expect(existsSync(join(root, 'pgdata', 'recovery.signal'))).toBe(true);
    });

    it('fails where no other base backup is left', () => {
      base(30);
      base(20);
      startingFrom([]);
      expect(restore('')).toMatchObject({
        status: 1,
        stderr: `error: 'polls-db' cannot be brought to '': ${LEFT}\n`,
      });
      expect(existsSync(join(root, 'pgdata'))).toBe(false);
    });
  });

  it('that fails says why, and leaves no data', () => {
    base(20);
    program('tar', 'exit 0');
    program(
      'docker-entrypoint.sh',
      'echo "FATAL:  recovery ended before configured recovery target was reached"',
    );
    program('pg_isready', 'exit 1');
    const { status, stderr } = restore(time(10));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /cannot be brought to .*: FATAL: {2}recovery ended before configured recovery target/,
    );
    expect(existsSync(join(root, 'pgdata'))).toBe(false);
  });
});

describe('a server', () => {
  const made = (changes: Partial<PostgresBackendProps>) =>
    synth((chart) => django(chart, { database: postgres(chart, changes) }));
  const pod = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-db').spec.template.spec;

  it('that is brought to a time of another runs on its node, and archives nothing twice', () => {
    const { affinity, initContainers, volumes } = pod(made({ archive: {}, restore: { from: 'live-db' } }));
    const [{ weight, podAffinityTerm }] =
      affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution;
    expect(weight).toBe(100);
    expect(podAffinityTerm.labelSelector.matchLabels).toMatchObject({
      'app.kubernetes.io/instance': 'live-db',
      'app.kubernetes.io/component': 'database',
    });
    expect(initContainers[0].args.at(-1)).toBe('--archive_mode=off');
    expect(initContainers[0].volumeMounts.at(-1)).toEqual({
      name: 'restored',
      mountPath: RESTORED_PATH,
      readOnly: true,
    });
    expect(volumes).toContainEqual({
      name: 'restored',
      persistentVolumeClaim: { claimName: 'live-db-archive' },
    });
  });

  it('that was lost goes on with its archive, whose claim is one volume', () => {
    const { affinity, initContainers, volumes } = pod(made({ archive: {}, restore: {} }));
    expect(affinity).toBeUndefined();
    expect(initContainers[0].args).not.toContain('--archive_mode=off');
    expect(initContainers[0].volumeMounts.at(-1)).toMatchObject({
      name: 'archive',
      mountPath: RESTORED_PATH,
    });
    expect(volumes.filter((one: any) => one.persistentVolumeClaim)).toEqual([
      { name: 'archive', persistentVolumeClaim: { claimName: 'polls-db-archive' } },
    ]);
  });

  it('makes base backups by a role whose password no application has', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart, { archive: {} }) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    const [container] = find(manifests, 'CronJob', 'polls-db-base-backup').spec.jobTemplate.spec.template.spec
      .containers;
    expect(container.command).toEqual(['sh', '/etc/cdk8s-django/base-backup.sh', 'polls-db']);
    expect(container.env[0]).toEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'polls-db-archive', key: 'password' } },
    });
    expect(JSON.stringify(find(manifests, 'Deployment', 'polls'))).not.toContain('polls-db-archive');
    const { ingress } = find(manifests, 'NetworkPolicy', 'polls-db').spec;
    const components = ingress[0].from.map(
      (one: any) => one.podSelector.matchLabels['app.kubernetes.io/component'],
    );
    expect(components).toContain('base-backup');
    expect(find(manifests, 'NetworkPolicy', 'polls-db-base-backup').spec.ingress ?? []).toEqual([]);
  });
});

it('the role of base backups can do nothing else', () => {
  const rules = (tls: boolean) =>
    hbaFile({ tls, copying: ['cdk8s_django_backup'] })
      .split('\n')
      .filter((line) => line.includes('cdk8s_django_backup'));
  expect(rules(false)).toEqual([
    'host replication cdk8s_django_backup all scram-sha-256',
    'host all cdk8s_django_backup all reject',
  ]);
  expect(rules(true)).toEqual([
    'hostssl replication cdk8s_django_backup all scram-sha-256',
    'host all cdk8s_django_backup all reject',
  ]);
});

it('no script has what Flux takes for a variable', () => {
  for (const script of [
    archiveScript('polls-db', 48),
    baseBackupScript(),
    pointInTimeScript('/v', 'django', []),
  ]) {
    expect(script).not.toMatch(/\$\{|\$\$/);
  }
});
