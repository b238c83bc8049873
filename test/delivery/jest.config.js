/**
 * Programs of Argo CD and Flux act on the cluster of KUBECONFIG, as test/cluster does.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...require('../cluster/jest.config.js'),
  roots: ['<rootDir>/test/delivery'],
  testTimeout: 900_000,
};
