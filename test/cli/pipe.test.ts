import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from '../support/typescript';

/** It has one pod, whose log has no end. */
const KUBECTL = `#!/bin/sh
case "$*" in
  *get*) echo '{"items":[{"metadata":{"name":"polls-1","creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"containerStatuses":[{"name":"web","containerID":"1","restartCount":0}]}}]}' ;;
  *logs*) while echo line; do :; done ;;
esac
`;

it('ends in silence when what reads its output has ended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pipe-'));
  try {
    writeFileSync(join(folder, 'kubectl'), KUBECTL);
    chmodSync(join(folder, 'kubectl'), 0o755);
    const main = `${process.execPath} -r ts-node/register/transpile-only src/cli/main.ts`;
    const script = `${main} logs polls --follow | head -1; echo "\${PIPESTATUS[0]}"`;
    const PATH = `${folder}${delimiter}${process.env.PATH}`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: ROOT,
      env: { ...process.env, PATH },
      encoding: 'utf8',
      timeout: 60_000,
    });
    // 128 and the number of SIGTERM.
    expect([stdout, stderr]).toEqual(['polls-1/web line\n143\n', '']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 90_000);
