import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { run } from '../../src/cli/program';
import { RecordingTerminal } from '../cli/support/terminal';
import { filesOf } from '../support/files';
import { outputDirectory } from '../support/output-directory';
import { find, findAll } from '../support/synth';
import { ROOT } from '../support/typescript';

const output = outputDirectory();

/** Runs the program of an example, and gives its manifests by the path of their file. */
async function manifestsOf(example: string, ...args: string[]): Promise<Map<string, any[]>> {
  const before = process.argv;
  process.argv = [...before.slice(0, 2), ...args];
  try {
    await jest.isolateModulesAsync(async () => {
      jest.requireActual(join(ROOT, 'examples', example, 'main.ts'));
    });
  } finally {
    process.argv = before;
  }
  const paths = readdirSync(output(), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .sort();
  return new Map(
    paths.map((path) => [
      path,
      parseAllDocuments(readFileSync(join(output(), path), 'utf8')).map((document) => document.toJSON()),
    ]),
  );
}

/** The files without the Python of the library, which is the same everywhere. */
const without = (files: Map<string, any[]>) => [...files.keys()].filter((path) => !path.includes('/zz-'));

test('each folder is in the table of the page', () => {
  const page = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
  const folders = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  const listed = [...page.matchAll(/^\| \[[-\w]+\]\(([-\w]+)\)/gm)].map(([, folder]) => folder);
  expect(listed.sort()).toEqual(folders.map(({ name }) => name).sort());
});

test('environments differ in what their table says', async () => {
  const files = await manifestsOf('environments');
  expect(without(files)).toEqual(['production/shop.k8s.yaml', 'staging/shop.k8s.yaml']);
  const staging = files.get('staging/shop.k8s.yaml')!;
  const production = files.get('production/shop.k8s.yaml')!;
  const [web] = find(staging, 'Deployment', 'shop').spec.template.spec.containers;
  expect([web.image, find(staging, 'Deployment', 'shop').spec.replicas]).toEqual([
    'registry.example.com/shop:2.4.0',
    1,
  ]);
  expect(find(production, 'HorizontalPodAutoscaler', 'shop').spec).toMatchObject({
    minReplicas: 3,
    maxReplicas: 10,
  });
  const storage = (manifests: any[]) =>
    find(manifests, 'StatefulSet', 'shop-db').spec.volumeClaimTemplates[0].spec.resources.requests.storage;
  expect([storage(staging), storage(production)]).toEqual(['5Gi', '100Gi']);
});

test('the company decides for all teams, and labels everything', async () => {
  const files = await manifestsOf('company-defaults');
  expect(without(files)).toEqual(['gke/shop.k8s.yaml', 'openshift/shop.k8s.yaml']);
  for (const path of without(files)) {
    const manifests = files.get(path)!;
    const { replicas, template } = find(manifests, 'Deployment', 'shop').spec;
    expect(replicas).toBe(2);
    expect(template.spec.imagePullSecrets).toEqual([{ name: 'company-registry' }]);
    expect(template.spec.containers[0].resources.limits.memory).toBe('1Gi');
    const groups = findAll(manifests, 'RoleBinding').flatMap(({ subjects }) =>
      subjects.filter(({ kind }: any) => kind === 'Group').map(({ name }: any) => name),
    );
    expect(new Set(groups)).toEqual(new Set(['sales', 'sales-on-call']));
    const labels = manifests.map(({ metadata }) => metadata.labels['example.com/cost-center']);
    expect(new Set(labels)).toEqual(new Set(['4711']));
  }
});

test('a distribution of its own has a folder of its own', async () => {
  const files = await manifestsOf('own-distribution');
  expect(without(files)).toEqual(['k3s/blog.k8s.yaml']);
  expect(find(files.get('k3s/blog.k8s.yaml')!, 'Middleware', 'blog-https').apiVersion).toBe(
    'traefik.io/v1alpha1',
  );
});

test('the repository of many teams has a file for each application, in the namespace of its team', async () => {
  const files = await manifestsOf('monorepo');
  expect(without(files)).toEqual([
    'eks/marketing/blog.k8s.yaml',
    'eks/sales/shop.k8s.yaml',
    'openshift/marketing/blog.k8s.yaml',
    'openshift/sales/shop.k8s.yaml',
  ]);
  expect(find(files.get('openshift/sales/shop.k8s.yaml')!, 'Route', 'shop').metadata.namespace).toBe('sales');
});

test('a preview is small, ends, and prints its namespace for the pipeline', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  const files = await manifestsOf('previews', 'fix-login', '2.3.2', '2027-02-14');
  const [[namespace]] = log.mock.calls;
  log.mockRestore();
  const manifests = [...files.values()].flat();
  expect(namespace).toBe('polls-preview-fix-login');
  expect(find(manifests, 'Namespace', namespace)).toBeDefined();
  const { replicas, template } = find(manifests, 'Deployment', 'polls').spec;
  expect([replicas, template.spec.containers[0].image]).toEqual([1, 'registry.example.com/polls:2.3.2']);
  expect(findAll(manifests, 'CronJob')).toHaveLength(1);
});

test('constructs of cdk8s-plus are in the same file', async () => {
  const files = await manifestsOf('beside-cdk8s-plus');
  const manifests = files.get('upstream/shop.k8s.yaml')!;
  expect(find(manifests, 'ConfigMap', 'flags').data).toEqual({ 'flags.json': '{ "discounts": true }' });
  expect(find(manifests, 'Deployment', 'shop')).toBeDefined();
});

describe('the collector of OpenTelemetry', () => {
  async function made() {
    const files = await manifestsOf('opentelemetry-collector');
    expect(without(files)).toEqual(['upstream/shop.k8s.yaml', 'upstream/telemetry.k8s.yaml']);
    const shop = files.get('upstream/shop.k8s.yaml')!;
    const telemetry = files.get('upstream/telemetry.k8s.yaml')!;
    return { shop, telemetry, daemonSet: find(telemetry, 'DaemonSet', 'otel-collector') };
  }

  test('alone is let in to the metrics, which nothing else scrapes', async () => {
    const { shop, daemonSet } = await made();
    expect(shop.filter(({ kind }) => /Monitor/.test(kind))).toEqual([]);
    const { ingress } = find(shop, 'NetworkPolicy', 'shop').spec;
    const [{ from }] = ingress.filter(({ ports }: any) => ports[0].port === 8098);
    expect(from).toEqual([
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': daemonSet.metadata.namespace } },
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'otel-collector' } },
      },
    ]);
    expect(daemonSet.spec.template.metadata.labels).toMatchObject(from[0].podSelector.matchLabels);
  });

  test('is sent the traces, at the Service that it has', async () => {
    const { shop, telemetry } = await made();
    const { metadata, spec } = find(telemetry, 'Service', 'otel-collector');
    const [{ env }] = find(shop, 'Deployment', 'shop').spec.template.spec.containers;
    expect(env).toContainEqual({
      name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      value: `http://${metadata.name}.${metadata.namespace}:${spec.ports[0].port}`,
    });
  });

  test('may find pods where it scrapes, and starts anew with another configuration', async () => {
    const { telemetry, daemonSet } = await made();
    const text = find(telemetry, 'ConfigMap', 'otel-collector').data['config.yaml'];
    const { receivers, exporters, service } = parse(text);
    const [{ kubernetes_sd_configs: discovery }] = receivers.prometheus.config.scrape_configs;
    expect(discovery[0].namespaces.names).toEqual([
      find(telemetry, 'Role', 'otel-collector').metadata.namespace,
    ]);
    // A part that no pipeline names would do nothing, and one that is not there would end the collector.
    const pipelines: any[] = Object.values(service.pipelines);
    expect(pipelines.flatMap((one) => one.receivers).sort()).toEqual(Object.keys(receivers).sort());
    expect([...new Set(pipelines.flatMap((one) => one.exporters))]).toEqual(Object.keys(exporters));
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    expect(daemonSet.spec.template.metadata.annotations).toEqual({ 'checksum/config': hash });
  });

  test('has the image of the release whose parts the test with a cluster builds', async () => {
    const { daemonSet } = await made();
    const [{ image }] = daemonSet.spec.template.spec.containers;
    const builder = readFileSync(join(ROOT, 'test/operators/opentelemetry-collector.yaml'), 'utf8');
    const { receivers, processors, exporters, extensions } = parse(builder);
    const versions = [receivers, processors, exporters, extensions]
      .flat()
      .map(({ gomod }) => gomod.split(' ')[1]);
    expect(new Set(versions)).toEqual(new Set([`v${image.split(':')[1]}`]));
  });
});

describe('the pipelines', () => {
  const files = [...filesOf('examples/pipelines', '.yaml'), ...filesOf('examples/pipelines', '.yml')];

  test('are those of GitHub and of GitLab', () => {
    const paths = files.map(({ path }) => relative('examples/pipelines', path));
    expect(paths).toEqual(['.github/workflows/deploy.yaml', '.gitlab-ci.yml']);
    files.forEach(({ text }) => expect(parse(text)).toBeInstanceOf(Object));
  });

  test('run commands of cdk8s-django that there are, with options that they have', async () => {
    const lines = files.flatMap(({ text }) => text.match(/npx cdk8s-django .*/g) ?? []);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [, , command, ...words] = line.split(/\s+/);
      const terminal = new RecordingTerminal();
      expect(await run([command, '--help'], terminal)).toBe(0);
      expect(terminal.output).toContain(`cdk8s-django ${command}`);
      words
        .filter((word) => word.startsWith('--'))
        .forEach((option) => expect(terminal.output).toContain(option));
    }
  });

  test('apply folders that the example of environments writes', async () => {
    const written = new Set(
      [...(await manifestsOf('environments')).keys()].map((path) => path.split('/')[0]),
    );
    const [github, gitlab] = files.map(({ text }) => parse(text));
    const names = (jobs: object) => Object.keys(jobs).filter((name) => written.has(name));
    expect(names(github.jobs).sort()).toEqual([...written].sort());
    expect(names(gitlab).sort()).toEqual([...written].sort());
    expect(names(github.jobs).map((name) => github.jobs[name].environment)).toEqual(names(github.jobs));
  });
});
