/**
 * Compiles the public API with jsii, in a package of its own: jsii takes one entry, writes beside the sources, and
 * brings another compiler than the library's. Leaves the assembly in jsii/package/.jsii, in a package that npm packs and
 * test/python/run makes a wheel of.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ONLY_TYPESCRIPT } from './only-typescript';
import { PACKAGE_JSON, publicApi, ROOT } from './public-api';

const PACKAGE = join(__dirname, 'package');

/** The program for the command line and what Jest loads are not for other languages. */
const LEFT_OUT = [join(ROOT, 'src/cli'), join(ROOT, 'src/testing/jest.ts')];

/** TypeScript alone: declarations that were made before would take its place. */
function copySources(folder: string): void {
  cpSync(join(ROOT, folder), join(PACKAGE, folder), {
    recursive: true,
    filter: (path) =>
      !LEFT_OUT.some((left) => path === left || path.startsWith(left + sep)) &&
      (!/\.[^./]+$/.test(path) || (path.endsWith('.ts') && !path.endsWith('.d.ts'))),
  });
}

/** The dependencies that the copied sources use: not those of the command line. */
function dependencies(): Record<string, string> {
  const files = readdirSync(join(PACKAGE, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts'));
  const texts = sources.map((file) => readFileSync(join(PACKAGE, 'src', file), 'utf8')).join('\n');
  const all = Object.entries<string>(PACKAGE_JSON.dependencies);
  return Object.fromEntries(all.filter(([name]) => new RegExp(`from '${name}['/]`).test(texts)));
}

/** Copies a package of npm, and those below it that it would find beside itself, as the lock file has them. */
function bundle(name: string): void {
  const folder = join('node_modules', name);
  if (existsSync(join(PACKAGE, folder))) return;
  cpSync(join(ROOT, folder), join(PACKAGE, folder), { recursive: true });
  const needed = Object.keys(
    JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')).dependencies ?? {},
  );
  needed.filter((one) => !existsSync(join(ROOT, folder, 'node_modules', one))).forEach(bundle);
}

/**
 * The names of all entries, at one root: a submodule of jsii has what its module declares, not what that exports of
 * others. Written out, because `export *` would leave nothing out.
 */
function entry(): string {
  const exports = publicApi().entries.map(({ source, symbols }) => {
    const names = symbols.map(({ name }) => name).filter((name) => !(name in ONLY_TYPESCRIPT));
    return `export { ${names.join(', ')} } from './${source}';\n`;
  });
  return exports.join('');
}

function packageJson(): object {
  const { name, version, description, license, author, homepage, repository, peerDependencies } =
    PACKAGE_JSON;
  return {
    ...{ name, version, description, license, author, homepage, repository, peerDependencies },
    // jsii's kernel has no registry: what is not made by jsii lies in the package.
    dependencies: dependencies(),
    bundledDependencies: Object.keys(dependencies()),
    files: ['.jsii', 'out', '!out/tsconfig.tsbuildinfo'],
    main: 'out/index.js',
    types: 'out/index.d.ts',
    stability: 'experimental',
    jsii: {
      outdir: 'dist',
      targets: { python: { distName: name, module: name.replace(/-/g, '_') } },
      tsc: { rootDir: '.', outDir: 'out', types: ['node'] },
    },
  };
}

rmSync(PACKAGE, { recursive: true, force: true });
mkdirSync(PACKAGE);
copySources('src');
copySources('imports');
cpSync(join(ROOT, 'README.md'), join(PACKAGE, 'README.md'));
writeFileSync(join(PACKAGE, 'package.json'), JSON.stringify(packageJson()));
writeFileSync(join(PACKAGE, 'index.ts'), entry());

// JSII6 asks for the oldest version of each peer; the assembly is made with those that are installed.
const jsii = [require.resolve('jsii/bin/jsii'), '--silence-warnings', 'JSII6'];
process.exitCode = spawnSync(process.execPath, jsii, { cwd: PACKAGE, stdio: 'inherit' }).status ?? 1;

// After the compiler, which would look into the packages.
Object.keys(dependencies()).forEach(bundle);
cpSync(join(ROOT, 'src/runtime/cdk8s_django'), join(PACKAGE, 'out/src/runtime/cdk8s_django'), {
  recursive: true,
  filter: (path) => !path.includes('__pycache__'),
});
