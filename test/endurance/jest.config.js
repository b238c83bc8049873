const cluster = require('../cluster/jest.config.js');

/** @type {import('jest').Config} */
module.exports = { ...cluster, roots: ['<rootDir>/test/endurance'] };
