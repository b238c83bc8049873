const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

// A folder with a configuration of its own is another suite, which needs a cluster, programs or a build.
const suites = readdirSync(join(__dirname, 'test')).filter((folder) =>
  existsSync(join(__dirname, 'test', folder, 'jest.config.js')),
);

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...suites.map((folder) => `<rootDir>/test/${folder}/`)],
  // What `init` wrote has a package.json for each project, some of the same name.
  modulePathIgnorePatterns: ['<rootDir>/test/cli/golden/.*/package.json'],
  // Two cores have one worker by default. What a worker has loaded slows down the tests that count calls, so it starts again.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '600MB',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json' }] },
  // Tests read the sources, so that they need no build and their errors name lines that one can edit.
  moduleNameMapper: {
    '^cdk8s-django$': '<rootDir>/src/index.ts',
    '^cdk8s-django/testing$': '<rootDir>/src/testing/index.ts',
    '^cdk8s-django/testing/jest$': '<rootDir>/src/testing/jest.ts',
    '^cdk8s-django/(.*)$': '<rootDir>/src/entry/$1.ts',
  },
};
