/** @type {import('jest').Config} */
module.exports = { ...require('../cluster/jest.config'), roots: ['<rootDir>/test/operators'] };
