import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, YamlOutputType } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess, Resource } from 'cdk8s-django';
import { FluxAnnotations } from 'cdk8s-django/gitops';
import { SAMPLES, sample } from '../support/distributions';
import { django, postgres, synth } from '../support/synth';
import { asKept, busyChart, mixedIn, without } from './support';

const PRUNE = 'kustomize.toolkit.fluxcd.io/prune';

describe.each(SAMPLES)('FluxAnnotations on $name', ({ make }) => {
  const manifests = synth(mixedIn(new FluxAnnotations()), make());
  const kept = manifests.filter(({ metadata }) => PRUNE in (metadata.annotations ?? {}));

  it('are all that a program with them differs in', () => {
    expect(without('kustomize.toolkit.fluxcd.io/', manifests)).toEqual(synth(busyChart, make()).map(asKept));
  });

  it('keep what has data, what pods of a former release mount of the library, and the PriorityClass', () => {
    expect(new Set(kept.map(({ kind }) => kind))).toEqual(
      new Set(['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'PriorityClass', 'Secret']),
    );
    // Pods of the release before mount those of the library, and the engine prunes before the new release runs.
    const ofLibrary = manifests.filter(({ kind, immutable }) => kind === 'ConfigMap' && immutable);
    expect(ofLibrary.length).toBeGreaterThan(1);
    expect(kept.filter(({ kind }) => kind === 'ConfigMap')).toEqual(ofLibrary);
    expect(kept.every(({ metadata }) => metadata.annotations[PRUNE] === 'disabled')).toBe(true);
  });
});

describe('[substitution] of variables by Flux', () => {
  test('is off for what holds text for a shell, and for nothing else', () => {
    const manifests = synth(mixedIn(new FluxAnnotations()));
    const off = manifests.filter(
      ({ metadata }) => metadata.annotations?.['kustomize.toolkit.fluxcd.io/substitute'] === 'disabled',
    );
    expect([...new Set(off.map(({ kind }) => kind))].sort()).toEqual(
      expect.arrayContaining(['ConfigMap', 'Deployment', 'Job', 'StatefulSet']),
    );
    const text = (manifest: any) => /\$\{|\$\$/.test(JSON.stringify(manifest));
    expect(manifests.filter((manifest) => text(manifest) && !off.includes(manifest))).toEqual([]);
    expect(off.map(({ kind }) => kind)).not.toContain('HTTPRoute');
  });

  test.each([
    ...[
      'Build',
      'BuildConfig',
      'Cluster',
      'ConfigMap',
      'CronJob',
      'DaemonSet',
      'Deployment',
      'HTTPProxy',
      'Job',
    ],
    ...['PrometheusRule', 'Rules', 'ScaledObject', 'Schedule', 'StatefulSet'],
  ])('is off for a %s of the program itself', (kind) => {
    const [manifest] = synth((chart) => {
      const apiVersion = 'example.com/v1';
      new ApiObject(chart, 'Own', { apiVersion, kind, metadata: { name: 'own' }, ...{ spec: '${x-y}' } });
      chart.with(new FluxAnnotations());
    });
    expect(manifest.metadata.annotations).toEqual({ 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' });
  });

  test('has nothing to do in dist/, for those who apply it without these annotations', () => {
    const dist = join(__dirname, '../../dist');
    const files = readdirSync(dist, { recursive: true }).map(String);
    const found = files
      .filter((file) => file.endsWith('.yaml'))
      .filter((file) => /\$\{|\$\$/.test(readFileSync(join(dist, file), 'utf8')));
    expect(files.length).toBeGreaterThan(4);
    expect(found).toEqual([]);
  });
});

/** As docs/guide/15-delivery.md has it. */
test('charts go to folders of their own, one for each Kustomization, the namespace and the runtime too', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'flux-'));
  try {
    const app = new App({ outdir, yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
    Distribution.bind(app, sample('upstream'));
    const databaseChart = new Chart(app, 'database', { namespace: 'polls' });
    const pollsChart = new Chart(app, 'polls', { namespace: 'polls' });
    const polls = django(pollsChart, { database: postgres(databaseChart) });
    const { namespace } = new LeastPrivilegeAccess(pollsChart, 'Access', { app: polls });
    const copy = new Resource(new Chart(app, '0-namespace'), 'Namespace', namespace.toJson());
    app.with(new FluxAnnotations());
    app.synth();
    expect(copy.toJson()).toEqual(namespace.toJson());
    expect(readdirSync(outdir).sort()).toEqual(['0-namespace', 'database', 'polls', 'zz-polls-runtime']);
    const kinds = (folder: string) => readdirSync(join(outdir, folder)).map((file) => file.split('.')[0]);
    expect(kinds('0-namespace')).toEqual(['Namespace']);
    expect(new Set(kinds('zz-polls-runtime'))).toEqual(new Set(['ConfigMap']));
    expect(kinds('database')).toEqual(expect.arrayContaining(['StatefulSet', 'Secret']));
    expect(kinds('polls')).toEqual(expect.arrayContaining(['Namespace', 'Deployment']));
    expect(kinds('polls')).not.toContain('StatefulSet');
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
