import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, YamlOutputType } from 'cdk8s';
import { Construct } from 'constructs';
import {
  DatabaseBackup,
  Distribution,
  GeneratedSecret,
  GeneratedSecretKind,
  synthesize,
  ValkeyBackend,
} from 'cdk8s-django';
import { ArgoCdAnnotations, FluxAnnotations } from 'cdk8s-django/gitops';
import { manifestsFor } from 'cdk8s-django/testing';
import { ValkeySentinel } from 'cdk8s-django/valkey';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { sample } from '../support/distributions';
import { containersOf, Pods, podsIn } from '../support/manifests';
import { django, findAll, postgres, synth } from '../support/synth';

/** `kubectl apply` keeps each object in an annotation of at most so many bytes. */
const ANNOTATION_LIMIT = 262_144;

const MODULES = join(__dirname, '../../src/runtime/cdk8s_django');

/** Pods of every kind that run something of the runtime. */
function everyPod(chart: Chart): void {
  const database = postgres(chart);
  const queue = new ValkeySentinel(chart, 'Queue', { name: 'queue', storage: '1Gi' });
  const app = django(chart, { database, celery: { redisSentinel: queue.broker(0) } });
  app.addCeleryWorker({ name: 'default' });
  app.addCeleryBeat({});
  app.addTaskWorker({ name: 'tasks' });
  app.addProcess({ name: 'mail', command: ['python', 'manage.py', 'mail'] });
  app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  app.addSessionClearing();
  app.addSecretKeyRotation();
  app.addMetrics();
  app.addTelemetry({ endpoint: 'https://192.0.2.7' });
  new DatabaseBackup(chart, 'Backup', { database, schedule: '30 2 * * *' });
}

const manifestsOfEveryPod = () => synth(everyPod, sample('gke'));
const hasModules = ({ data }: any) => Object.keys(data ?? {}).some((name) => name.endsWith('.py'));
const runtimeIn = (manifests: any[]) => findAll(manifests, 'ConfigMap').filter(hasModules);
const namesIn = (manifests: any[]) => manifests.map(({ metadata }) => metadata.name);

/** The names of the ConfigMaps that pods mount as the runtime. */
const mountedBy = ({ spec }: Pods): string[] =>
  (spec.volumes ?? [])
    .filter(({ name }: any) => name === 'runtime')
    .flatMap(({ projected }: any) => projected.sources.map(({ configMap }: any) => configMap.name));

function documentsIn(folder: string): any[] {
  return filesIn(folder).flatMap((path) =>
    parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS()),
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** An App for upstream Kubernetes. */
function boundApp(props: { outdir?: string; yamlOutputType?: YamlOutputType } = {}): App {
  const app = new App(props);
  Distribution.bind(app, sample('upstream'));
  return app;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtime-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('[F50] the Python of the library', () => {
  it('is in a file of its own, beside that of the application', () => {
    const before = process.env.CDK8S_OUTDIR;
    process.env.CDK8S_OUTDIR = folder;
    try {
      synthesize([sample('upstream')], (app) => {
        django(new Chart(app, 'polls', { namespace: 'polls' }));
      });
    } finally {
      if (before === undefined) delete process.env.CDK8S_OUTDIR;
      else process.env.CDK8S_OUTDIR = before;
    }
    expect(readdirSync(join(folder, 'upstream')).sort()).toEqual([
      'access.md',
      'polls.k8s.yaml',
      'zz-polls-runtime.k8s.yaml',
    ]);
    const read = (name: string) => readFileSync(join(folder, 'upstream', name), 'utf8');
    expect(read('polls.k8s.yaml')).not.toContain('.py:');
    const runtime = parseAllDocuments(read('zz-polls-runtime.k8s.yaml')).map((document) => document.toJS());
    expect(runtime.every(({ kind }) => kind === 'ConfigMap')).toBe(true);
    expect(runtime.every(hasModules)).toBe(true);
  });

  it('is there once a namespace, for all applications, charts and generated Secrets in it', () => {
    const charts = (app: App, count: number) => {
      for (let number = 0; number < count; number++) {
        const chart = new Chart(app, `chart-${number}`, { namespace: 'polls' });
        const polls = django(chart, { name: `app-${number}` });
        const props = { selector: polls.selector, kind: GeneratedSecretKind.PASSWORD, python: polls };
        new GeneratedSecret(chart, 'Token', { name: `token-${number}`, key: 'token', ...props });
      }
    };
    const namesOf = (count: number) =>
      namesIn(runtimeIn(manifestsFor(sample('upstream'), (app) => charts(app, count))));
    expect(namesOf(1).length).toBeGreaterThan(0);
    expect(namesOf(3)).toEqual(namesOf(1));
  });

  it('is there once for each of two namespaces, by names that no two of them share', () => {
    const manifests = manifestsFor(sample('upstream'), (app) => {
      for (const namespace of ['polls', 'shop']) django(new Chart(app, namespace, { namespace }));
    });
    const runtime = runtimeIn(manifests);
    const [polls, shop] = ['polls', 'shop'].map((namespace) =>
      runtime.filter(({ metadata }) => metadata.namespace === namespace),
    );
    expect(polls.map(({ data }) => data)).toEqual(shop.map(({ data }) => data));
    expect(new Set(namesIn(runtime)).size).toBe(runtime.length);
  });

  it('has each module in one ConfigMap, once a program has pods of every kind', () => {
    const modules = runtimeIn(manifestsOfEveryPod()).flatMap(({ data }) => Object.keys(data));
    expect(modules.sort()).toEqual(
      readdirSync(MODULES)
        .filter((name) => name.endsWith('.py'))
        .sort(),
    );
  });

  it('is far below the limit of an object that kubectl applies, like every other object', () => {
    for (const manifest of manifestsOfEveryPod()) {
      const size = Buffer.byteLength(JSON.stringify(manifest));
      const { kind, metadata } = manifest;
      expect({ kind, name: metadata.name, fits: size < ANNOTATION_LIMIT / 2 }).toMatchObject({ fits: true });
    }
  });

  it('is not made for a program whose pods run none of it', () => {
    const manifests = synth((chart) => {
      new ValkeyBackend(chart, 'Queue', {
        name: 'queue',
        password: { secretName: 'queue', key: 'password' },
      });
    });
    expect(runtimeIn(manifests)).toEqual([]);
  });
});

const MOUNTED_PARTS = [
  ...['base', 'django', 'server', 'celery', 'tasks', 'commands', 'metrics', 'traces', 'migration', 'secrets'],
  'sentinels',
];

describe('[F50] pods', () => {
  it('mount ConfigMaps that are there', () => {
    const manifests = manifestsOfEveryPod();
    const names = namesIn(runtimeIn(manifests));
    const pods = podsIn(manifests).filter((pod) => mountedBy(pod).length);
    expect(pods.length).toBeGreaterThan(10);
    for (const pod of pods) expect(names).toEqual(expect.arrayContaining(mountedBy(pod)));
  });

  it('mount each module that their programs import, at their start or later', () => {
    const manifests = manifestsOfEveryPod();
    const runtime = new Map(runtimeIn(manifests).map(({ metadata, data }) => [metadata.name, data]));
    const missing = podsIn(manifests).flatMap((pod) => {
      const mounted = new Set(mountedBy(pod).flatMap((name) => Object.keys(runtime.get(name))));
      return needed(pod)
        .filter((module) => !mounted.has(`${module}.py`))
        .map((module) => `${pod.owner}: ${module}`);
    });
    expect(missing).toEqual([]);
  });

  it('do not mount what they never run: neither Celery in a replica, nor a server where a Secret is filled', () => {
    const owners = (part: string) =>
      podsIn(manifestsOfEveryPod())
        .filter((pod) => mountedBy(pod).some((name) => name.startsWith(`cdk8s-django-${part}-`)))
        .map(({ owner }) => owner.replace(/-[0-9a-f]{10}$/, ''));
    expect(owners('celery')).toEqual(['Deployment polls-worker-default', 'Deployment polls-beat']);
    expect(owners('tasks')).toEqual([expect.stringMatching(/^Deployment polls-.*tasks$/)]);
    expect(owners('metrics')).toEqual([
      'Deployment polls',
      'Deployment polls-worker-default',
      'Deployment polls-beat',
      expect.stringMatching(/^Deployment polls-.*tasks$/),
    ]);
    expect(owners('traces')).toEqual([
      'Deployment polls',
      'Deployment polls-worker-default',
      'Deployment polls-beat',
      expect.stringMatching(/^Deployment polls-.*tasks$/),
    ]);
    expect(owners('snapshots')).toEqual(['CronJob polls-db-snapshot']);
    expect(owners('server').sort()).toEqual(['Deployment polls', 'Deployment polls-process-mail']);
    expect(new Set(owners('secrets').map((owner) => owner.split(' ')[0]))).toEqual(
      new Set(['Job', 'CronJob']),
    );
  });

  it('are replaced when a module changes that they mount, and only then', () => {
    const templates = (part?: string) => {
      const manifests = synth((chart) => {
        everyPod(chart);
        const configMap: any = chart.node.root.node
          .findAll()
          .find((one: any) => one.kind === 'ConfigMap' && one.name === `cdk8s-django-${part}`);
        configMap?.override({ data: { 'errors.py': '# another' } });
      }, sample('gke'));
      return new Map(podsIn(manifests).map((pod) => [pod.owner.replace(/-[0-9a-f]{10}$/, ''), pod]));
    };
    const before = templates();
    for (const part of MOUNTED_PARTS) {
      const after = templates(part);
      for (const [owner, pod] of before) {
        const mounts = mountedBy(pod).some((name) => name.startsWith(`cdk8s-django-${part}-`));
        const same = JSON.stringify(mountedBy(pod)) === JSON.stringify(mountedBy(after.get(owner)!));
        expect({ owner, part, replaced: !same }).toEqual({ owner, part, replaced: mounts });
      }
    }
  });
});

describe('[F50] a ConfigMap of the runtime', () => {
  it('never changes: its name ends in a hash of what it holds', () => {
    for (const { metadata, immutable } of runtimeIn(manifestsOfEveryPod())) {
      expect(metadata.name).toMatch(/^cdk8s-django-[a-z]+-[0-9a-f]{10}$/);
      expect(immutable).toBe(true);
    }
  });

  it('has another name after a patch of any form, which pods read, also when somebody asked before', () => {
    const patched = (patch: (configMap: any) => void) => {
      const manifests = synth((chart) => {
        const [configMap] = django(chart).runtimeConfigMaps;
        configMap.toJson();
        patch(configMap);
      });
      const names = namesIn(runtimeIn(manifests));
      const web = podsIn(manifests).find(({ owner }) => owner === 'Deployment polls')!;
      expect(names).toEqual(expect.arrayContaining(mountedBy(web)));
      return mountedBy(web)[0];
    };
    const names = [
      patched(() => undefined),
      patched((configMap) => configMap.override({ data: { 'own.py': '1' } })),
      patched((configMap) =>
        configMap.addJsonPatch({ _toJson: () => ({ op: 'remove', path: '/data/errors.py' }) }),
      ),
      patched((configMap) => configMap.override({ metadata: { name: 'own' } })),
    ];
    expect(new Set(names).size).toBe(4);
    expect(names[3]).toMatch(/^own-[0-9a-f]{10}$/);
    expect(patched((configMap) => configMap.override({ metadata: { labels: { team: 'a' } } }))).toBe(
      names[0],
    );
  });

  it('has the labels that all charts have whose pods mount it, so that pruning by one of the others leaves it', () => {
    const manifests = manifestsFor(sample('upstream'), (app) => {
      const chart = (id: string, labels: Record<string, string>) =>
        new Chart(app, id, { namespace: 'polls', labels });
      django(chart('polls', { team: 'a', release: 'polls' }));
      django(chart('shop', { team: 'a', release: 'shop' }), { name: 'shop' });
    });
    for (const { metadata } of runtimeIn(manifests)) {
      expect(metadata.labels.team).toBe('a');
      expect(metadata.labels.release).toBeUndefined();
    }
  });
});

describe('[F50] the files', () => {
  const FORMS = Object.values(YamlOutputType).filter((form) => typeof form === 'number') as YamlOutputType[];

  function written(yamlOutputType: YamlOutputType, outdir: string): void {
    const app = boundApp({ outdir, yamlOutputType });
    for (const namespace of ['polls', 'shop']) {
      const chart = new Chart(app, namespace, { namespace });
      django(chart, { name: namespace });
    }
    app.synth();
  }

  it.each(FORMS)('are complete and the same each time in the form %s of cdk8s', (form) => {
    const [one, other] = ['one', 'other'].map((name) => join(folder, name));
    written(form, one);
    written(form, other);
    const text = (path: string) => filesIn(path).map((file) => readFileSync(file, 'utf8'));
    expect(text(one)).toEqual(text(other));
    const manifests = documentsIn(one);
    const there = runtimeIn(manifests).map(({ metadata }) => `${metadata.namespace} ${metadata.name}`);
    expect(new Set(there).size).toBe(there.length);
    for (const namespace of ['polls', 'shop']) {
      const pods = podsIn(manifests.filter(({ metadata }) => metadata.namespace === namespace));
      const mounted = pods.flatMap(mountedBy).map((name) => `${namespace} ${name}`);
      expect(mounted.length).toBeGreaterThan(3);
      expect(there).toEqual(expect.arrayContaining(mounted));
    }
  });

  it('keep the names that they have without the runtime, and it comes after the Namespace of any chart', () => {
    const label = fc.stringMatching(/^[a-y][a-z0-9-]{0,20}[a-z0-9]$/);
    fc.assert(
      fc.property(label, fc.option(label, { nil: undefined }), (id, namespace) => {
        const path = mkdtempSync(join(folder, 'names-'));
        const app = boundApp({ outdir: path });
        django(new Chart(app, id, { namespace }));
        app.synth();
        const [first, second] = readdirSync(path).sort();
        expect(first).toBe(`${id}.k8s.yaml`);
        expect(second).toBe(`zz-${namespace === undefined ? '' : `${namespace}-`}runtime.k8s.yaml`);
      }),
      { numRuns: 8 },
    );
  });

  it('are there for the longest name of a namespace, at their place', () => {
    const app = boundApp({ outdir: folder });
    for (const letter of ['a', 'b']) {
      const namespace = letter.repeat(63);
      django(new Chart(app, letter, { namespace }));
    }
    app.synth();
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(4);
    expect(names.slice(2).every((name) => /^zz-[0-9a-f]{10}-runtime\.k8s\.yaml$/.test(name))).toBe(true);
  });

  it('of charts that have distributions of their own are one each', () => {
    const app = new App({ outdir: folder });
    for (const name of ['gke', 'eks']) {
      const chart = new Chart(app, name, { namespace: 'polls' });
      Distribution.bind(chart, sample(name));
      django(chart);
    }
    app.synth();
    expect(readdirSync(folder).sort()).toEqual(
      ['eks', 'gke']
        .flatMap((name) => [`${name}.k8s.yaml`])
        .concat(['zz-eks-polls-runtime.k8s.yaml', 'zz-gke-polls-runtime.k8s.yaml']),
    );
  });

  it('are numbered as ever where charts depend on one another, the runtime last', () => {
    const app = boundApp({ outdir: folder });
    const [one, other] = ['one', 'other'].map((id) => new Chart(app, id, { namespace: 'polls' }));
    django(one, { name: 'one' });
    django(other, { name: 'other' });
    one.addDependency(other);
    app.synth();
    expect(readdirSync(folder).sort()).toEqual([
      '0000-other.k8s.yaml',
      '0001-one.k8s.yaml',
      '0002-zz-polls-runtime.k8s.yaml',
    ]);
  });

  it('do not matter to a chart without an App, which cdk8s cannot write, but which can be made', () => {
    const chart = new Chart(undefined as unknown as Construct, 'polls', { namespace: 'polls' });
    Distribution.bind(chart, sample('upstream'));
    expect(django(chart).runtimeConfigMaps.length).toBeGreaterThan(0);
  });
});

describe('[F50] GitOps', () => {
  const annotated = (mixin: any, to: (chart: Chart) => Construct) =>
    runtimeIn(
      synth((chart) => {
        django(chart);
        to(chart).with(mixin);
      }),
    ).map(({ metadata }) => metadata.annotations);

  it.each([
    ['an App', (chart: Chart) => chart.node.root as Construct],
    ['a chart', (chart: Chart) => chart],
  ])('engines know what to do with the runtime, with their annotations on %s', (_, to) => {
    for (const annotations of annotated(new ArgoCdAnnotations(), to)) {
      // Pods of the release before mount its own until the new one runs.
      expect(annotations).toEqual({
        'argocd.argoproj.io/sync-wave': '1',
        'argocd.argoproj.io/sync-options': 'PruneLast=true',
      });
    }
    for (const annotations of annotated(new FluxAnnotations(), to)) {
      expect(annotations).toEqual({
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
        'kustomize.toolkit.fluxcd.io/substitute': 'disabled',
      });
    }
  });
});

/** What processes load that are told a port at which they show what they count, and no others. */
const COUNTING = [
  'collations',
  'celery_metrics',
  'instruments',
  'metric_files',
  'metric_names',
  'metric_page',
  'task_metrics',
  'websocket_metrics',
];

/** The overlay asks whether it is there: it is where requests are served. */
const SERVING = 'replicas';

/** The modules that the programs of a pod name, and all that these import or name, at their start or later. */
function needed(pod: Pods): string[] {
  const counts = JSON.stringify(containersOf(pod)).includes('CDK8S_DJANGO_METRICS_PORT');
  const serves = JSON.stringify(containersOf(pod)).includes('cdk8s_django.serve"');
  const found = new Set<string>();
  const next = [...named(JSON.stringify(containersOf(pod))), ...(mountedBy(pod).length ? ['__init__'] : [])];
  while (next.length) {
    const module = next.pop()!;
    if (found.has(module) || (COUNTING.includes(module) && !counts)) continue;
    if (module === SERVING && !serves) continue;
    found.add(module);
    next.push(...named(readFileSync(join(MODULES, `${module}.py`), 'utf8')));
  }
  const isDjango = containersOf(pod).some(({ envFrom }) => envFrom?.length);
  // DJANGO_SETTINGS_MODULE is in the ConfigMap.
  return isDjango && !found.has('settings') ? [...new Set([...found, 'settings', 'overlay'])] : [...found];
}

/** The modules that a text imports, or names as "cdk8s_django.module" where it loads or runs them by that. */
function named(text: string): string[] {
  // What a docstring tells of commands is no import.
  const code = text.replace(/^"""[\s\S]*?"""/, '').replaceAll(/prog="cdk8s_django\.\w+"/g, '');
  const modules = [
    ...[...code.matchAll(/\bcdk8s_django\.(\w+)/g)].map(([, module]) => module),
    ...[...code.matchAll(/^\s*from cdk8s_django import ([\w, ]+)/gm)].flatMap(([, list]) => list.split(/, /)),
  ];
  const all = readdirSync(MODULES).map((name) => name.replace(/\.py$/, ''));
  return modules.filter((module) => all.includes(module));
}
