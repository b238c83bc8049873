/**
 * Projects of PyPI go to Ready by the commands of docs/begin.md, on the cluster of KUBECONFIG.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...require('../cluster/jest.config.js'),
  roots: ['<rootDir>/test/begin'],
  runner: 'jest-runner',
  maxWorkers: 1,
  testTimeout: 1_800_000,
  globalSetup: '<rootDir>/test/begin/global-setup.ts',
  globalTeardown: undefined,
};
