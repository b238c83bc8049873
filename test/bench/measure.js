const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const ROOT = join(__dirname, '../..');

/**
 * Runs a command and measures its seconds, and those of CPU time with all processes that it started. Without `folder`
 * it writes into a new one, which is removed.
 *
 * @returns `{ wall, cpu }`
 */
function measure({ command, environment = {}, folder, times = 1 }) {
  const output = folder ?? mkdtempSync(join(tmpdir(), 'bench-'));
  const numbers = join(mkdtempSync(join(tmpdir(), 'bench-time-')), 'time');
  // bash's `time` counts what children used. Node itself does not tell it.
  const script = `TIMEFORMAT='%R %U %S'; { time { for ((i = 0; i < ${times}; i++)); do "$@" || exit 1; done; } 2>/dev/null; } 2>"$NUMBERS"`;
  const env = { ...process.env, CDK8S_OUTDIR: output, NUMBERS: numbers, ...environment };
  const { status } = spawnSync('bash', ['-c', script, 'bench', ...command], {
    cwd: ROOT,
    env,
    stdio: 'ignore',
  });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  const [wall, user, system] = readFileSync(numbers, 'utf8').trim().split(' ').map(Number);
  if (folder === undefined) rmSync(output, { recursive: true });
  rmSync(join(numbers, '..'), { recursive: true });
  return { wall, cpu: user + system };
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** How many times as much the one takes as the other: the median of runs that alternate. */
function compare(one, other, runs) {
  const pairs = Array.from({ length: runs }, () => [one(), other()]);
  const of = (kind) => median(pairs.map(([first, second]) => first[kind] / second[kind]));
  const seconds = (side) => median(pairs.map((pair) => pair[side].wall));
  return { cpu: of('cpu'), wall: of('wall'), seconds: seconds(0), otherSeconds: seconds(1), runs };
}

/** A measurement of what takes `times` times as long as what is run. */
const scaled = ({ wall, cpu }, times) => ({ wall: wall * times, cpu: cpu * times });
const without = (one, other) => ({ wall: one.wall - other.wall, cpu: one.cpu - other.cpu });

module.exports = { ROOT, compare, measure, median, scaled, without };
