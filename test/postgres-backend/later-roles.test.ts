import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeastPrivilegeAccess } from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, find, postgres, synth } from '../support/synth';

/* What an option adds to a server that is there: the server never waits for its password. */

const ROLES = ['django_application', 'cdk8s_django_backup', 'cdk8s_django_replica'];

function made(make = SAMPLES[0].make, asked = true): any[] {
  const options = asked ? { applicationRole: {}, archive: {}, readReplicas: {} } : {};
  return synth((chart) => {
    const app = django(chart, { database: postgres(chart, options) });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  }, make());
}

const podOf = (manifests: any[], name: string) => find(manifests, 'StatefulSet', name).spec.template.spec;
const rolesVolume = (manifests: any[], name: string) =>
  podOf(manifests, name).volumes.find((one: any) => one.name === 'roles');

describe('the roles that options add to a server', () => {
  it.each(SAMPLES)('have passwords that it does not need to run on $name', ({ make }) => {
    const manifests = made(make);
    const [{ env }] = podOf(manifests, 'polls-db').containers;
    const needed = env.filter(({ valueFrom }: any) => valueFrom).map(({ name }: any) => name);
    expect(needed).toEqual(['POSTGRES_PASSWORD']);
    expect(rolesVolume(manifests, 'polls-db').projected.sources).toEqual(
      [
        ['polls-db', 'application-password', ROLES[0]],
        ['polls-db-archive', 'password', ROLES[1]],
        ['polls-db-ro', 'password', ROLES[2]],
      ].map(([name, key, path]) => ({ secret: { name, optional: true, items: [{ key, path }] } })),
    );
  });

  it('are made by it, and not by its replica', () => {
    expect(rolesVolume(made(), 'polls-db-ro')).toBeUndefined();
    expect(JSON.stringify(podOf(made(), 'polls-db-ro').containers)).not.toContain('/etc/cdk8s-django/roles');
  });

  it('leave a server as it is that has none', () => {
    const manifests = made(SAMPLES[0].make, false);
    expect(JSON.stringify(podOf(manifests, 'polls-db'))).not.toContain('/etc/cdk8s-django/roles');
    const { data } = find(manifests, 'ConfigMap', 'polls-db');
    expect(Object.keys(data)).toEqual(['10-application.sh', 'start.sh', 'started.sh']);
    expect(JSON.stringify(data)).not.toContain('roles');
  });
});

describe('the script that makes them', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'roles-'));
    ['bin', 'roles', 'tmp'].forEach((folder) => mkdirSync(join(root, folder)));
    answers(0);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Has psql say what it was told, run these lines of shell, and end so. */
  function answers(code: number, lines = ''): void {
    const psql = join(root, 'bin', 'psql');
    const text = `#!/bin/sh\nasked=$(cat)\necho "$asked" >>${root}/told\n${lines}\nexit ${code}\n`;
    writeFileSync(psql, text);
    chmodSync(psql, 0o755);
  }
  const asked = (text: string, lines: string) => `case $asked in *"${text}"*) ${lines} ;; esac`;
  const { data } = find(made(), 'ConfigMap', 'polls-db');
  const run = (script: string) =>
    spawnSync(
      'sh',
      [
        '-c',
        script
          // First: the folder of the test may be below it.
          .replaceAll('/tmp/', `${root}/tmp/`)
          .replaceAll('/etc/cdk8s-django/roles.sh', `${root}/roles.sh`)
          .replaceAll('/etc/cdk8s-django/roles', `${root}/roles`)
          .replaceAll(' >/proc/1/fd/2 2>&1', '')
          .replaceAll(' 2>/proc/1/fd/2', ''),
      ],
      { env: { PATH: `${root}/bin:${process.env.PATH}` }, encoding: 'utf8' },
    );
  const give = (name: string) => writeFileSync(join(root, 'roles', name), 'secret');
  const told = () => (existsSync(join(root, 'told')) ? readFileSync(join(root, 'told'), 'utf8') : '');
  const count = (text: string) => told().split(text).length - 1;

  it('waits for those that are not there, and says so once', () => {
    const first = run(data['roles.sh']);
    expect([first.status, first.stdout]).toEqual([
      75,
      `the PostgresBackend 'polls-db' serves, and makes roles when Secrets have their passwords: ${ROLES.join(' ')}\n`,
    ]);
    expect(told()).toBe('');
    expect(run(data['roles.sh']).stdout).toBe('');
  });

  it('makes each as its password comes, once', () => {
    give(ROLES[1]);
    expect(run(data['roles.sh']).status).toBe(75);
    expect(told()).toContain(`ALTER ROLE ${ROLES[1]} LOGIN REPLICATION PASSWORD :'password';`);
    ROLES.forEach(give);
    expect(run(data['roles.sh']).status).toBe(0);
    expect(run(data['roles.sh'])).toMatchObject({ status: 0, stdout: '' });
    expect(count('LOGIN REPLICATION')).toBe(2);
    expect(count('ALTER ROLE "django_application" LOGIN')).toBe(1);
  });

  it('keeps a server from being started where a role cannot be made', () => {
    ROLES.forEach(give);
    answers(3);
    expect(run(data['roles.sh']).status).toBe(1);
    answers(0);
    expect(run(data['roles.sh']).status).toBe(0);
  });

  it('makes the others where one cannot be made, and that one in the next round', () => {
    ROLES.forEach(give);
    const concurrently = asked('GRANT SELECT, INSERT', 'exit 3');
    answers(0, concurrently);
    expect(run(data['roles.sh']).status).toBe(1);
    expect(count('LOGIN REPLICATION')).toBe(2);
    answers(0);
    expect(run(data['roles.sh']).status).toBe(0);
    expect(count('LOGIN REPLICATION')).toBe(2);
  });

  it('gives no rights before transactions have ended that were open when the role was made', () => {
    give(ROLES[0]);
    const since = asked('ALTER DEFAULT PRIVILEGES', `echo 17 >${root}/tmp/role.${ROLES[0]}.since`);
    const open = asked('pg_stat_activity', 'echo process 7');
    answers(0, [since, open].join('\n'));
    const first = run(data['roles.sh']);
    expect(first.status).toBe(75);
    expect(first.stdout).toContain(
      "the database 'django' gives 'django_application' its rights when these transactions have ended: process 7\n",
    );
    expect(run(data['roles.sh'])).toMatchObject({ status: 75, stdout: '' });
    expect(told()).not.toContain('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s');
    answers(0);
    expect(run(data['roles.sh']).status).toBe(75);
    expect(told()).toContain('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s');
    // The time is that of the first round: transactions of later ones do not count.
    expect(count('ALTER ROLE "django_application" LOGIN')).toBe(1);
    expect(existsSync(join(root, 'tmp', `role.${ROLES[0]}`))).toBe(true);
  });

  it('is no success where the shell cannot read it', () => {
    const started = data['started.sh'].split('\n');
    const at = started.findIndex((line: string) => line.includes('roles.sh'));
    const probe = started.slice(at, at + 2).join('\n');
    const probed = (script: string) => {
      writeFileSync(join(root, 'roles.sh'), script);
      return run(probe).status;
    };
    expect(probed('if')).toBe(1);
    expect(existsSync(join(root, 'tmp', 'roles.started'))).toBe(false);
    expect(probed('exit 75')).toBe(0);
    expect(existsSync(join(root, 'tmp', 'roles.started'))).toBe(true);
  });

  it('has no password in a command line, and nothing that Flux takes for its own', () => {
    expect(data['roles.sh']).not.toMatch(/\$\{|\$\$|set=password/);
  });
});
