// Writes what the package brings along, as CycloneDX. `npm sbom --omit dev` leaves out what a tool needs too, such as
// js-yaml: so npm is shown the package without its tools.
const { execFileSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const read = (name) => JSON.parse(readFileSync(join(__dirname, '..', name), 'utf8'));
const without = (one) => ({ ...one, devDependencies: undefined, peerDependencies: undefined });

const manifest = without(read('package.json'));
const lock = read('package-lock.json');
const packages = Object.entries(lock.packages)
  .filter(([, { dev }]) => !dev)
  .map(([path, one]) => [path, path ? one : without(one)]);

const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  // npm calls the package by its folder.
  const own = join(folder, manifest.name);
  mkdirSync(own);
  writeFileSync(join(own, 'package.json'), JSON.stringify({ ...manifest, scripts: {} }));
  writeFileSync(
    join(own, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }),
  );
  const form = ['--sbom-format', 'cyclonedx', '--sbom-type', 'library', '--package-lock-only'];
  process.stdout.write(execFileSync('npm', ['sbom', ...form], { cwd: own, encoding: 'utf8' }));
} finally {
  rmSync(folder, { recursive: true });
}
