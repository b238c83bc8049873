import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followScript, followsScript, startedScript } from '../../src/postgres-backend/replica-scripts';

/*
 * What the scripts of a replica do with the folders of its volume, by programs that only pretend. test/cluster runs them
 * with PostgreSQL itself.
 */

const READER = { user: 'django', database: 'django' };

let root: string;
const data = (...parts: string[]) => join(root, 'pgdata', ...parts);
const text = (...parts: string[]) => readFileSync(data(...parts), 'utf8').trim();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'replica-'));
  mkdirSync(join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Makes the data of a server, with what the control file says of connections. */
function has({ version = '15', system = '7001', connections = 250, position = '0/2000060' } = {}): void {
  mkdirSync(data());
  writeFileSync(data('PG_VERSION'), `${version}\n`);
  writeFileSync(data('standby.signal'), '');
  writeFileSync(
    data('control'),
    `Database system identifier:           ${system}\nMinimum recovery ending location:     ${position}\nmax_connections setting:              ${connections}\n` +
      'max_worker_processes setting:         8\nmax_wal_senders setting:              10\n' +
      'max_prepared_xacts setting:           0\nmax_locks_per_xact setting:           64\n',
  );
}

/** Runs a script. Each program succeeds but those that are given. */
function run(script: string, programs: Record<string, string> = {}, { watches = false } = {}) {
  const all: Record<string, string> = {
    // It has the parameters of its command line, and those that PostgreSQL has by itself.
    postgres: [
      '[ "$1" != --version ] || { echo "postgres (PostgreSQL) 15.3"; exit; }',
      'for one; do last=$one; case $one in --max_connections=*) given=$(echo "$one" | cut -d = -f 2) ;; esac; done',
      'case $last in max_connections) echo "$given" ;; max_worker_processes) echo 8 ;; max_wal_senders) echo 10 ;;',
      '  max_prepared_transactions) echo 0 ;; max_locks_per_transaction) echo 64 ;; esac',
    ].join('\n'),
    pg_controldata: 'cat "$1/control"',
    pg_basebackup: `for one; do case $one in --pgdata=*) to=$(echo "$one" | cut -d = -f 2) ;; esac; done
echo "$*" >${root}/copied; mkdir "$to"; echo 15 >"$to/PG_VERSION"; echo new >"$to/new"`,
    // The primary, which says which server it is.
    psql: 'case "$*" in *server_version_num*) echo 150003 ;; *IDENTIFY*) echo "7001|1|0/3000000|" ;; esac',
    'docker-entrypoint.sh': 'echo "started $*"',
    ...programs,
  };
  for (const [name, lines] of Object.entries(all)) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  // What watches beside the server would outlive it here.
  const alone = script
    .replaceAll('/tmp/primary.err', `${root}/primary.err`)
    .replaceAll('kill -INT 1', 'echo ended')
    .replace('  while sleep', watches ? '  while sleep' : '  while false');
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', alone, 'follow', 'postgres', '--max_connections=250'],
    {
      cwd: root,
      env: { PATH: `${join(root, 'bin')}:${process.env.PATH}`, PGDATA: data() },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

const follow = (programs: Record<string, string> = {}) =>
  run(
    followScript({ name: 'polls-db', replica: 'polls-db-ro', volumePath: root, sslMode: 'disable' }),
    programs,
  );

describe('a replica', () => {
  it('without data copies that of its primary', () => {
    const { status, stdout } = follow();
    expect(status).toBe(0);
    expect(stdout).toContain("copying the data of 'polls-db': there is none yet\n");
    expect(stdout).toContain(
      'started postgres --max_connections=250 --hot_standby=on --primary_conninfo=host=polls-db port=5432 ' +
        'user=cdk8s_django_replica connect_timeout=10 sslmode=disable application_name=polls-db-ro\n',
    );
    expect(existsSync(data('standby.signal'))).toBe(true);
    expect(readFileSync(join(root, 'copied'), 'utf8')).toContain('--wal-method=stream');
  });

  it('with the data of its primary goes on with it', () => {
    has();
    const { status, stdout } = follow();
    expect(status).toBe(0);
    expect(stdout).not.toContain('copying');
    expect(existsSync(data('new'))).toBe(false);
    expect(existsSync(data('standby.signal'))).toBe(true);
  });

  it.each<[string, () => void]>([
    ['this one is of another major version', () => has({ version: '14' })],
    [
      'this one cannot follow it any more',
      () => {
        has();
        writeFileSync(data('parted'), '');
      },
    ],
    [
      'this one did not start 3 times',
      () => {
        has();
        writeFileSync(data('starts'), '3\n');
      },
    ],
    [
      'this one cannot follow it any more',
      // More than the primary has written: the same log was begun again from an earlier place.
      () => has({ position: '1/0' }),
    ],
  ])('copies anew when %s', (why, given) => {
    given();
    const { status, stdout } = follow();
    expect(status).toBe(0);
    expect(stdout).toContain(`copying the data of 'polls-db': ${why}\n`);
    expect(text('new')).toBe('new');
    expect(existsSync(data('control'))).toBe(false);
    expect(existsSync(data('parted'))).toBe(false);
    expect(text('starts')).toBe('1');
    expect(['copying', 'old'].filter((one) => existsSync(join(root, one)))).toEqual([]);
  });

  it('begins again with a copy that was broken off', () => {
    mkdirSync(join(root, 'copying'));
    mkdirSync(join(root, 'old'));
    expect(follow().status).toBe(0);
    expect(text('new')).toBe('new');
  });

  it('that cannot copy says so, and starts nothing', () => {
    const { status, stdout, stderr } = follow({ pg_basebackup: 'exit 1' });
    expect(status).toBe(1);
    expect(stderr).toBe("error: the data of 'polls-db' could not be copied\n");
    expect(stdout).not.toContain('started');
    expect(existsSync(data())).toBe(false);
  });

  it('keeps its data while the primary is away or of another version, and says which', () => {
    has();
    const { status, stderr, stdout } = follow({
      psql: `count=$(cat ${root}/count 2>/dev/null || echo 0); echo $((count + 1)) >${root}/count
case $count in 0) echo "connection refused" >&2; exit 2 ;; 1 | 2) version=140011 ;; *) version=150003 ;; esac
case "$*" in *server_version_num*) echo $version ;; *) echo "7001|1|0/3000000|" ;; esac`,
    });
    expect(status).toBe(0);
    expect(stderr).toBe(
      "waiting for 'polls-db': connection refused\n" +
        "waiting for 'polls-db': it is PostgreSQL 14, and this image is 15\n",
    );
    expect(stdout).not.toContain('copying');
  });

  it('keeps the data of another server than its primary, and says what to do', () => {
    has({ system: '7002' });
    const { stderr, stdout } = follow({
      // It does not wait here for ever.
      sleep: 'rm -r "$PGDATA"',
      hostname: 'echo polls-db-ro-0',
      pg_basebackup: 'exit 1',
    });
    expect(stderr).toBe(
      "waiting for 'polls-db': it is another server than that of the data here, which may be the last copy of what was " +
        "lost. If nobody needs it, delete the claim 'data-polls-db-ro-0' and this pod; the guide, chapter 3, says how " +
        "it is dumped\nerror: the data of 'polls-db' could not be copied\n",
    );
    expect(stdout).toContain('there is none yet');
  });

  it('keeps data that was promoted, and says what to do', () => {
    has();
    rmSync(data('standby.signal'));
    const { stderr } = follow({ sleep: 'touch "$PGDATA/standby.signal"', hostname: 'echo polls-db-ro-0' });
    expect(stderr).toBe(
      "waiting for 'polls-db': the data here was that of a primary in between, and may have what 'polls-db' lacks. If " +
        "nobody needs it, delete the claim 'data-polls-db-ro-0' and this pod; the guide, chapter 3, says how it is dumped\n",
    );
    expect(existsSync(data('control'))).toBe(true);
  });

  it('has room for what its primary had room for', () => {
    has({ connections: 400 });
    expect(follow().stdout).toContain('started postgres --max_connections=250 --max_connections=400 --hot');
    rmSync(data(), { recursive: true });
    has({ connections: 100 });
    expect(follow().stdout).toContain('started postgres --max_connections=250 --hot');
  });

  describe('beside its server', () => {
    /** What it does after so many looks. Its own server says these things in turn, the last one for ever. */
    function looks(count: number, says: string[], primary = 'echo "7001|1|0/3000000|"') {
      has();
      const counted = (name: string) =>
        `count=$(($(cat ${root}/${name} 2>/dev/null || echo 0) + 1)); echo $count >${root}/${name}`;
      const { stdout, stderr } = run(
        followScript({ name: 'polls-db', replica: 'polls-db-ro', volumePath: root, sslMode: 'disable' }),
        {
          sleep: `${counted('looks')}; [ $count -le ${count} ]`,
          psql: [
            'case "$*" in',
            '  *server_version_num*) echo 150003 ;;',
            `  *IDENTIFY*) [ -e ${root}/looks ] || { echo "7001|1|0/3000000|"; exit; }; ${primary} ;;`,
            '  *"SELECT pg_last_wal_replay_lsn"*) echo 0/2000000 ;;',
            `  *) ${counted('said')}; set -- ${says.join(' ')}; [ $count -le $# ] || count=$#; eval "echo \\$$count" ;;`,
            'esac',
          ].join('\n'),
        },
        { watches: true },
      );
      return { ended: stdout.includes('ended'), parted: existsSync(data('parted')), stderr };
    }

    it('waits a minute for what comes', () => {
      expect(looks(12, ['0/2000000'])).toMatchObject({ ended: false, parted: false });
    });

    it('ends it when nothing came for a minute', () => {
      const { stderr, ...done } = looks(13, ['0/2000000']);
      expect(done).toEqual({ ended: true, parted: true });
      expect(stderr).toContain(
        "'polls-db' answers, and what it has is not what is here: the data is copied anew\n",
      );
    });

    it.each([
      ['that follows', ['follows']],
      ['that repeats what it has', ['0/1', '0/2', '0/3', '0/4', '0/5', '0/6', '0/7', 'follows']],
    ])('leaves one alone %s', (_, says) => {
      expect(looks(30, says)).toMatchObject({ ended: false, parted: false });
    });

    it('leaves it alone while the primary is away', () => {
      expect(looks(30, ['0/2000000'], 'exit 2')).toMatchObject({ ended: false, parted: false });
    });

    it('ends it at once when it has more than the primary', () => {
      expect(looks(1, ['follows'], 'echo "7001|1|0/1FFFFFF|"')).toMatchObject({ ended: true, parted: true });
    });
  });

  it('that has started has no failed starts any more', () => {
    has();
    writeFileSync(data('starts'), '2\n');
    expect(run(startedScript(READER), { pg_isready: 'exit 1' }).status).toBe(1);
    expect(text('starts')).toBe('2');
    expect(run(startedScript(READER), { pg_isready: '' }).status).toBe(0);
    expect(existsSync(data('starts'))).toBe(false);
  });

  it.each([
    ['1', 0],
    ['0', 1],
    ['', 1],
  ])('with %j streams is ready or not: %d', (count, expected) => {
    expect(run(followsScript(READER), { pg_isready: '', psql: `echo ${count}` }).status).toBe(expected);
  });
});

it('no script has what Flux takes for a variable', () => {
  const options = { name: 'polls-db', replica: 'polls-db-ro', volumePath: '/data', sslMode: 'disable' };
  for (const script of [followScript(options), startedScript(READER), followsScript(READER)]) {
    expect(script).not.toMatch(/\$\{|\$\$/);
  }
});
