import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { changesBetween, differences } from '../../src/cli/diff/changes';
import { diff } from '../../src/cli/diff/diff';
import { accessChanges, restarts, warnings } from '../../src/cli/diff/effects';
import { manifestsIn } from '../../src/cli/manifests';
import { requestsOf } from '../../src/cli/requests';
import { FakeKubectl, Refusal } from './support/fake-kubectl';
import { folderOf } from './support/project';
import { RecordingTerminal } from './support/terminal';

const DIST = join(__dirname, '../../dist/upstream');
const MANIFESTS = manifestsIn(DIST);

/** The manifests with some texts replaced. */
function changed(...replacements: [string, string][]): any[] {
  const text = replacements.reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(MANIFESTS));
  return JSON.parse(text);
}

function find(kind: string, objects = MANIFESTS): any {
  return objects.find((one) => one.kind === kind);
}

async function textOf(folders: string[], format: 'text' | 'markdown', answers = {}) {
  const terminal = new RecordingTerminal();
  const code = await diff(folders, { format }, { kubectl: new FakeKubectl(answers), terminal });
  expect(code).toBe(0);
  return terminal.output;
}

function release(): string {
  const folder = folderOf({});
  cpSync(DIST, folder, { recursive: true });
  const file = join(folder, 'polls.k8s.yaml');
  const text = readFileSync(file, 'utf8');
  const [migration] = /polls-migrate-[0-9a-f]{10}/.exec(text)!;
  writeFileSync(file, text.replaceAll(':1.4.2', ':1.4.3').replaceAll(migration, 'polls-migrate-0123456789'));
  return folder;
}

describe('the difference of two folders', () => {
  test('is none between the same', async () => {
    expect(await textOf([DIST, DIST], 'text')).toBe('No difference.\n');
  });

  test('says what a release restarts and migrates', async () => {
    const text = await textOf([DIST, release()], 'text');
    expect(text).toContain(
      'Restarts\n  Deployment polls/polls: spec.containers[web].image, ' +
        'spec.initContainers[wait-for-schema].env[CDK8S_DJANGO_MIGRATION].value, ' +
        'spec.initContainers[wait-for-schema].image\n',
    );
    expect(text).toContain('Migrates\n  Job polls/polls-migrate, as polls-migrate-0123456789\n');
    expect(text).not.toContain('access');
  });

  test('is Markdown for pull requests', async () => {
    const text = await textOf([DIST, release()], 'markdown');
    expect(text).toMatch(/^### Restarts\n\n- Deployment polls\/polls: spec/);
    expect(text).toContain('\n\n### Migrates\n\n- Job');
  });

  test('is refused where a folder has several distributions', async () => {
    await expect(textOf([DIST, join(DIST, '..')], 'text')).rejects.toThrow(
      'is there twice. Give the folder of one distribution, such as dist/upstream.',
    );
  });
});

describe('the difference from the cluster', () => {
  const applied = (object: any) => ({
    ...object,
    metadata: {
      ...object.metadata,
      uid: '1',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) },
    },
    spec: { ...object.spec, revisionHistoryLimit: 99 },
  });
  const folder = () => folderOf({ 'all.yaml': MANIFESTS.map((one) => JSON.stringify(one)).join('\n---\n') });
  const others = MANIFESTS.filter(({ kind }) => kind !== 'Secret');

  test('is none where the same was applied, whatever the cluster added', async () => {
    expect(await textOf([folder()], 'text', { get: { items: others.map(applied) } })).toBe(
      'No difference.\n',
    );
  });

  test('counts only fields of the manifest where nothing notes what was applied', async () => {
    const served = others.map((one) => ({ ...one, metadata: { ...one.metadata, uid: '1' }, status: {} }));
    expect(await textOf([folder()], 'text', { get: { items: served } })).toBe('No difference.\n');
  });

  describe('of a release', () => {
    const at = (creationTimestamp: string, object: any) => ({
      ...object,
      metadata: { ...object.metadata, creationTimestamp },
    });
    const migration = others.find(({ metadata }) => metadata.name.startsWith('polls-migrate'));
    const next = changed([':1.4.2', ':1.4.3'], [migration.metadata.name, 'polls-migrate-0123456789']);
    const older = structuredClone(migration);
    older.metadata.name = 'polls-migrate-00000aaaaa';
    older.spec.backoffLimit = 99;
    const sameNames = others.filter((one) => one !== migration);
    const place = () => folderOf({ 'all.yaml': next.map((one) => JSON.stringify(one)).join('\n---\n') });
    const answers = (...jobs: any[]) => ({
      'get --filename=-': { items: sameNames.map(applied) },
      'get jobs,configmaps --namespace=polls --selector=app.kubernetes.io/managed-by=cdk8s-django': {
        items: jobs,
      },
    });

    test.each([
      ['noted', applied],
      ['not noted', (one: any) => one],
    ])('finds the newest migration under its other name, where it is %s', async (_what, served) => {
      const jobs = [at('2026-11-02T00:00:00Z', served(migration)), at('2026-11-01T00:00:00Z', served(older))];
      for (const order of [jobs, [...jobs].reverse()]) {
        const text = await textOf([place()], 'text', answers(...order));
        expect(text).toContain('Migrates\n  Job polls/polls-migrate, as polls-migrate-0123456789\n');
        expect(text).not.toContain('access');
        expect(text).toMatch(/\n {2}~ Job polls\/polls-migrate: metadata.name, .*image/);
        expect(text).not.toContain('backoffLimit');
      }
    });

    test('calls one new that the cluster has under no name', async () => {
      const text = await textOf([place()], 'text', answers(at('2026-11-02T00:00:00Z', find('ConfigMap'))));
      expect(text).toContain('\n  + Job polls/polls-migrate');
    });

    test('ends as kubectl does where Jobs may not be listed', async () => {
      const given = {
        'get --filename=-': { items: sameNames.map(applied) },
        'get jobs': new Refusal('Error from server (Forbidden): jobs.batch is forbidden'),
      };
      await expect(textOf([place()], 'text', given)).rejects.toMatchObject({ exitCode: 77 });
    });
  });

  test('never asks for Secrets', async () => {
    const kubectl = new FakeKubectl({ get: { items: [] } });
    await diff([folder()], { format: 'text' }, { kubectl, terminal: new RecordingTerminal() });
    const asked = kubectl.inputs.flatMap((input) => JSON.parse(input).items.map(({ kind }: any) => kind));
    expect(asked).toContain('Deployment');
    expect(asked).not.toContain('Secret');
  });

  test('ends as kubectl does where the cluster refuses', async () => {
    const refused = new Refusal('Error from server (Forbidden): deployments.apps is forbidden');
    await expect(textOf([folder()], 'text', { get: refused })).rejects.toMatchObject({ exitCode: 77 });
  });
});

describe('what a change leads to', () => {
  test('a restart is for what pods read, and not for other fields', () => {
    const other = changed(['"checksum/config":"', '"checksum/config":"0']);
    expect(restarts(changesBetween(MANIFESTS, other))).toContain(
      'Deployment polls/polls: what its pods read has changed',
    );
    const scaled = structuredClone(MANIFESTS);
    find('Deployment', scaled).spec.minReadySeconds = 77;
    expect(restarts(changesBetween(MANIFESTS, scaled))).toEqual([]);
  });

  test('a group that a Role is bound to gains it, and the other one loses it', () => {
    const { gained, lost } = accessChanges(MANIFESTS, changed(['polls-developers', 'everybody']));
    expect(gained).toContain('Group everybody has Role polls-viewer in polls');
    expect(lost).toContain('Group polls-developers has Role polls-viewer in polls');
    expect(gained.filter((line) => line.includes(' may in '))).toEqual([]);
  });

  test('a rule that a Role has more is gained by those who have the Role', () => {
    const wider = structuredClone(MANIFESTS);
    wider
      .find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'polls-viewer')
      .rules.push({ apiGroups: [''], resources: ['secrets'], verbs: ['get'] });
    const { gained, lost } = accessChanges(MANIFESTS, wider);
    expect(gained).toContain('Group polls-developers may in polls: get secrets');
    expect(gained).toContain('Group polls-developers can read Secret polls/polls');
    expect(lost).toEqual([]);
  });

  test('a policy that is gone lets anything connect', () => {
    const open = MANIFESTS.filter(
      ({ kind, metadata }) => kind !== 'NetworkPolicy' || metadata.name !== 'polls-db',
    );
    expect(accessChanges(MANIFESTS, open).gained).toContain(
      'anything can connect to polls/StatefulSet polls-db',
    );
  });

  test('requests are those of the least replicas, of sidecars and of volumes', () => {
    const container = (cpu: string, more = {}) => ({
      resources: { requests: { cpu, memory: '100Mi' } },
      ...more,
    });
    const spec = {
      containers: [container('100m')],
      initContainers: [container('50m', { restartPolicy: 'Always' }), container('1')],
    };
    const deployment = { kind: 'Deployment', metadata: { name: 'a' }, spec: { template: { spec } } };
    const scaler = {
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a' },
      spec: { minReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'a' } },
    };
    const claim = { spec: { resources: { requests: { storage: '1Gi' } } } };
    const server = {
      kind: 'StatefulSet',
      metadata: { name: 'b' },
      spec: { replicas: 2, volumeClaimTemplates: [claim], template: { spec: { containers: [] } } },
    };
    const { cpu, memory, storage } = requestsOf([deployment, scaler, server]);
    expect(cpu).toBeCloseTo(3 * 1.05);
    expect(memory).toBe(3 * 200 * 2 ** 20);
    expect(storage).toBe(2 * 2 ** 30);
  });

  test('what the API server refuses is said, and what apply leaves', () => {
    const larger = structuredClone(MANIFESTS);
    find('StatefulSet', larger).spec.volumeClaimTemplates[0].spec.resources.requests.storage = '99Gi';
    expect(warnings(changesBetween(MANIFESTS, larger))).toEqual([
      expect.stringMatching(
        /^StatefulSet polls\/polls-db: the API server refuses another spec.volumeClaimTemplates/,
      ),
    ]);
    const fewer = MANIFESTS.filter(({ kind }) => kind !== 'Deployment');
    expect(warnings(changesBetween(MANIFESTS, fewer))).toEqual([
      'Deployment polls/polls is not deleted by `kubectl apply`; an engine that prunes deletes it',
    ]);
  });
});

describe('fields that differ', () => {
  test('are named in lists by the names of their items', () => {
    const before = { env: [{ name: 'A', value: '1' }, { name: 'B' }] };
    expect(differences(before, { env: [{ name: 'B' }, { name: 'A', value: '2' }] })).toEqual([
      'env[A].value',
    ]);
  });

  test('are none for equal values, and some for others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(differences(one, structuredClone(one))).toEqual([]);
        // The order of items with names does not count.
        if (differences(one, other).length === 0) expect(differences(other, one)).toEqual([]);
      }),
    );
  });
});
