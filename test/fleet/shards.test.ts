import { spawn, spawnSync, SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { compiledSources } from './compiled';
import { contents } from './support';

interface Application {
  readonly name: string;
  readonly namespace: string;
  readonly distributions?: string[];
  /** The text of its ConfigMap; `throw` and `exit` are what its definition does instead. */
  readonly text: string;
}

interface Program {
  readonly applications: Application[];
  readonly shards: number;
}

let compiled: string;
let folder: string;
beforeAll(() => void (compiled = compiledSources()), 120_000);
afterAll(() => rmSync(compiled, { recursive: true }));
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'shards-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that makes what a file says, and looks that it is started as it was at first. */
const PROGRAM = `
const { ApiObject } = require('cdk8s');
const { Distribution } = require('./src');
const { Fleet } = require('./src/entry/fleet');
const { applications, shards } = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
console.log('started');
const fleet = (list) => new Fleet({
  distributions: [Distribution.openshift({ name: 'a' }), Distribution.upstream({ name: 'b' })],
  applications: list.map((application) => ({ ...application, define(chart) {
    if (application.text === 'throw') throw new Error('thrown by ' + application.name);
    if (application.text === 'exit') process.kill(process.pid, 'SIGKILL');
    new ApiObject(chart, 'Data', { apiVersion: 'v1', kind: 'ConfigMap',
      metadata: { name: application.name }, data: { text: application.text.repeat(100) } });
  } })),
  shards,
});
if (process.argv[3] === 'twice') {
  const half = Math.ceil(applications.length / 2);
  process.env.CDK8S_OUTDIR = process.env.FIRST;
  fleet(applications.slice(0, half)).synthesize().then(() => {
    process.env.CDK8S_OUTDIR = process.env.SECOND;
    return fleet(applications.slice(half)).synthesize();
  });
} else if (process.argv[3] !== 'once' || process.send === undefined) fleet(applications).synthesize();
`;

function write({ applications, shards }: Program): string[] {
  writeFileSync(join(compiled, 'main.js'), PROGRAM);
  const specification = join(folder, 'program.json');
  writeFileSync(specification, JSON.stringify({ applications, shards }));
  return [join(compiled, 'main.js'), specification];
}

const environment = (output: string) => ({
  ...process.env,
  CDK8S_OUTDIR: join(folder, output),
  FIRST: join(folder, 'first'),
  SECOND: join(folder, 'second'),
});

function run(output: string, program: Program, ...words: string[]): SpawnSyncReturns<string> {
  const line = [...write(program), ...words];
  return spawnSync(process.execPath, line, { encoding: 'utf8', env: environment(output) });
}

function made(output: string, program: Program): { [path: string]: string } {
  const { status, stderr } = run(output, program);
  expect({ status, stderr: stderr.replace(/^fleet: .*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
  return contents(join(folder, output));
}

const some = (count: number, text = 'text') =>
  Array.from({ length: count }, (_, index) => ({
    name: `shop-${index}`,
    namespace: `team-${index % 7}`,
    text: `${text}-${index}`,
  }));

const programs = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/),
    namespace: fc.constantFrom('sales', 'support', 'stock', 'zz'),
    distributions: fc.option(fc.subarray(['a', 'b'], { minLength: 1 }), { nil: undefined }),
    text: fc.string({ unit: 'grapheme', maxLength: 20 }),
  }),
  { minLength: 1, maxLength: 12, selector: ({ name, namespace }) => `${namespace}/${name}` },
);

describe('a fleet in several processes', () => {
  it('writes the same bytes for any number of processes and any order of the applications', () => {
    fc.assert(
      fc.property(programs, fc.integer({ min: 2, max: 4 }), (applications, shards) => {
        rmSync(join(folder, 'many'), { recursive: true, force: true });
        rmSync(join(folder, 'one'), { recursive: true, force: true });
        const one = made('one', { applications, shards: 1 });
        expect(Object.keys(one).length).toBeGreaterThan(1);
        expect(made('many', { applications: [...applications].reverse(), shards })).toEqual(one);
      }),
      { numRuns: 4 },
    );
  }, 120_000);

  it('writes what the program writes once', () => {
    expect(run('output', { applications: some(6), shards: 3 }).stdout).toBe('started\n');
  });

  it('tells the faults of all', () => {
    const applications = [...some(8), { name: 'bad', namespace: 'a', text: 'throw' }];
    const more = [...applications, { name: 'worse', namespace: 'z', text: 'throw' }];
    const { status, stderr } = run('output', { applications: more, shards: 3 });
    expect(status).not.toBe(0);
    expect(stderr).toContain('[a/bad] Error: thrown by bad');
    expect(stderr).toContain('[z/worse] Error: thrown by worse');
    expect(Object.keys(contents(folder))).toEqual(['program.json']);
  });

  it('names what a process made that was killed', () => {
    const applications = [...some(8), { name: 'huge', namespace: 'big', text: 'exit', distributions: ['b'] }];
    const { status, stderr } = run('output', { applications, shards: 2 });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Fleet: a shard ended (SIGKILL) while it made namespace "big" for "b".');
    expect(Object.keys(contents(folder))).toEqual(['program.json']);
  });

  it('says when the program makes no fleet in its processes', () => {
    const { status, stderr } = run('output', { applications: some(4), shards: 2 }, 'once');
    expect(status).not.toBe(0);
    expect(stderr).toContain('Fleet: a shard ended (0) before it made anything');
  });

  it('may be the second of a program', () => {
    const { status } = run('output', { applications: some(8), shards: 2 }, 'twice');
    expect(status).toBe(0);
    expect(Object.keys(contents(join(folder, 'first'))).join()).toContain('shop-3');
    expect(Object.keys(contents(join(folder, 'second'))).join()).toContain('shop-7');
    expect(Object.keys(contents(join(folder, 'second'))).join()).not.toContain('shop-3');
  });
});

describe('a fleet that is killed', () => {
  /** Each file as it was or as it will be, and none that is in neither. */
  function expectWhole(now: { [path: string]: string }, former: typeof now, later: typeof now): void {
    for (const [path, text] of Object.entries(now)) {
      if (path.startsWith('.fleet/') || /^fleet-(facts|files).txt$/.test(path)) continue;
      expect([former[path], later[path]]).toContain(text);
    }
    for (const path of Object.keys(former).filter((one) => one in later)) expect(now).toHaveProperty([path]);
  }

  it('in the middle of its work leaves each file old or new, and the next run completes', async () => {
    const [former, later] = [
      { applications: some(20, 'old'), shards: 2 },
      { applications: some(24, 'new').slice(4), shards: 2 },
    ];
    const after = made('reference', later);
    const before = made('output', former);
    const start = Date.now();
    made('reference', later);
    const duration = Date.now() - start;
    for (let part = 1; part <= 6; part++) {
      const child = spawn(process.execPath, write(later), { env: environment('output'), stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await sleep((duration * part) / 6);
      child.kill('SIGKILL');
      await ended;
      expectWhole(contents(join(folder, 'output')), before, after);
    }
    expect(made('output', later)).toEqual(after);
  }, 120_000);

  it('while it puts files in their places leaves each old or new, twenty times', async () => {
    const publisher = join(compiled, 'publisher.js');
    writeFileSync(
      publisher,
      `const { mkdirSync, writeFileSync } = require('fs');
      const { Output } = require('./src/fleet/output');
      const [, , folder, first, text] = process.argv;
      const output = new Output(folder, 'run');
      output.clear();
      mkdirSync(output.staging + '/a', { recursive: true });
      const files = Array.from({ length: 200 }, (_, index) => 'a/' + (Number(first) + index) + '.yaml');
      for (const file of files) writeFileSync(output.staging + '/' + file, text.repeat(5000));
      process.stdout.write('publish');
      output.publish(files, []);`,
    );
    const output = join(folder, 'output');
    const line = (text: string, first: number) => [publisher, output, String(first), text];
    const reference = (text: string, first: number) => {
      expect(spawnSync(process.execPath, line(text, first)).status).toBe(0);
      return contents(output);
    };
    const [after, before] = [reference('new', 50), reference('old', 0)];
    let partly = 0;
    for (let time = 0; time < 20; time++) {
      const child = spawn(process.execPath, line('new', 50), { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await sleep(time % 5);
      child.kill('SIGKILL');
      await ended;
      const now = contents(output);
      expectWhole(now, before, after);
      const values = new Set(
        Object.entries(now).map(([path, text]) => !path.startsWith('.') && text === before[path]),
      );
      if (values.size > 1) partly++;
      if (time % 4 === 3) {
        expect(reference('new', 50)).toEqual(after);
        expect(reference('old', 0)).toEqual(before);
      }
    }
    expect(partly).toBeGreaterThan(0);
    expect(readdirSync(output)).not.toContain('.fleet');
    expect(readFileSync(join(output, 'fleet-files.txt'), 'utf8').split('\n')).toHaveLength(201);
  }, 120_000);
});
