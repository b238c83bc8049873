/** Names images other than the usual ones. Without one, `versions` would only do again what other tests do. */
const OTHER_IMAGES = ['POSTGRES_IMAGE', 'REDIS_IMAGE', 'PYTHON_IMAGE', 'DJANGO_VERSION', 'RABBITMQ_IMAGE'];
const hasOther = OTHER_IMAGES.some((name) => process.env[name]);

/** @type {import('jest').Config} */
module.exports = {
  rootDir: '../..',
  roots: ['<rootDir>/test/cluster'],
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(hasOther ? [] : ['/versions\\.test\\.ts$'])],
  runner: '<rootDir>/test/cluster/runner.js',
  // As many as two cores carry.
  maxWorkers: 2,
  // Conditions are waited for with deadlines of their own, whose messages say more than jest's.
  testTimeout: 300_000,
  globalSetup: '<rootDir>/test/cluster/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/cluster/support/global-teardown.ts',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/test/tsconfig.json' }] },
  moduleNameMapper: {
    '^cdk8s-django$': '<rootDir>/src/index.ts',
    '^cdk8s-django/testing$': '<rootDir>/src/testing/index.ts',
    '^cdk8s-django/(.*)$': '<rootDir>/src/entry/$1.ts',
  },
};
