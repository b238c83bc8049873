import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEXT_RELEASE, provideNextRelease } from '../cluster/applications/images';
import { output, run } from '../cluster/support/command';
import { IMAGE } from '../cluster/support/image';
import { kubectl } from '../cluster/support/kubectl';
import { duringLoad, figures } from '../cluster/support/load';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { ROOT } from '../support/typescript';
import { readyImages, Release, stepsOf, TEXTS } from './application';
import { NAMESPACE } from './helm-program';
import { PROGRAMS } from './programs';

/** Where Helm keeps its releases: not in the namespace of the application, which is of the chart. */
const RELEASES = 'helm-releases';
const HELM = process.env.HELM ?? join(PROGRAMS, 'helm');
const IN = ['--namespace', RELEASES];

const polls = new Polls(new Namespace(NAMESPACE));
const { namespace } = polls;
const folder = mkdtempSync(join(tmpdir(), 'helm-'));

/** Makes a chart as users do. */
function chart(release: Release): string {
  const program = 'npx ts-node --transpile-only test/delivery/helm-program.ts';
  const form = ['--format', 'helm', '--chart-version', '1.4.2', '--check-upgrade=false'];
  const made = join(folder, 'chart');
  rmSync(made, { recursive: true, force: true });
  const env = { ...process.env, RELEASE: JSON.stringify(release) };
  execFileSync('npx', ['cdk8s', 'synth', '--app', program, '--output', made, ...form], { cwd: ROOT, env });
  return made;
}

const upgrade = (made: string, seconds: number) =>
  run(HELM, ['upgrade', '--install', 'polls', made, ...IN, '--wait', `--timeout=${seconds}s`]);

/** Releases what must succeed. */
async function released(made: string): Promise<void> {
  const { code, stdout, stderr } = await upgrade(made, 300);
  expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('STATUS: deployed')]);
  await polls.converged();
}

beforeAll(async () => {
  await provideNextRelease();
  await kubectl('delete', 'namespace', RELEASES, '--ignore-not-found');
  await kubectl('create', 'namespace', RELEASES);
  await namespace.clear();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await namespace.remove();
  await kubectl('delete', 'namespace', RELEASES, '--wait=false');
});

test('helm installs the first release: Secrets, database, migration, pods', async () => {
  await released(chart({ image: IMAGE }));
  const found = await stepsOf(polls, IMAGE);
  print(`Helm: ${found.map(([what, time]) => `${what} ${new Date(time).toISOString()}`).join(', ')}`);
  expect(found.map(([, time]) => time)).toEqual(found.map(([, time]) => time).sort((a, b) => a - b));
  await polls.createSamplePolls();
  await polls.answers();
});

test('helm brings texts unchanged that it could take for templates', async () => {
  const { data } = await namespace.get('configmap', 'texts');
  expect(data).toEqual(TEXTS);
});

test('helm upgrade leaves the pods of the release before in place while a migration fails', async () => {
  const made = chart({ image: NEXT_RELEASE, environment: { MIGRATION_FAILS: 'true' } });
  let message = '';
  const load = await duringLoad(await polls.visitor(), { rate: 5 }, async () => {
    const { code, stderr } = await upgrade(made, 60);
    message = `${code}: ${stderr}`;
  });
  print(`${figures('Helm: a migration that fails', load)}\n${message}`);
  expect(load.failures).toEqual([]);
  expect(message).toMatch(/^1: .*UPGRADE FAILED/s);
  expect(await readyImages(polls)).toEqual([IMAGE, IMAGE]);
});

test('helm rollback brings the release before, without a failed request', async () => {
  const load = await duringLoad(await polls.visitor(), { rate: 5 }, async () => {
    await output(HELM, ['rollback', 'polls', '1', ...IN, '--wait', '--timeout=300s']);
    await polls.converged();
  });
  print(figures('Helm: the rollback', load));
  expect(load.failures).toEqual([]);
  expect(await readyImages(polls)).toEqual([IMAGE, IMAGE]);
});

test('helm upgrade brings the release that mends it, without a failed request', async () => {
  const made = chart({ image: NEXT_RELEASE });
  const load = await duringLoad(await polls.visitor(), { rate: 5 }, () => released(made));
  print(figures('Helm: the next release', load));
  expect(load.failures).toEqual([]);
  expect(await readyImages(polls)).toEqual([NEXT_RELEASE, NEXT_RELEASE]);
  const [, , [, migrated], [, started]] = await stepsOf(polls, NEXT_RELEASE);
  expect(migrated).toBeLessThanOrEqual(started);
});

test('helm uninstall keeps the data, and the same release takes it over', async () => {
  const questions = () => polls.sql('SELECT count(*) FROM polls_question');
  const secrets = async () => [await polls.secret('polls'), await polls.secret('polls-db')];
  const earlier = [await questions(), await secrets()];
  expect(earlier[0]).not.toBe('0');
  await output(HELM, ['uninstall', 'polls', ...IN, '--wait', '--timeout=300s']);
  expect(await namespace.list('deployments,statefulsets,services')).toEqual([]);
  await released(join(folder, 'chart'));
  expect([await questions(), await secrets()]).toEqual(earlier);
});
