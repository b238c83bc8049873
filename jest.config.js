/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/cluster/',
    '<rootDir>/test/operators/',
    '<rootDir>/test/jsii/',
    '<rootDir>/test/versions/',
  ],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json' }] },
  // Tests read the sources, so that they need no build and their errors name lines that one can edit.
  moduleNameMapper: {
    '^cdk8s-django$': '<rootDir>/src/index.ts',
    '^cdk8s-django/testing$': '<rootDir>/src/testing/index.ts',
    '^cdk8s-django/(.*)$': '<rootDir>/src/entry/$1.ts',
  },
};
