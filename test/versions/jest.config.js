const cluster = require('../cluster/jest.config.js');

/** Needs no nodes, and no image: an API server alone is enough. */
const config = { ...cluster };
delete config.globalSetup;
delete config.globalTeardown;

/** @type {import('jest').Config} */
module.exports = { ...config, rootDir: '../..', roots: ['<rootDir>/test/versions'] };
