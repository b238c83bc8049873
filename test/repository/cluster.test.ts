import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/typescript';

/*
 * Which cluster .ci/run takes, and what the programs for kind print. No cluster runs: programs that say nothing stand in
 * for kind and the others.
 */

let work: string;
beforeEach(() => (work = mkdtempSync(join(tmpdir(), 'cluster-'))));
afterEach(() => rmSync(work, { recursive: true }));

/** A program that does nothing. */
function program(path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
}

/** Where a program of the machine is. */
function installed(name: string): string {
  const folders = process.env.PATH!.split(':');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))!;
}

/** Runs a program of a clone with no others on PATH than a shell's and those of `bin`. */
function run(path: string, environment: Record<string, string> = {}) {
  const bin = join(work, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['bash', 'sh', 'dirname', 'cat', 'mkdir', 'grep', 'nohup']) {
    if (!existsSync(join(bin, name))) symlinkSync(installed(name), join(bin, name));
  }
  return spawnSync(join(bin, 'bash'), [path], {
    encoding: 'utf8',
    env: { PATH: bin, HOME: work, ...environment } as unknown as NodeJS.ProcessEnv,
  });
}

describe('the cluster of .ci/run', () => {
  /** A clone that has nothing but the program, so that nothing lies beside it. */
  const clone = () => {
    mkdirSync(join(work, 'clone'));
    symlinkSync(join(ROOT, '.ci'), join(work, 'clone/.ci'));
    return join(work, 'clone/.ci/cluster');
  };

  test('is the folder of CLUSTER', () => {
    for (const name of ['up', 'down', 'load']) program(join(work, 'own', name));
    const { stdout, status } = run(clone(), { CLUSTER: join(work, 'own') });
    expect({ stdout, status }).toEqual({ stdout: `${work}/own\n`, status: 0 });
  });

  test('is not a folder without its programs', () => {
    program(join(work, 'own/up'));
    const { stdout, stderr, status } = run(clone(), { CLUSTER: join(work, 'own') });
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toBe(
      `The tests on a cluster cannot run: CLUSTER=${work}/own does not have an executable program down.\n`,
    );
  });

  test('is that of kind by name', () => {
    expect(run(clone(), { CLUSTER: 'kind' }).stdout).toBe(`${work}/clone/test/cluster/kind\n`);
  });

  test('is ../shared/cluster without CLUSTER, also where kind is installed', () => {
    program(join(work, 'bin/kind'));
    program(join(work, 'shared/cluster/up'));
    expect(run(clone()).stdout).toBe(`${work}/clone/../shared/cluster\n`);
  });

  test('is that of kind where nothing else is', () => {
    program(join(work, 'bin/kind'));
    expect(run(clone()).stdout).toBe(`${work}/clone/test/cluster/kind\n`);
  });

  test('is missing otherwise, which one line says', () => {
    const { stdout, stderr, status } = run(clone());
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toBe(
      'The tests on a cluster cannot run: CLUSTER is not set, ../shared/cluster does not exist, and kind is not installed.\n',
    );
  });
});

describe('the programs of kind', () => {
  const UP = join(ROOT, 'test/cluster/kind/up');
  const NEEDED = ['docker', 'kind', 'kubectl', 'helm', 'cloud-provider-kind'];

  test('say which program they need', () => {
    for (const name of NEEDED.slice(0, 3)) program(join(work, 'bin', name));
    const { stderr, status } = run(UP);
    expect({ stderr, status }).toEqual({ stderr: 'test/cluster/kind/up needs helm on PATH.\n', status: 1 });
  });

  test('print variables, and nothing else', () => {
    for (const name of NEEDED) program(join(work, 'bin', name));
    const { stdout, status } = run(UP);
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.replace(/=.*/, ''))).toEqual([
      'export KUBECONFIG',
      'export IMAGE_BUILDER',
      'export ROUTED_DISTRIBUTIONS',
      'export CLUSTER_JEST_OPTIONS',
      '',
    ]);
    const [, loader] = /IMAGE_LOADER='(.*)'/.exec(stdout)!;
    expect(existsSync(loader)).toBe(true);
  });

  test('leave out tests that exist', () => {
    for (const name of NEEDED) program(join(work, 'bin', name));
    const [, left] = /testPathIgnorePatterns=\/\((.*)\)/.exec(run(UP).stdout)!;
    const missing = left.split('|').filter((name) => !existsSync(join(ROOT, `test/cluster/${name}.test.ts`)));
    expect(missing).toEqual([]);
  });
});
