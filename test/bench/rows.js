const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { compare, measure, scaled, without } = require('./measure');

const PROGRAM = join(__dirname, 'program.js');
/** So often Helm runs where it would have to run thousands of times. */
const SAMPLE = 50;

/** So many applications have 1,000 objects. */
const THOUSAND_OBJECTS = 23;

/** A run of one of the programs. */
const run = (what, number = 0, environment = {}) =>
  measure({ command: [process.execPath, PROGRAM, what, String(number)], environment });

/** Helm, which renders one application a run. */
const helmRuns = (helm, count) => {
  const times = Math.min(count, SAMPLE);
  return scaled(measure({ command: helm, times }), count / times);
};

/** Without what it costs to start and to load the library. */
const started = (measured) => without(measured, run('one platform'));

/** The manifests of an application, for `bare`. They are made once. */
function manifestsOf(folder) {
  const output = mkdtempSync(join(folder, 'one-'));
  measure({ command: [process.execPath, PROGRAM, 'applications', '1'], folder: output });
  const texts = readdirSync(output, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => readFileSync(join(output, path), 'utf8'));
  const file = join(folder, 'manifests.yaml');
  writeFileSync(file, texts.join('---\n'));
  return file;
}

/** `cdk8s synth` of a program, as users start it. */
function cdk8sSynth(program) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  const app = `npx ts-node --transpile-only ${program}`;
  const command = ['npx', 'cdk8s', 'synth', '--check-upgrade=false', '--app', app, '--output', folder];
  const measured = measure({ command, folder });
  rmSync(folder, { recursive: true });
  return measured;
}

/** A whole run of a fleet, then one after an application changed, and the most memory that a process used. */
function fleetRuns(applications) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-fleet-'));
  const MEMORY = join(folder, 'memory');
  const command = [process.execPath, PROGRAM, 'fleet', String(applications)];
  const output = join(folder, 'output');
  const whole = measure({ command, folder: output, environment: { MEMORY } });
  const changed = measure({ command, folder: output, environment: { CHANGED: 'polls-0' } });
  const memory = Math.max(...readFileSync(MEMORY, 'utf8').trim().split('\n').map(Number)) / 1024;
  rmSync(folder, { recursive: true });
  return { whole, changed, memory };
}

/** What is measured. `limit` is what a ratio should be at most. */
function rowsOf({ quick, helm, against }) {
  const runs = quick ? 1 : 7;
  const most = quick ? 100 : 300;
  const row = (name, limit, one, other, times = runs) => ({
    name,
    limit,
    measureRow: () => compare(one, other, times),
  });
  const other = { LIBRARY: against };
  const folder = mkdtempSync(join(tmpdir(), 'bench-manifests-'));
  const bare = { MANIFESTS: manifestsOf(folder) };
  process.on('exit', () => rmSync(folder, { recursive: true }));
  return [
    row(
      '`require` of the library : of cdk8s, without Node.js',
      undefined,
      () => without(run('library'), run('node')),
      () => without(run('cdk8s'), run('node')),
    ),
    row(
      'library with one platform : cdk8s, without Node.js',
      undefined,
      () => without(run('one platform'), run('node')),
      () => without(run('cdk8s'), run('node')),
    ),
    row(
      'ten distributions : five',
      undefined,
      () => run('distributions', 10),
      () => run('distributions', 5),
    ),
    ...(helm
      ? [
          row(
            'example on five distributions : 5 × Helm',
            1.5,
            () => run('five platforms'),
            () => helmRuns(helm, 5),
          ),
        ]
      : []),
    ...(against
      ? [
          row(
            'example on five distributions : earlier build',
            0.65,
            () => run('five platforms'),
            () => run('five platforms', 0, other),
          ),
        ]
      : []),
    row(
      '`cdk8s synth` of the example : of a hello-world program',
      1.3,
      () => cdk8sSynth('examples/polls/deploy/main.ts'),
      () => cdk8sSynth('test/bench/hello.ts'),
    ),
    ...[1, 100].map((count) =>
      row(
        `an application of ${count} : of 10`,
        undefined,
        () => scaled(started(run('applications', count)), 10 / count),
        () => started(run('applications', 10)),
      ),
    ),
    row(
      '100 applications : the same as bare ApiObjects',
      undefined,
      () => run('applications', 100),
      () => run('bare', 100, bare),
    ),
    row(
      'policy of 1,000 objects : their synthesis',
      0.3,
      () => without(run('policy', THOUSAND_OBJECTS), run('applications', THOUSAND_OBJECTS)),
      () => run('applications', THOUSAND_OBJECTS),
    ),
    ...(helm
      ? [
          row(
            `${most} applications : ${most} × Helm`,
            0.5,
            () => run('applications', most),
            () => helmRuns(helm, most),
          ),
        ]
      : []),
    // One run: the earlier build takes minutes.
    ...(against
      ? [
          row(
            `${most} applications : earlier build`,
            0.05,
            () => run('applications', most),
            () => run('applications', most, other),
            1,
          ),
        ]
      : []),
    ...(quick ? [] : [thousandRow(row)]),
    ...fleetRows(helm, quick ? { count: 20, pairs: 1 } : { count: 1000, pairs: 3 }),
  ];
}

const thousandRow = (row) =>
  row(
    'an application of 1,000 : of 100',
    1.1,
    () => scaled(started(run('applications', 1000)), 1 / 10),
    () => started(run('applications', 100)),
  );

/** A fleet beside Helm, and then one application of it beside all. */
function fleetRows(helm, { count, pairs }) {
  const made = [];
  const whole = () => {
    made.push(fleetRuns(count));
    return made.at(-1).whole;
  };
  const beside = () => (helm ? helmRuns(helm, 5 * count) : made.at(-1).whole);
  return [
    {
      name: `fleet of ${count} on five distributions, two processes : ${5 * count} × Helm`,
      limit: 0.3,
      measureRow: () => {
        const compared = compare(whole, beside, pairs);
        return { ...compared, memory: Math.max(...made.map(({ memory }) => memory)) };
      },
    },
    {
      name: `fleet of ${count}, one application changed : all`,
      limit: 0.05,
      // Both were measured already.
      measureRow: () => {
        const [changed, all] = ['changed', 'whole'].map((what) => made.map((runs) => runs[what]).values());
        return compare(
          () => changed.next().value,
          () => all.next().value,
          pairs,
        );
      },
    },
  ];
}

/** Seconds by the number of applications, for the plot. */
function curves({ quick, helm, against }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-curves-'));
  const bare = { MANIFESTS: manifestsOf(folder) };
  const points = (counts, one) => counts.map((count) => [count, one(count).wall]);
  const all = quick ? [1, 10, 100] : [1, 10, 100, 300, 1000];
  const squared = quick ? [1, 10] : [1, 10, 100];
  const found = {
    'this library': points(all, (count) => run('applications', count)),
    'bare ApiObjects': points(squared, (count) => run('bare', count, bare)),
    ...(helm && { Helm: points(all, (count) => helmRuns(helm, count)) }),
    ...(against && {
      'earlier build': points(squared, (count) => run('applications', count, { LIBRARY: against })),
    }),
  };
  rmSync(folder, { recursive: true });
  return found;
}

module.exports = { curves, rowsOf };
