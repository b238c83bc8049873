import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LATER_ROLES_STARTING } from '../../src/postgres-backend/later-roles';
import { watching } from '../../src/secrets/server-passwords';
import { reloading } from '../../src/workloads/reloading';

/* Loops beside a server, whose process 1 is no shell that would start them again. */

describe('a loop beside a server', () => {
  let root: string;
  let server: ChildProcess | undefined;
  let rounds: () => number;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'beside-'));
    mkdirSync(join(root, 'bin'));
    program('sleep', 'exec /bin/sleep 0.05');
    writeFileSync(join(root, 'rounds'), '');
    rounds = () => readFileSync(join(root, 'rounds'), 'utf8').length;
  });
  afterEach(() => {
    if (server?.pid) process.kill(-server.pid, 'SIGKILL');
    server = undefined;
    rmSync(root, { recursive: true });
  });

  function program(name: string, text: string): void {
    const path = join(root, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  /** A script that becomes a server. */
  function starts(lines: string[]): void {
    const script = [...lines, 'exec /bin/sleep 60'].join('\n');
    server = spawn('sh', ['-c', script], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: `${join(root, 'bin')}:${process.env.PATH}` },
    });
  }
  const later = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  /** Those that run: a server does not look for what has ended. */
  const children = (pid: number): number[] =>
    execFileSync('ps', ['-A', '-o', 'ppid=,pid=,state='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/ +/))
      .filter(([parent, , state]) => Number(parent) === pid && state !== 'Z')
      .map(([, own]) => Number(own));
  async function goesOn(): Promise<void> {
    const before = rounds();
    for (let tries = 0; rounds() < before + 3; tries++) {
      if (tries > 100) throw new Error(`the loop stopped after ${before} rounds`);
      await later(0.05);
    }
  }

  /** The loop of roles, of a server that is started. */
  const roles = () => {
    const [clear, ...loop] = LATER_ROLES_STARTING.map((line) =>
      line
        // First: the folder of the test may be below it.
        .replaceAll('/tmp/', `${root}/`)
        .replace('/etc/cdk8s-django/roles.sh', join(root, 'bin', 'roles')),
    );
    return [clear, `touch ${root}/roles.started`, ...loop];
  };
  const round = () => `printf . >>${root}/rounds`;
  const LOOPS: Record<string, () => string[]> = {
    'that takes passwords': () => {
      program('passwords', round());
      return watching(join(root, 'bin', 'passwords'));
    },
    'that reads a renewed certificate': () => {
      program('cksum', `${round()}\necho same`);
      return reloading(['certificate'], 5);
    },
    'that makes roles': () => {
      program('roles', `${round()}\nexit 75`);
      return roles();
    },
  };

  describe.each(Object.keys(LOOPS))('%s', (name) => {
    it.each([
      ['the shell that runs it', ([keeper]: number[]) => children(keeper)[0]],
      ['the shell that looks after it', ([keeper]: number[]) => keeper],
    ])('goes on when %s is killed', async (_what, find) => {
      starts(LOOPS[name]());
      await goesOn();
      process.kill(find(children(server!.pid!)), 'SIGKILL');
      await goesOn();
      await goesOn();
    });

    // Start scripts of Valkey and PgBouncer have the option.
    it.each(['set +e', 'set -eu'])('goes on when a command of it is killed, after %s', async (option) => {
      starts([option, ...LOOPS[name]()]);
      await goesOn();
      const [keeper] = children(server!.pid!);
      for (let killed = 0; killed < 3;) {
        const [command] = children(children(keeper)[0]);
        try {
          if (command) process.kill(command, 'SIGKILL');
          killed += command ? 1 : 0;
        } catch {
          // It had ended.
        }
        await later(0.01);
      }
      await goesOn();
    });

    it('goes on when the pause before it begins again is killed', async () => {
      starts(['set -eu', ...LOOPS[name]()]);
      await goesOn();
      const [keeper] = children(server!.pid!);
      const [loop] = children(keeper);
      program('sleep', 'exec /bin/sleep 0.5');
      process.kill(loop, 'SIGKILL');
      let pause: number | undefined;
      while (pause === undefined || pause === loop) {
        await later(0.01);
        [pause] = children(keeper);
      }
      process.kill(pause, 'SIGKILL');
      await goesOn();
    });
  });

  it('ends when it has made all roles', async () => {
    program('roles', round());
    starts(roles());
    await later(0.6);
    expect(rounds()).toBe(1);
    expect(children(server!.pid!)).toEqual([]);
  });
});
