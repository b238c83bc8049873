import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as ts from 'typescript';
import { parse } from 'yaml';
import { App } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { errorsIn, programOf, ROOT } from '../support/typescript';
import { GIVEN, PROJECTS } from './support/projects';
import { Files, filesIn } from './support/files';
import { folderOf } from './support/project';
import { outcomeOf } from './support/terminal';

/** What `init` writes for a project, without the project. */
async function generated({ files, args }: { files: Files; args: string[] }): Promise<Files> {
  const folder = folderOf(files);
  const { code, errors } = await outcomeOf(['init', folder, ...GIVEN, ...args]);
  expect([code, errors]).toEqual([0, '']);
  return Object.fromEntries(Object.entries(filesIn(folder)).filter(([path]) => !(path in files)));
}

/** Runs a program of TypeScript of the folder deploy/, whose modules are those of the repository. */
function runProgram(files: Files, name: string): { [name: string]: any } {
  const { outputText } = ts.transpileModule(files[`deploy/${name}.ts`], {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exports = {};
  const load = (module: string) =>
    module.startsWith('./') ? runProgram(files, module.slice(2)) : jest.requireActual(module);
  new Function('exports', 'require', outputText)(exports, load);
  return exports;
}

/** The folders that a program writes, one for each distribution. */
function foldersOf(files: Files): string[] {
  return [...new Set(Object.keys(outputOf(files, 'main')).map((path) => path.split('/')[0]))];
}

/** The files that a program writes, with some variables. */
function outputOf(files: Files, program: string, variables: Record<string, string> = {}): Files {
  const outdir = folderOf({});
  Object.assign(process.env, variables, { CDK8S_OUTDIR: outdir });
  try {
    runProgram(files, program);
  } finally {
    ['CDK8S_OUTDIR', ...Object.keys(variables)].forEach((name) => delete process.env[name]);
  }
  return filesIn(outdir);
}

const ID = '00000000-0000-0000-0000-000000000000';

const chartOf = (files: Files) => Object.keys(files).find((path) => path.endsWith('-chart.ts'))!;

describe.each(Object.entries(PROJECTS))('what init writes for %s', (name, project) => {
  let files: Files;

  beforeAll(async () => {
    files = await generated(project);
  });

  it('is what an expert wrote by hand', () => {
    expect(files).toEqual(filesIn(join(__dirname, 'golden', name)));
  });

  it('becomes manifests', () => {
    const chart = chartOf(files);
    const exports = runProgram(files, chart.slice('deploy/'.length, -'.ts'.length));
    const [Chart] = Object.values(exports);
    const distribution = Distribution.upstream({ clusterIssuer: 'letsencrypt' });
    const manifests = manifestsFor(distribution, (app: App) => {
      const image = 'docker.io/example/shop:1.0.0';
      new Chart(app, 'shop', { namespace: 'shop', image, host: 'shop.example.com' });
    });
    const kinds = manifests.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['Deployment', 'Service', 'HTTPRoute', 'NetworkPolicy']));
  });

  it('becomes files by its own program', () => {
    expect(foldersOf(files)).toEqual(project.distributions);
  });

  it('has pipelines and other files that can be read', () => {
    const yaml = Object.keys(files).filter((path) => /\.ya?ml$/.test(path));
    yaml.forEach((path) => expect(parse(files[path])).toEqual(expect.any(Object)));
    expect(JSON.parse(files['deploy/package.json']).dependencies).toHaveProperty('cdk8s-django', '^0.1.0');
    JSON.parse(files['deploy/tsconfig.json']);
  });
});

describe('what init --tilt writes', () => {
  let files: Files;

  beforeAll(async () => {
    files = await generated({ ...PROJECTS['startproject-6.1'], args: ['--tilt', '--pipeline', 'none'] });
  });

  it('is one program and one Tiltfile more', async () => {
    const { args, ...project } = PROJECTS['startproject-6.1'];
    const without = await generated({ ...project, args: args.filter((one) => one !== '--tilt') });
    expect(Object.keys(files).filter((path) => !(path in without))).toEqual(['Tiltfile', 'deploy/local.ts']);
  });

  it('becomes manifests of a laptop, with the image and the router that the Tiltfile gives', () => {
    const given = { IMAGE: 'mysite:dev-1', INGRESS_CLASS: 'nginx', ROUTER_NAMESPACE: 'ingress-nginx' };
    const output = outputOf(files, 'local', given);
    expect([...new Set(Object.keys(output).map((path) => path.split('/')[0]))]).toEqual(['local']);
    const manifests = output['local/mysite.k8s.yaml'];
    expect(manifests).toContain('image: mysite:dev-1');
    expect(manifests).toContain('ingressClassName: nginx');
    expect(manifests).toContain('kubernetes.io/metadata.name: ingress-nginx');
    expect(manifests).toContain('host: mysite.localhost');
  });

  it('ends without an image', () => {
    expect(() => outputOf(files, 'local')).toThrow(
      'IMAGE is not set: the Tiltfile gives the image that it has built.',
    );
  });
});

describe('what init writes', () => {
  it.each([
    ['gke', ['--certificate-map', 'shop']],
    ['eks', ['--load-balancer-cidr', '10.0.0.0/20', '10.0.16.0/20']],
    [
      'aks',
      [
        '--key-vault-certificate',
        'https://acme.vault.azure.net/certificates/shop',
        '--certificate-client-id',
        ID,
      ],
    ],
    ['openshift', []],
    ['upstream', []],
  ])('becomes files for %s', async (platform, facts) => {
    const { files } = PROJECTS['startproject-5.2'];
    expect(foldersOf(await generated({ files, args: ['--distribution', platform, ...facts] }))).toEqual([
      platform,
    ]);
  });

  it('compiles, also with its test', async () => {
    const all: { [path: string]: string } = {};
    for (const [name, project] of Object.entries(PROJECTS)) {
      for (const [path, text] of Object.entries(await generated(project))) {
        if (path.endsWith('.ts')) all[join(ROOT, 'test/cli', `virtual-${name}`, path)] = text;
      }
    }
    const program = programOf(all);
    expect(Object.keys(all).length).toBeGreaterThanOrEqual(3 * Object.keys(PROJECTS).length);
    expect(
      Object.keys(all).flatMap((path) => errorsIn(program, path).map((error) => `${path} ${error}`)),
    ).toEqual([]);
  });

  it('is in the format of the golden files, which a formatter leaves alone', () => {
    const prettier = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
    const args = [prettier, '--check', '--ignore-path', '/dev/null', join(__dirname, 'golden/**/*.ts')];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});
