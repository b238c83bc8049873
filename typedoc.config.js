const { exports: paths, homepage } = require('./package.json');

/** The sources behind the import paths of package.json, so that a new path needs no line here. */
const entryPoints = Object.values(paths)
  .map(({ types }) => types)
  .filter(Boolean)
  .map((types) => types.replace(/^\.\/lib\//, 'src/').replace(/\.d\.ts$/, '.ts'));

/** @type {Partial<import('typedoc').TypeDocOptions>} */
module.exports = {
  name: 'cdk8s-django',
  entryPoints,
  out: 'api',
  readme: 'none',
  excludePrivate: true,
  excludeInternal: true,
  // A type that a public one names but that is not public, or a link to nothing, is an error.
  validation: { notExported: true, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
  // Paths are those below src/. The same sources give the same pages: no commit and no time are in them.
  disableGit: true,
  gitRevision: 'main',
  sourceLinkTemplate: `${homepage.replace(/#.*/, '')}/blob/main/src/{path}#L{line}`,
};
