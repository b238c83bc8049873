const plain = require('../../jest.config.js');

/** Helm is built from its Go module, which takes minutes the first time. */
const config = { ...plain, rootDir: '../..', roots: ['<rootDir>/test/helm'], testTimeout: 1_800_000 };
delete config.testPathIgnorePatterns;

/** @type {import('jest').Config} */
module.exports = config;
