const { execFileSync, spawnSync } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');
const { ROOT } = require('./measure');

const MODULE = `helm.sh/helm/v3/cmd/helm@${process.env.HELM_VERSION ?? 'v3.22.0'}`;

/** A program that HELM names, or else one that Go builds from Helm's module. None without Go. */
function helmProgram() {
  if (process.env.HELM) return process.env.HELM;
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  const folder = join(ROOT, 'node_modules/.cache/bench');
  mkdirSync(folder, { recursive: true });
  execFileSync('go', ['install', MODULE], { env: { ...process.env, GOBIN: folder }, stdio: 'inherit' });
  return join(folder, 'helm');
}

/** Renders a chart of nine objects once. */
const helmCommand = (helm) => [helm, 'template', 'polls', join(__dirname, 'chart')];

module.exports = { helmCommand, helmProgram };
