import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValkeyBackend } from 'cdk8s-django';
import fc from 'fast-check';
import { chartOn } from '../support/synth';

/** A server that prints its arguments and what it reads. */
const PRINTING = `#!/bin/sh
echo "$0 $@"
while IFS= read -r line; do printf '%s\\n' "$line"; done
`;

const folder = mkdtempSync(join(tmpdir(), 'valkey-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the image of a server has. */
function imageWith(server: string, tools = ['od']): string {
  const path = mkdtempSync(join(folder, 'bin-'));
  for (const tool of tools) symlinkSync(`/usr/bin/${tool}`, join(path, tool));
  writeFileSync(join(path, server), PRINTING);
  chmodSync(join(path, server), 0o755);
  return path;
}

/** Runs the command of the container with a password. */
function start(password: string, path = imageWith('valkey-server')) {
  const { statefulSet } = new ValkeyBackend(chartOn(), 'Queue', {
    name: 'polls-queue',
    password: { secretName: 'queue', key: 'password' },
  });
  const [container] = statefulSet!.toJson().spec.template.spec.containers;
  const [program, ...args] = container.command;
  const env = { PATH: path, VALKEYCLI_AUTH: password };
  return spawnSync(`/bin/${program}`, args, { encoding: 'utf8', env });
}

/** The password as the server reads it in its configuration. */
function readBy(line: string): string {
  const [, bytes] = /^requirepass "((?:\\x[0-9a-f]{2})+)"$/.exec(line)!;
  return Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString();
}

test.each(['valkey-server', 'redis-server'])(
  '%s is started by its configuration and standard input',
  (name) => {
    const { stdout } = start('secret', imageWith(name));
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`/${name} /etc/valkey/valkey.conf -$`));
  },
);

test('a server reads any password as it is, and has nothing of it in its arguments', () => {
  const path = imageWith('valkey-server');
  const anything = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  const special = fc.constantFrom('"', "'", '\\', '$HOME', '`id`', '#', ' ', '\n', 'CONFIGURATION\n', 'ü');
  fc.assert(
    fc.property(fc.array(fc.oneof(special, anything), { minLength: 1, maxLength: 8 }), (parts) => {
      const password = parts.join('');
      const [program, line, ...rest] = start(password, path).stdout.split('\n');
      expect(program).toBe(`${path}/valkey-server /etc/valkey/valkey.conf -`);
      expect(readBy(line)).toBe(password);
      expect(rest).toEqual(['']);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['an empty password', '', undefined],
  ['no od', 'secret', []],
])('a server that would let everybody in is not started: %s', (_what, password, tools) => {
  const { status, stdout, stderr } = start(password, imageWith('valkey-server', tools));
  expect(stdout).toBe('');
  expect(stderr).toContain('password: is empty');
  expect(status).not.toBe(0);
});
