import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from '../support/typescript';
import { filesOfProject } from '../cli/support/files';
import { folderOf } from '../cli/support/project';

/*
 * What somebody sees who sits at a terminal: the built program runs at a pseudo-terminal, which Python's standard library makes.
 */

/** Runs a program at a terminal. When it has printed a question, it types the answer to it. */
const AT_TERMINAL = `
import json, os, pty, select, signal, sys, time
answers = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = 0
printed = b""
ends = time.time() + 60
while time.time() < ends:
    ready, _, _ = select.select([terminal], [], [], 1)
    if not ready:
        continue
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    printed += data
    if answers and answers[0][0].encode() in printed[seen:]:
        seen = len(printed)
        os.write(terminal, answers.pop(0)[1].encode())
else:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(printed)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
`;

/** A question, by a part of what is printed, and what is typed then. */
type Answer = [question: string, typed: string];

const ENTER = '\r';
const END_OF_INPUT = '\u0004';
const INTERRUPT = '\u0003';

/** What is on the screen at the end, and the exit code. */
function atTerminal(
  args: string[],
  answers: Answer[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; screen: string }> {
  const program = [process.execPath, join(ROOT, 'lib/cli/main.js'), ...args];
  const child = spawn('python3', ['-c', AT_TERMINAL, JSON.stringify(answers), ...program], {
    // Of a person's terminal alone: where CI is set, Node.js says that a terminal has no colours.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (screen += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, screen })));
}

/** Without what moves the cursor and changes colours. */
// eslint-disable-next-line no-control-regex
const plain = (screen: string) => screen.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '').replaceAll('\r', '');

const PROJECT = () =>
  folderOf(filesOfProject('STATIC_ROOT = "static"\n', { 'requirements.txt': 'Django>=5.2,<5.3\n' }));

describe('init at a terminal', () => {
  it('asks for what it cannot know, again after a wrong answer, and takes the rest', async () => {
    const folder = PROJECT();
    const { code, screen } = await atTerminal(
      ['init', folder],
      [
        ['Public host, such as shop.example.com: ', `http://shop${ENTER}`],
        ['Public host, such as shop.example.com: ', ENTER],
        ['Public host, such as shop.example.com: ', `shop.example.com${ENTER}`],
        [':1.0.0: ', `registry.example.com/shop:1.0.0${ENTER}`],
      ],
    );
    expect(plain(screen)).toContain('--host "http://shop"');
    expect(code).toBe(0);
    expect(plain(screen)).toMatch(/host +shop\.example\.com +your answer/);
    expect(readFileSync(join(folder, 'deploy/main.ts'), 'utf8')).toContain(
      "'registry.example.com/shop:1.0.0'",
    );
    // Titles stand out.
    expect(screen).toContain('\u001b[1mWritten\u001b[22m');
  });

  it.each([
    ['the end of the input', END_OF_INPUT, 1],
    ['an interrupt', INTERRUPT, 1],
  ])(
    'writes nothing after %s',
    async (_, typed, expected) => {
      const folder = PROJECT();
      const { code, screen } = await atTerminal(['init', folder], [['Public host', typed]]);
      expect(plain(screen)).toContain('No answer was given. Nothing was written.');
      expect(code).toBe(expected);
      expect(existsSync(join(folder, 'deploy'))).toBe(false);
    },
    90_000,
  );

  it('has no colours where NO_COLOR says so', async () => {
    const args = ['init', PROJECT(), '--host', 'shop.example.com', '--image', 'docker.io/example/shop:1.0.0'];
    const { code, screen } = await atTerminal(args, [], { NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(screen).not.toContain('\u001b[1m');
  });
});

/** It enters a pod whose shell is here: it says whether it has a terminal, and repeats what is typed. */
const KUBECTL = `#!/bin/sh
case "$*" in
  *"get pods"*) echo '{"items":[{"metadata":{"name":"polls-1"},"spec":{"containers":[{"name":"web"}]},"status":{"phase":"Running"}}]}' ;;
  *can-i*) echo yes ;;
  *exec*)
    trap 'echo interrupted in the pod' INT
    echo "called $*"
    [ -t 0 ] && [ -t 1 ] && echo "at a terminal"
    printf '>>> '
    read -r line || read -r line
    echo "typed $line"
    exit 42 ;;
esac
`;

describe('shell at a terminal', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'terminal-'));
    writeFileSync(join(folder, 'kubectl'), KUBECTL);
    chmodSync(join(folder, 'kubectl'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = () => ({ PATH: `${folder}${delimiter}${process.env.PATH}` });

  it('gives the pod the terminal, and ends as the shell in it', async () => {
    const { code, screen } = await atTerminal(['shell', 'polls'], [['>>> ', `1 + 1${ENTER}`]], path());
    expect(plain(screen)).toContain(
      'exec polls-1 --container=web --quiet --stdin --tty -- python -m django shell',
    );
    expect(plain(screen)).toContain('at a terminal\n');
    expect(plain(screen)).toContain('typed 1 + 1');
    expect(code).toBe(42);
  });

  it('leaves Ctrl-C to what runs in the pod', async () => {
    const { code, screen } = await atTerminal(
      ['shell', 'polls'],
      [
        ['>>> ', INTERRUPT],
        ['interrupted in the pod', `2${ENTER}`],
      ],
      path(),
    );
    expect(plain(screen)).toContain('typed 2');
    expect(code).toBe(42);
  });
});
