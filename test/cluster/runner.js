const { execFileSync } = require('node:child_process');
const { basename, join } = require('node:path');
const { default: TestRunner } = require('jest-runner');

/**
 * Files that need the cluster to themselves: they put more load on it than two cores carry beside another application,
 * measure how soon something is back, fill the node, or ask what the scheduler decides. On a full node the first pods of
 * another application take the place of web pods, so a file whose rollout may not lose a request is here too. The others
 * mostly wait, and run two at a time.
 */
const ALONE = [
  'autoscaling',
  'canary',
  'drain',
  'pooler',
  'recovery',
  'release',
  'rotation',
  'scheduling',
  'waiting',
];

const isAlone = ({ path }) => ALONE.includes(basename(path, '.test.ts'));

/** A cluster has a number of volumes, and the whole suite claims more. */
function freeVolumes() {
  const program = join(__dirname, 'support/remove-namespaces.ts');
  execFileSync(process.execPath, ['--require', 'ts-node/register/transpile-only', program], {
    stdio: 'inherit',
  });
}

/** Runs the files that may run beside others first, in two parts, and then one after another those that may not. */
module.exports = class ClusterRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const beside = tests.filter((test) => !isAlone(test));
    const half = Math.ceil(beside.length / 2);
    const parts = [
      { files: beside.slice(0, half), options },
      { files: beside.slice(half), options },
      { files: tests.filter(isAlone), options: { ...options, serial: true } },
    ].filter(({ files }) => files.length > 0);
    for (const [index, part] of parts.entries()) {
      if (index > 0) freeVolumes();
      await super.runTests(part.files, watcher, part.options);
    }
  }
};
