import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/typescript';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { packages } = JSON.parse(read('package-lock.json'));
const manifest = JSON.parse(read('package.json'));

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

/** What comes with the package: neither what builds it nor what its users bring themselves. */
const RUNTIME = Object.entries<Locked>(packages).filter(([path, { dev }]) => path && !dev);
const named = RUNTIME.map(([path, { version }]) => `${path.split('node_modules/').pop()}@${version}`);

/** What runs at once when somebody installs a package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

describe('what the package brings along', () => {
  test('runs nothing when it is installed', () => {
    expect(RUNTIME.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
    expect(RUNTIME.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
    expect(INSTALL_SCRIPTS.filter((name) => name in manifest.scripts)).toEqual([]);
    // The lock says it of others, so its field is the right one.
    expect(Object.values<Locked>(packages).some(({ hasInstallScript }) => hasInstallScript)).toBe(true);
  });

  test('is of known content', () => {
    expect(RUNTIME.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([]);
  });

  test('is what `npm run sbom` lists', () => {
    const text = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8' });
    const { bomFormat, metadata, components } = JSON.parse(text);
    expect(bomFormat).toBe('CycloneDX');
    expect(metadata.component.name).toBe('cdk8s-django');
    expect(metadata.component.purl).toBe(`pkg:npm/cdk8s-django@${manifest.version}`);
    expect(
      components.map(({ purl }: any) => decodeURIComponent(purl).replace('pkg:npm/', '')).sort(),
    ).toEqual(named.sort());
    for (const { hashes } of components) expect(hashes[0].alg).toBe('SHA-512');
  }, 60_000);
});

test('a release is published with its provenance, after the tests, and without a token', () => {
  const text = read('.github/workflows/release.yml');
  const { jobs } = parse(text);
  const commands = (job: any): string[] => job.steps.flatMap(({ run = [] }: any) => run);
  expect(commands(jobs.package)).toEqual(expect.arrayContaining(['npm ci --ignore-scripts', 'npm test']));
  expect(commands(jobs.package).at(-1)).toBe('npm pack');
  expect(jobs.package).not.toHaveProperty('permissions');
  const { needs, environment, permissions, steps } = jobs.publish;
  expect({ needs, environment, permissions }).toEqual({
    needs: 'package',
    environment: 'npm',
    permissions: { 'id-token': 'write' },
  });
  // It runs nothing of the repository, nor of what the tests need.
  expect(steps.flatMap(({ uses }: any) => uses?.replace(/@.*/, '') ?? [])).toEqual([
    'actions/download-artifact',
    'actions/setup-node',
  ]);
  expect(commands(jobs.publish)).toEqual([
    'npm install --global npm@11',
    'npm publish ./cdk8s-django-*.tgz --provenance',
  ]);
  expect(text).not.toMatch(/secrets\.|_TOKEN/);
  expect(manifest.repository.url).toContain('github.com/cdk8s-django/cdk8s-django');
});
