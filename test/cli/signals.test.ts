import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../support/typescript';

/** Enters a pod until it is told to end, and says by which kubeconfig. */
const KUBECTL = `#!/bin/sh
case "$*" in
  *"create token"*) echo a-token ;;
  *"config view"*) echo '{"users":[{"name":"me","user":{}}],"contexts":[]}' ;;
  *"get pods"*) echo '{"items":[{"metadata":{"name":"polls-1"},"spec":{"containers":[{"name":"web"}]},"status":{"phase":"Running"}}]}' ;;
  *can-i*) echo yes ;;
  *exec*) echo "$1" >"$SEEN.part" && mv "$SEEN.part" "$SEEN" && exec sleep 60 ;;
esac
`;

describe('the kubeconfig with the token of break-glass', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'is removed when %s ends the shell',
    async (signal, code) => {
      const folder = mkdtempSync(join(tmpdir(), 'signals-'));
      try {
        writeFileSync(join(folder, 'kubectl'), KUBECTL);
        chmodSync(join(folder, 'kubectl'), 0o755);
        const seen = join(folder, 'seen');
        const main = ['-r', 'ts-node/register/transpile-only', 'src/cli/main.ts'];
        const child = spawn(process.execPath, [...main, 'shell', 'polls', '--break-glass'], {
          cwd: ROOT,
          env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, SEEN: seen },
          stdio: 'ignore',
        });
        const ended = new Promise((resolve) => child.on('exit', resolve));
        while (!existsSync(seen) && child.exitCode === null) await pause(50);
        const kubeconfig = readFileSync(seen, 'utf8').trim().replace('--kubeconfig=', '');
        expect(readFileSync(kubeconfig, 'utf8')).toContain('a-token');

        child.kill(signal);

        expect(await ended).toBe(code);
        expect(existsSync(kubeconfig)).toBe(false);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    90_000,
  );
});
