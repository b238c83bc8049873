import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { Distribution, PostgresBackend, Resource, synthesize, SynthesisError } from 'cdk8s-django';
import { Fleet, FleetProps } from 'cdk8s-django/fleet';
import { EbsStorage } from 'cdk8s-django/storage';
import { parseAllDocuments } from 'yaml';
import { CERTIFICATE_ARN, sample } from '../support/distributions';
import { IMAGE } from '../support/synth';
import { application, configMap, contents, django, failureOf, routed, small } from './support';
import { outputDirectory } from '../support/output-directory';

const folder = outputDirectory();
const eks = () =>
  Distribution.eks({
    certificateArn: CERTIFICATE_ARN,
    loadBalancerCidrs: ['10.0.0.0/20'],
    storage: new EbsStorage(),
  });
const upstream = () => [sample('upstream')];
const run = (props: FleetProps) => new Fleet(props).synthesize();

let written: string;
beforeEach(() => {
  written = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => void jest.restoreAllMocks());

/** All objects of a folder, in an order of their own. */
function objects(path: string): string[] {
  const texts = Object.entries(contents(path)).filter(([file]) => file.endsWith('.yaml'));
  return texts
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => JSON.stringify(document.toJS())))
    .sort();
}

describe('a fleet', () => {
  it('writes a file for each application to the folder of its namespace, for each distribution', async () => {
    await run({
      distributions: [sample('gke'), sample('openshift')],
      applications: [routed('shop', 'sales'), small('desk', 'support'), routed('crm', 'sales')],
    });
    const files = ['gke', 'openshift'].flatMap((name) => [
      `${name}/sales/access.md`,
      `${name}/sales/crm.k8s.yaml`,
      `${name}/sales/shop.k8s.yaml`,
      `${name}/sales/zz-sales-runtime.k8s.yaml`,
      `${name}/support/desk.k8s.yaml`,
    ]);
    expect(Object.keys(contents(folder()))).toEqual(['fleet-facts.txt', 'fleet-files.txt', ...files]);
    expect(readFileSync(join(folder(), 'fleet-files.txt'), 'utf8')).toBe(
      `fleet-facts.txt\n${files.join('\n')}\n`,
    );
  });

  it('makes the objects that synthesize makes of the same charts', async () => {
    const applications = [routed('shop', 'sales'), routed('crm', 'sales'), routed('desk', 'support')];
    await run({ distributions: upstream(), applications });
    const fleet = objects(folder());
    rmSync(join(folder(), 'upstream'), { recursive: true });
    synthesize(upstream(), (app) => {
      for (const one of applications) one.define(new Chart(app, one.name, { namespace: one.namespace }));
    });
    expect(fleet.length).toBeGreaterThan(15);
    expect(objects(folder())).toEqual(fleet);
  });

  it('makes an application for some of the distributions', async () => {
    await run({
      distributions: [sample('gke'), sample('openshift')],
      applications: [small('shop', 'sales'), small('crm', 'sales', 'crm', ['openshift'])],
    });
    expect(Object.keys(contents(folder()))).toEqual([
      'fleet-facts.txt',
      'fleet-files.txt',
      'gke/sales/shop.k8s.yaml',
      'openshift/sales/crm.k8s.yaml',
      'openshift/sales/shop.k8s.yaml',
    ]);
  });

  it('has one name in two namespaces', async () => {
    await run({ distributions: upstream(), applications: [small('shop', 'stage'), small('shop', 'live')] });
    expect(Object.keys(contents(folder()))).toContain('upstream/stage/shop.k8s.yaml');
    expect(Object.keys(contents(folder()))).toContain('upstream/live/shop.k8s.yaml');
  });

  it('writes the identity commands of a namespace beside its manifests', async () => {
    const applications = [routed('shop', 'sales'), small('desk', 'support')];
    await run({ distributions: [sample('aks')], applications });
    const files = Object.keys(contents(folder()));
    expect(files.filter((file) => file.endsWith('.txt'))).toEqual([
      'aks/sales/identity.txt',
      'fleet-facts.txt',
      'fleet-files.txt',
    ]);
  });

  it('tells the notices with namespace and application', async () => {
    const wanting = application('shop', 'sales', (chart) => {
      django(chart, 'shop').addSecretEnvironment('KEY', { secretName: 'shop-key', key: 'key' });
    });
    await run({ distributions: upstream(), applications: [wanting] });
    expect(written).toMatch(/notice for "upstream": pods wait .* namespace "sales": "shop-key"/);
  });
});

describe('what a fleet writes', () => {
  const old = new Date('2020-01-01T00:00:00Z');
  const age = (file: string) => utimesSync(join(folder(), file), old, old);
  const isOld = (file: string) => statSync(join(folder(), file)).mtime.getTime() === old.getTime();

  it('is only what changed', async () => {
    const files = ['upstream/sales/shop.k8s.yaml', 'upstream/sales/crm.k8s.yaml', 'fleet-files.txt'];
    await run({ distributions: upstream(), applications: [small('shop', 'sales'), small('crm', 'sales')] });
    files.forEach(age);
    await run({
      distributions: upstream(),
      applications: [small('shop', 'sales'), small('crm', 'sales', 'new')],
    });
    expect(files.map(isOld)).toEqual([true, false, true]);
    expect(contents(folder())[files[1]]).toContain('text: new');
  });

  it('leaves nothing of applications, namespaces and distributions that are gone', async () => {
    const applications = [small('shop', 'sales'), small('crm', 'sales'), small('desk', 'support')];
    await run({ distributions: [sample('gke'), sample('upstream')], applications });
    await run({ distributions: upstream(), applications: [applications[0]] });
    expect(Object.keys(contents(folder()))).toEqual([
      'fleet-facts.txt',
      'fleet-files.txt',
      'upstream/sales/shop.k8s.yaml',
    ]);
    expect(() => statSync(join(folder(), 'gke'))).toThrow('ENOENT');
    expect(() => statSync(join(folder(), 'upstream/support'))).toThrow('ENOENT');
  });

  it('is numbered where a chart of the namespace depends on another one, and removed under its former name', async () => {
    await run({ distributions: upstream(), applications: [small('shop', 'sales'), small('crm', 'sales')] });
    const outer = application('shop', 'sales', (chart) => {
      configMap(chart, 'outer', 'outer');
      configMap(new Chart(chart, 'inner', { namespace: 'sales' }), 'inner', 'inner');
    });
    await run({ distributions: upstream(), applications: [outer, small('crm', 'sales')] });
    expect(Object.keys(contents(join(folder(), 'upstream/sales')))).toEqual([
      expect.stringMatching(/^0000-shop-inner-\w+\.k8s\.yaml$/),
      '0001-shop.k8s.yaml',
      '0002-crm.k8s.yaml',
    ]);
  });

  it('removes no file of others, also if the index names one outside', async () => {
    await run({ distributions: upstream(), applications: [small('shop', 'sales'), small('crm', 'sales')] });
    mkdirSync(join(folder(), 'inner'));
    await run({ distributions: upstream(), applications: [small('shop', 'sales'), small('crm', 'sales')] });
    writeFileSync(join(folder(), 'upstream/sales/kustomization.yaml'), 'resources: []\n');
    writeFileSync(join(folder(), 'outside.txt'), 'theirs');
    process.env.CDK8S_OUTDIR = join(folder(), 'inner');
    writeFileSync(join(folder(), 'inner/fleet-files.txt'), '../outside.txt\n');
    await run({ distributions: upstream(), applications: [small('shop', 'sales')] });
    process.env.CDK8S_OUTDIR = folder();
    await run({ distributions: upstream(), applications: [small('shop', 'sales')] });
    const files = Object.keys(contents(folder()));
    expect(files).toEqual(expect.arrayContaining(['outside.txt', 'upstream/sales/kustomization.yaml']));
    expect(files).not.toContain('upstream/sales/crm.k8s.yaml');
  });

  it('is as before when one application is at fault', async () => {
    await run({ distributions: upstream(), applications: [small('shop', 'sales')] });
    const before = contents(folder());
    const faulty = application('crm', 'sales', (chart) => void django(chart, 'crm', 'shop'));
    await failureOf({ distributions: upstream(), applications: [small('shop', 'sales', 'new'), faulty] });
    expect(contents(folder())).toEqual(before);
  });
});

describe('the faults of a fleet', () => {
  it('are all told, each by the application that has it', async () => {
    const applications = [
      application('a', 'sales', (chart) => void django(chart, 'a', 'registry.example.com/a')),
      application('b', 'sales', () => {
        throw new TypeError('b is no shop');
      }),
      application('c', 'sales', (chart) => {
        configMap(chart, 'twice', '1');
        new ApiObject(chart, 'Other', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'twice' } });
      }),
      application('d', 'support', (chart) => {
        chart.node.addValidation({ validate: () => ['d is not valid'] });
      }),
      application('Bad_Name', 'support', () => undefined),
      small('e', 'Bad Namespace'),
      small('f', 'support', 'f', ['nowhere']),
      small('g', 'support'),
      small('g', 'support'),
      { name: 'h', namespace: 'support' } as any,
      small('i', 'support', 'i', []),
      small('j', 'support', 'j', 'upstream' as any),
      Promise.resolve(small('k', 'support')) as any,
      application('l', 'sales', (async (chart: Chart) => {
        await Promise.resolve();
        configMap(chart, 'late', 'late');
        throw new Error('later still');
      }) as any),
      application('m', 'sales', () => {
        throw undefined;
      }),
    ];
    const message = await failureOf({ distributions: upstream(), applications });
    for (const part of [
      /\[sales\/a\/App\] image "registry.example.com\/a" /,
      /\[sales\/b\] TypeError: b is no shop/,
      /\[sales\/c\/Other\] name "twice" is already the name of the ConfigMap at c\/ConfigMap-twice/,
      /\[support\/d\] d is not valid/,
      /\[applications\[4\]\] name "Bad_Name" is not a DNS label/,
      /\[applications\[5\]\] namespace "Bad Namespace" is not a name that a namespace can have/,
      /\[applications\[6\]\] distributions "nowhere" is the name of no distribution of the fleet. Use some of "upstream"/,
      /\[applications\[8\]\] name "g" is the name of applications\[7\] too, in the same namespace/,
      /\[applications\[10\]\] distributions \[\] is not a list of at least one name, .* Use some of "upstream", or leave it out/,
      /\[applications\[11\]\] distributions "upstream" is not a list of at least one name/,
      /\[applications\[12\]\] default export "\[Promise\]" is not an application of a fleet/,
      /\[sales\/m\] undefined/,
      /\[sales\/l\] define "async" returns a promise, and what it makes later would be missing/,
      /\[applications\[9\]\] default export "\[Object\]" is not an application of a fleet/,
    ]) {
      expect(message).toMatch(part);
    }
  });

  it('are those of the distributions that have them, as data', async () => {
    const faulty = application('crm', 'sales', (chart) => void django(chart, 'crm', 'shop'));
    const distributions = [sample('gke'), sample('openshift')];
    const error = await new Fleet({ distributions, applications: [faulty] }).synthesize().catch((one) => one);
    expect(error).toBeInstanceOf(SynthesisError);
    expect(error.problems).toMatchObject([
      {
        path: 'sales/crm/App',
        distributions: ['gke', 'openshift'],
        problem: { property: 'image', value: 'shop' },
      },
    ]);
  });

  it('name the resource that cannot be rendered, beside the faults of others', async () => {
    const thrower = application('crm', 'sales', (chart) => {
      configMap(chart, 'crm', 'text').toJson = () => {
        throw new RangeError('no such number');
      };
    });
    const invalid = application('desk', 'sales', (chart) => {
      chart.node.addValidation({ validate: () => ['desk is not valid'] });
    });
    const applications = [small('shop', 'sales'), thrower];
    const alone = await failureOf({ distributions: upstream(), applications });
    expect(alone).toContain('[sales/crm/ConfigMap-crm] RangeError: no such number');
    const beside = await failureOf({ distributions: upstream(), applications: [...applications, invalid] });
    expect(beside).toContain('[sales/desk] desk is not valid');
    expect(beside).toContain('[sales/crm/ConfigMap-crm] RangeError: no such number');
  });
});

describe('what the App of a whole program would find', () => {
  it('is found between namespaces: two routes of one host', async () => {
    const applications = [
      routed('shop', 'sales', 'www.example.com'),
      routed('desk', 'support', 'www.example.com'),
    ];
    expect(await failureOf({ distributions: upstream(), applications })).toContain(
      '[support/desk/Route] hosts "www.example.com" leads elsewhere from "/" by the route at sales/shop/Route.',
    );
  });

  it('is found once within a namespace', async () => {
    const applications = [
      routed('shop', 'sales', 'www.example.com'),
      routed('desk', 'sales', 'www.example.com'),
    ];
    const message = await failureOf({ distributions: upstream(), applications });
    expect(message.match(/leads elsewhere/g)).toHaveLength(1);
  });

  it('is found between namespaces: one name of two resources in a third namespace', async () => {
    const shared = (text: string) => (chart: Chart) => void configMap(chart, 'banner', text, 'shared');
    const applications = [
      application('shop', 'sales', shared('a')),
      application('desk', 'support', shared('a')),
    ];
    expect(await failureOf({ distributions: upstream(), applications })).toContain(
      '[support/desk/ConfigMap-banner] name "banner" is already the name of the ConfigMap at sales/shop/ConfigMap-banner.',
    );
  });

  it('is found between namespaces: a resource in the namespace of an application that makes it too', async () => {
    const guest = application('desk', 'aid', (chart) => void configMap(chart, 'shop', 'a', 'sales'));
    for (const applications of [
      [guest, small('shop', 'sales')],
      [small('shop', 'sales'), { ...guest, namespace: 'support' }],
    ]) {
      expect(await failureOf({ distributions: upstream(), applications })).toContain(
        `[${applications.find(({ name }) => name === 'desk')!.namespace}/desk/ConfigMap-shop] ` +
          'name "shop" is already the name of the ConfigMap at sales/shop/ConfigMap-shop.',
      );
    }
    await run({ distributions: upstream(), applications: [guest, small('crm', 'sales')] });
  });

  it('is no fault where namespaces repeat the same StorageClass', async () => {
    const stored = (name: string) => (chart: Chart) =>
      void new PostgresBackend(chart, 'Database', { name, storage: '1Gi', pythonImage: IMAGE });
    await run({
      distributions: [eks()],
      applications: [
        application('shop', 'sales', stored('shop')),
        application('desk', 'support', stored('desk')),
      ],
    });
    const classes = Object.values(contents(folder())).filter((text) => text.includes('kind: StorageClass'));
    expect(classes).toHaveLength(2);
  });

  it('is a fault where two namespaces make two StorageClasses of one name', async () => {
    const made = (provisioner: string) => (chart: Chart) =>
      void new Resource(chart, 'Class', {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'fast' },
        provisioner,
      } as any);
    const applications = [
      application('shop', 'sales', made('ebs.csi.aws.com')),
      application('desk', 'support', made('efs.csi.aws.com')),
    ];
    expect(await failureOf({ distributions: upstream(), applications })).toContain(
      '[support/desk/Class] name "fast" is already the name of the StorageClass at sales/shop/Class.',
    );
  });
});

describe('a folder of applications', () => {
  const write = (name: string, text: string) => writeFileSync(join(folder(), 'applications', name), text);
  const define = 'define(chart) { chart.node.addMetadata("is", "there"); }';
  beforeEach(() => mkdirSync(join(folder(), 'applications')));

  it('has one in each module', async () => {
    write('shop.js', `exports.default = { name: 'shop', namespace: 'sales', ${define} };`);
    write('desk.js', `module.exports = { name: 'desk', namespace: 'support', ${define} };`);
    write(
      'crm.ts',
      `const crm = { name: 'crm', namespace: 'sales', define(chart: object): void {} };\nexport default crm;`,
    );
    write('shop.test.js', 'throw new Error("no application");');
    write('shop.d.ts', 'export {};');
    write('README.md', '# Applications');
    // What an application reads may have its name.
    write('shop.json', '{ "image": "registry.example.com/shop:1.0.0" }');
    write('crm.json', '{}');
    await run({ distributions: upstream(), folder: join(folder(), 'applications') });
    expect(readFileSync(join(folder(), 'fleet-files.txt'), 'utf8').split('\n').filter(Boolean)).toEqual([
      'fleet-facts.txt',
      'upstream/sales/crm.k8s.yaml',
      'upstream/sales/shop.k8s.yaml',
      'upstream/support/desk.k8s.yaml',
    ]);
  });

  it('has faults that are told by the file, beside those of other files', async () => {
    write('broken.js', 'throw new Error("broken while it was loaded");');
    write('empty.js', '');
    write('mixed.mjs', 'throw new Error("an ES module");');
    write('nameless.js', `module.exports = { namespace: 'sales', ${define} };`);
    const message = await failureOf({ distributions: upstream(), folder: join(folder(), 'applications') });
    expect(message).toContain('[applications/broken] Error: broken while it was loaded');
    expect(message).toContain('[applications/empty] default export "{}" is not an application of a fleet');
    expect(message).toContain('[applications/mixed] ');
    expect(message).toContain('[applications/nameless] name (not given) is not a DNS label');
  });

  it('is refused if it has none', () => {
    write('README.md', '# Applications');
    const path = join(folder(), 'applications');
    expect(() => new Fleet({ distributions: upstream(), folder: path })).toThrow(
      `Fleet: folder "${path}" has no application, and the files of all would be removed.`,
    );
  });

  it('may be beside a list', async () => {
    write('shop.js', `exports.default = { name: 'shop', namespace: 'sales', ${define} };`);
    await run({
      distributions: upstream(),
      folder: join(folder(), 'applications'),
      applications: [small('crm', 'sales')],
    });
    expect(Object.keys(contents(join(folder(), 'upstream/sales')))).toEqual([
      'crm.k8s.yaml',
      'shop.k8s.yaml',
    ]);
  });
});

describe('a fleet is refused', () => {
  it.each<[string, FleetProps, string]>([
    ['without distributions', { distributions: [], applications: [] }, 'distributions [] names none.'],
    [
      'with two distributions of one name',
      { distributions: [sample('gke'), sample('gke')], applications: [] },
      'distributions "gke" is the name of two of them',
    ],
    [
      'without applications',
      { distributions: upstream() },
      'applications (not given) is needed without a folder.',
    ],
    [
      'with a folder that is not there',
      { distributions: upstream(), folder: '/no/such/folder' },
      'folder "/no/such/folder" cannot be read: ENOENT',
    ],
    [
      'with an empty list',
      { distributions: upstream(), applications: [] },
      'applications [] has no application, and the files of all would be removed.',
    ],
    [
      'without processes',
      { distributions: upstream(), applications: [], shards: 0 },
      'shards 0 is not a number of processes.',
    ],
    [
      'with a part of a process',
      { distributions: upstream(), applications: [], shards: 1.5 },
      'shards 1.5 is not a number of processes.',
    ],
  ])('%s', (_how, props, message) => {
    expect(() => new Fleet(props)).toThrow(`Fleet: ${message}`);
  });
});

describe('the progress of a fleet', () => {
  const applications = Array.from({ length: 20 }, (_, index) => small(`shop-${index}`, `team-${index}`));
  const terminal = process.stderr.isTTY;
  afterEach(() => void (process.stderr.isTTY = terminal));

  it('is a line for each tenth in a pipeline', async () => {
    process.stderr.isTTY = false;
    await run({ distributions: upstream(), applications });
    const lines = Array.from({ length: 10 }, (_, tenth) => `fleet: ${2 * tenth + 2} of 20 charts\n`);
    expect(written).toBe(lines.join(''));
  });

  it('is a bar on a terminal', async () => {
    process.stderr.isTTY = true;
    process.stderr.cursorTo ??= () => true;
    process.stderr.clearLine ??= () => true;
    process.stderr.moveCursor ??= () => true;
    await run({ distributions: upstream(), applications });
    expect(written).toContain('█');
    expect(written).toContain('20 of 20 charts');
    expect(written).not.toContain('fleet: ');
  });
});
