import { ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { find, postgres, synth } from '../support/synth';

/* What the script of later roles does in PostgreSQL itself, beside a migration. It needs the programs of a server. */

const programs = spawnSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin | tail -n 1'], {
  encoding: 'utf8',
}).stdout.trim();
const own = (key: string) => ({ secretName: 'own', key });
const NOBODY = 65534;
/** PostgreSQL refuses to run as root. */
const user = process.getuid!() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

jest.setTimeout(60_000);

(programs ? describe : describe.skip)('beside a migration', () => {
  let root: string;
  let server: ChildProcess;
  let env: Record<string, string>;

  const { data } = find(
    synth((chart) => postgres(chart, { password: own('owner'), applicationRole: { password: own('app') } })),
    'ConfigMap',
    'polls-db',
  );
  const sql = (role: string, ...statements: string[]) =>
    spawnSync(
      'psql',
      [
        ...['--no-psqlrc', '--tuples-only', '--no-align', `--username=${role}`, '--dbname=django'],
        ...statements.flatMap((one) => ['--command', one]),
      ],
      { env, encoding: 'utf8' },
    );
  const script = () =>
    data['roles.sh']
      .replaceAll('/tmp/', `${root}/tmp/`)
      .replaceAll('/etc/cdk8s-django/roles', `${root}/roles`)
      .replaceAll(' >/proc/1/fd/2 2>&1', '')
      .replaceAll(' 2>/proc/1/fd/2', '');
  const makeRoles = () => spawnSync('sh', ['-c', script()], { env, encoding: 'utf8' });

  const until = async (condition: () => boolean) => {
    const end = Date.now() + 30_000;
    while (!condition()) {
      if (Date.now() > end) throw new Error('the condition never held');
      // Lets what is written to migrations go out.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Waits until so many migrations have changed something and are open. */
  const open = (migrations: number) => {
    const asked =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xid IS NOT NULL";
    return until(() => sql('postgres', asked).stdout.trim() === String(migrations));
  };

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'late-tables-'));
    chmodSync(root, 0o777);
    ['roles', 'tmp'].forEach((folder) => mkdirSync(join(root, folder)));
    env = { PATH: `${programs}:${process.env.PATH}`, PGHOST: root, LC_ALL: 'C' };
    const options = { cwd: root, env, stdio: 'ignore', ...user } as const;
    const db = join(root, 'db');
    execFileSync('initdb', [`--pgdata=${db}`, '--username=postgres', '--auth=trust', '--no-sync'], options);
    server = spawn('postgres', ['-D', db, '-k', root, '-c', 'listen_addresses='], options);
    await until(() => spawnSync('pg_isready', ['--quiet'], { env }).status === 0);
    execFileSync('createdb', ['--username=postgres', 'django'], { env });
    sql('postgres', 'CREATE ROLE django LOGIN', 'ALTER DATABASE django OWNER TO django');
    sql('postgres', 'GRANT CREATE ON SCHEMA public TO django');
    sql('django', 'CREATE TABLE there (id int)');
    writeFileSync(join(root, 'roles', 'django_application'), 'secret');
  });
  afterAll(async () => {
    server.kill('SIGQUIT');
    await until(() => !existsSync(join(root, '.s.PGSQL.5432')));
    rmSync(root, { recursive: true, force: true });
  });

  it('gives the rights for a table that nobody sees yet, too', async () => {
    const migration = spawn('psql', ['--no-psqlrc', '--username=django', '--dbname=django'], { env });
    migration.stdin.write('BEGIN; CREATE TABLE migrated (id serial);\n');
    await open(1);

    const first = makeRoles();
    expect([first.status, first.stderr]).toEqual([75, '']);
    expect(first.stdout).toMatch(/gives 'django_application' its rights when .* ended: process \d+\n$/);
    expect(sql('django_application', 'SELECT FROM there').stderr).toContain('permission denied');
    // A migration that begins later has default privileges, and is not waited for.
    const later = spawn('psql', ['--no-psqlrc', '--username=django', '--dbname=django'], { env });
    later.stdin.write('BEGIN; CREATE TABLE later (id serial);\n');
    await open(2);
    migration.stdin.end('COMMIT;\n');
    await until(() => sql('postgres', 'SELECT count(*) FROM migrated').status === 0);

    await until(() => makeRoles().status === 0);
    later.stdin.end('COMMIT;\n');
    await until(() => sql('postgres', 'SELECT count(*) FROM later').status === 0);
    for (const table of ['there', 'migrated', 'later']) {
      expect(sql('django_application', `SELECT count(*) FROM ${table}`)).toMatchObject({
        stdout: '0\n',
        stderr: '',
      });
    }
    expect(sql('django_application', 'INSERT INTO migrated DEFAULT VALUES').stderr).toBe('');
    expect(sql('django_application', 'DROP TABLE migrated').stderr).toContain('must be owner');
  });

  it('gives all rights again where a migration changes a table meanwhile', async () => {
    rmSync(join(root, 'tmp', 'role.django_application'));
    const migration = spawn('psql', ['--no-psqlrc', '--username=django', '--dbname=django'], { env });
    migration.stdin.write('BEGIN; ALTER TABLE there ADD COLUMN name text;\n');
    await open(1);

    const roles = spawn('sh', ['-c', script()], { env });
    let said = '';
    roles.stderr.on('data', (part) => (said += part));
    const ended = once(roles, 'close');
    await until(
      () => sql('postgres', 'SELECT count(*) FROM pg_locks WHERE NOT granted').stdout.trim() === '1',
    );
    migration.stdin.end('COMMIT;\n');
    expect(await ended).toEqual([1, null]);
    expect(said).toContain('tuple concurrently updated');
    expect(makeRoles()).toMatchObject({ status: 0, stderr: '' });
    expect(sql('django_application', 'SELECT name FROM there').stderr).toBe('');
  });
});
