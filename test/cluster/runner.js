const { basename } = require('node:path');
const { default: TestRunner } = require('jest-runner');

/**
 * Files that need the cluster to themselves: they put more load on it than two cores carry beside another application,
 * measure how soon something is back, fill the node, or ask what the scheduler decides. The others mostly wait, and run two at a time.
 */
const ALONE = ['autoscaling', 'canary', 'drain', 'recovery', 'release', 'rotation', 'scheduling', 'waiting'];

const isAlone = ({ path }) => ALONE.includes(basename(path, '.test.ts'));

/** Runs the files that may run beside others first, and then one after another those that may not. */
module.exports = class ClusterRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const beside = tests.filter((test) => !isAlone(test));
    if (beside.length > 0) await super.runTests(beside, watcher, options);
    await super.runTests(tests.filter(isAlone), watcher, { ...options, serial: true });
  }
};
