const plain = require('../../jest.config.js');

const config = { ...plain, rootDir: '../..', roots: ['<rootDir>/test/promtool'], testTimeout: 120_000 };
delete config.testPathIgnorePatterns;

/** @type {import('jest').Config} */
module.exports = config;
