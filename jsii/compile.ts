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
