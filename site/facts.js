const { homepage } = require('../package.json');

/** The repository on its forge, and the path of the site on its host: that of GitHub Pages for a repository. */
const FORGE = homepage.replace(/#.*/, '');
const BASE = `/${FORGE.split('/').at(-1)}/`;

module.exports = { BASE, FORGE };
