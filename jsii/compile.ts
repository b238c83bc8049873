/**
 * Compiles the public API with jsii, in a package of its own: jsii takes one entry, writes beside the sources, and
 * brings another compiler than the library's. Leaves the assembly in jsii/package/.jsii.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONLY_TYPESCRIPT } from './only-typescript';
import { PACKAGE_JSON, publicApi, ROOT } from './public-api';

const PACKAGE = join(__dirname, 'package');

/** TypeScript alone: declarations that were made before would take its place. */
function copySources(folder: string): void {
  cpSync(join(ROOT, folder), join(PACKAGE, folder), {
    recursive: true,
    filter: (path) => !/\.[^./]+$/.test(path) || (path.endsWith('.ts') && !path.endsWith('.d.ts')),
  });
}

/** The names of the root, because `export *` would leave nothing out, and a submodule for each other entry. */
function entry(): string {
  const [root, ...others] = publicApi().entries;
  const names = root.symbols.map(({ name }) => name).filter((name) => !(name in ONLY_TYPESCRIPT));
  const submodules = others.map(({ submodule, source }) => `export * as ${submodule} from './${source}';\n`);
  return `export { ${names.join(', ')} } from './${root.source}';\n${submodules.join('')}`;
}

function packageJson(): object {
  const { name, version, description, license, author, homepage, repository, peerDependencies } =
    PACKAGE_JSON;
  return {
    ...{ name, version, description, license, author, homepage, repository, peerDependencies },
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
