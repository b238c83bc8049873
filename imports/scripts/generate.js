// Makes imports/<group>.ts of imports/definitions with `cdk8s import`, and imports/kubernetes.ts: `npm run import`.
// Needs no network.
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { kubernetesModule } = require('./kubernetes');

const IMPORTS = path.dirname(__dirname);
const DEFINITIONS = path.join(IMPORTS, 'definitions');
const CLI = path.join(path.dirname(require.resolve('cdk8s-cli/package.json')), 'bin/cdk8s');

function generate() {
  // Elsewhere than in the project: the CLI reads, and would write, a cdk8s.yaml of the working directory.
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'imports-'));
  try {
    // One input for all: of several files of a group, `cdk8s import` would keep what the last one gives.
    const files = fs.readdirSync(DEFINITIONS, { recursive: true }).filter((file) => file.endsWith('.yaml'));
    const texts = files.sort().map((file) => fs.readFileSync(path.join(DEFINITIONS, file), 'utf8'));
    fs.writeFileSync(path.join(work, 'definitions.yaml'), texts.join('---\n'));
    const options = ['--language=typescript', '--output=out', '--no-save', '--check-upgrade=false'];
    execFileSync(process.execPath, [CLI, 'import', 'definitions.yaml', ...options], { cwd: work });
    const kubernetes = kubernetesModule();
    fs.writeFileSync(path.join(work, 'out', kubernetes.name), kubernetes.text);
    install(path.join(work, 'out'));
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

function install(out) {
  const modules = fs.readdirSync(out);
  for (const file of fs.readdirSync(IMPORTS)) {
    // Compiled files go with their source: package.json ships them all.
    if (/\.(ts|js)$/.test(file) && !modules.includes(file.replace(/(\.d\.ts|\.js)$/, '.ts'))) {
      fs.rmSync(path.join(IMPORTS, file));
    }
  }
  for (const file of modules) fs.copyFileSync(path.join(out, file), path.join(IMPORTS, file));
}

module.exports = { generate };
if (require.main === module) generate();
