const plain = require('../../jest.config.js');

/** A browser opens pages that the built program wrote, and the site. A terminal runs the program. */
const config = { ...plain, rootDir: '../..', roots: ['<rootDir>/test/report'], testTimeout: 120_000 };
delete config.testPathIgnorePatterns;

/** @type {import('jest').Config} */
module.exports = config;
