import { join } from 'node:path';
import * as fc from 'fast-check';
import { Catalog } from '../../src/cli/explain/catalog';
import { alternativesOf, leavesOf } from '../../src/cli/explain/fields';
import { REASONS } from '../../src/cli/explain/reasons';
import { folderOf } from './support/project';
import { outcomeOf } from './support/terminal';

const DIST = join(__dirname, '../../dist/upstream');
const LINKS = 'Deployment.spec.template.spec.enableServiceLinks';

const outcome = (...args: string[]) => outcomeOf(['explain', ...args]);

describe('explain', () => {
  it('says why a field has its value, and the source', async () => {
    const { code, output, errors } = await outcome(LINKS);
    expect([code, errors]).toEqual([0, '']);
    const [field, why, source] = output.trimEnd().split('\n');
    expect(field).toBe(`${LINKS}: false`);
    expect(why).toContain('each Service of the namespace adds variables');
    expect(source.trim()).toMatch(/^https:\/\/kubernetes\.io\/docs\//);
  });

  it.each(['deployment', 'DEPLOYMENT', 'deployments'])('takes the kind as %s', async (kind) => {
    const { output } = await outcome(LINKS.replace('Deployment', kind));
    expect(output).toContain(`${LINKS}: false\n`);
  });

  it.each(['networkpolicies', 'ingresses', 'configmap'])(
    'takes the kind %s as kubectl does',
    async (kind) => {
      expect(await outcome(kind)).toMatchObject({ code: 0, errors: '' });
    },
  );

  it('says all that is in a part, each reason once', async () => {
    const { output } = await outcome('PodDisruptionBudget.spec');
    expect(output).toContain('PodDisruptionBudget.spec.maxUnavailable: 1\n');
    expect(output).toContain('PodDisruptionBudget.spec.unhealthyPodEvictionPolicy: AlwaysAllow\n');
    expect(output).not.toContain('Deployment.');
    const limits = (await outcome('cronjob.spec')).output;
    expect(limits).toContain(
      'CronJob.spec.successfulJobsHistoryLimit: 1 or 3\nCronJob.spec.failedJobsHistoryLimit: 1 or 3\n    The logs',
    );
  });

  it('says that of a key that nobody knows before, and of fields of all kinds', async () => {
    expect((await outcome('service.metadata.labels.team')).output).toContain(
      'Service.metadata.labels.team\n',
    );
    expect((await outcome('gateway.metadata.name')).output).toContain('the name that you gave the construct');
  });

  it('names the page of the documentation by its address', async () => {
    const { output } = await outcome('statefulset.spec.replicas');
    expect(output).toContain(
      'https://github.com/cdk8s-django/cdk8s-django/blob/main/docs/guide/4-recovery.md\n',
    );
  });

  it.each([
    ['deployment.spec.enableServiceLinks', LINKS],
    ['deployment.spec.template.spec.enableServiceLink', LINKS],
    ['deploymnt.spec', 'Deployment'],
    ['poddisruptionbudget.spec.minAvailable', 'PodDisruptionBudget.spec.maxUnavailable'],
  ])('names the nearest paths of %s', async (path, nearest) => {
    const { code, output, errors } = await outcome(path);
    expect([code, output]).toEqual([2, '']);
    const [line, ...paths] = errors.trimEnd().split('\n');
    expect(line).toBe(`cdk8s-django: ${path} is not a field that the library sets. The nearest are:`);
    expect(paths.map((one) => one.trim())).toContain(nearest);
    expect(paths.length).toBeLessThanOrEqual(3);
  });

  it('is given wrongly without a path', async () => {
    const { code, errors } = await outcome();
    expect(code).toBe(2);
    expect(errors).toContain("missing required argument 'path'");
  });

  it('writes JSON', async () => {
    const { output } = await outcome(LINKS, '--json');
    expect(JSON.parse(output)).toEqual([
      {
        field: LINKS,
        values: [false],
        why: expect.stringContaining('variables'),
        source: expect.stringContaining('https://kubernetes.io/'),
      },
    ]);
  });
});

describe('explain with manifests', () => {
  it('shows the values in a folder, and of which objects they are', async () => {
    const { code, output } = await outcome('deployment.spec.revisionHistoryLimit', DIST);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^Deployment\.spec\.revisionHistoryLimit\n {2}3 {2}\(Deployment polls\/polls\)\n {4}One goes back/,
    );
  });

  it('shows those of one file, also as JSON', async () => {
    const file = join(DIST, 'polls.k8s.yaml');
    const { output } = await outcome('statefulsets.spec.replicas', file, '--json');
    expect(JSON.parse(output)).toEqual([
      {
        field: 'StatefulSet.spec.replicas',
        found: [{ object: 'StatefulSet polls/polls-db', value: 1 }],
        why: expect.stringContaining('one process'),
        source: expect.stringContaining('docs/guide/4-recovery.md'),
      },
    ]);
  });

  it('shows each value of a list once', async () => {
    const { output } = await outcome('statefulset.spec.template.spec.containers.volumeMounts.name', DIST);
    const values = output.split('\n').filter((line) => /^ {2}\S/.test(line));
    expect(values).toContain('  scripts  (StatefulSet polls/polls-db)');
    expect(new Set(values).size).toBe(values.length);
  });

  it('says where the library does not set a field, and shows no value of a Secret', async () => {
    const folder = folderOf({
      'a.yaml': [
        'apiVersion: apps/v1',
        'kind: Deployment',
        'metadata: { name: a }',
        'spec: { paused: true }',
        '---',
        'apiVersion: v1',
        'kind: Secret',
        'metadata: { name: s }',
        'stringData: { password: hunter2 }',
      ].join('\n'),
    });
    expect((await outcome('deployment.spec.paused', folder)).output).toBe(
      [
        'Deployment.spec.paused',
        '  true  (Deployment a)',
        '    The library does not set this field. Your program does, or somebody who changed the manifest.',
        '',
      ].join('\n'),
    );
    const secret = await outcome('secret.stringData', folder);
    expect(secret.output).toContain('Secret.stringData.password\n  (not shown)  (Secret s)\n');
    expect(secret.output).not.toContain('hunter2');
  });

  it('fails where no object has the field', async () => {
    expect(await outcome('hpa.spec', DIST)).toMatchObject({ code: 2 });
    expect(await outcome('storageclass.parameters', DIST)).toMatchObject({
      code: 1,
      errors: `cdk8s-django: No object in ${DIST} has the field StorageClass.parameters.\n`,
    });
  });

  it('fails where there are no manifests', async () => {
    const folder = folderOf({ 'notes.yaml': 'a: 1' });
    expect(await outcome(LINKS, join(folder, 'none'))).toMatchObject({ code: 1 });
    expect(await outcome(LINKS, join(folder, 'notes.yaml'))).toMatchObject({
      code: 1,
      errors: expect.stringContaining('notes.yaml has no manifests. Give a file or a folder with some'),
    });
  });
});

describe('the catalog', () => {
  const catalog = new Catalog(Object.values(REASONS).flat());
  const known = Object.values(REASONS)
    .flat()
    .flatMap(({ fields }) => fields.flatMap(alternativesOf))
    .filter((field) => !field.startsWith('*') && !field.endsWith('*'));

  it('has each field as it is, in any case of its kind', () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.boolean(), (field, upper) => {
        const [kind, ...rest] = field.split('.');
        const path = [upper ? kind.toUpperCase() : kind.toLowerCase(), ...rest].join('.');
        expect(catalog.withKind(path)).toBe(field);
        expect(catalog.find(field)?.field).toBe(field);
        const [first, ...inside] = catalog.knownAt(field).map((one) => one.field);
        expect(first).toBe(field);
        expect(inside.filter((one) => !one.startsWith(`${field}.`))).toEqual([]);
      }),
    );
  });

  it('takes the reason that is most precise', () => {
    const reason = (...fields: string[]) => ({ fields, why: fields[0], source: '' });
    const some = new Catalog([
      reason('A.metadata.labels.*'),
      reason('*.metadata.labels.*'),
      reason('*.metadata.name'),
      reason('A.metadata.labels.a.b/c'),
    ]);
    const why = (field: string) => some.find(field)?.reason.why;
    expect(why('A.metadata.labels.a.b/c')).toBe('A.metadata.labels.a.b/c');
    expect(why('A.metadata.labels.other')).toBe('A.metadata.labels.*');
    expect(why('B.metadata.labels.other')).toBe('*.metadata.labels.*');
    expect(why('B.metadata.name')).toBe('*.metadata.name');
    expect(why('B.metadata.names')).toBeUndefined();
  });

  it('names alternatives in braces, also within others', () => {
    expect(alternativesOf('{{A,B}.x,C}.{y,z}')).toEqual(['A.x.y', 'A.x.z', 'C.y', 'C.z', 'B.x.y', 'B.x.z']);
  });
});

test('leaves are all that has a value', () => {
  const object = { kind: 'A', list: [{ b: 1 }, { b: 2, c: [] }, 3], empty: {}, none: null };
  expect(leavesOf(object)).toEqual([
    { field: 'A.kind', value: 'A' },
    { field: 'A.list.b', value: 1 },
    { field: 'A.list.b', value: 2 },
    { field: 'A.list.c', value: [] },
    { field: 'A.list', value: 3 },
    { field: 'A.empty', value: {} },
    { field: 'A.none', value: null },
  ]);
});
