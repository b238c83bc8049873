const { dirname, join, normalize, relative } = require('node:path').posix;

/** The page of the site for a file of the repository. Nothing: the forge shows the file. */
function pageOf(path) {
  if (path === 'src/runtime/README.md') return 'runtime.md';
  if (path === 'CHANGELOG.md') return 'changelog.md';
  if (!/^docs\/.*\.md$/.test(path)) return undefined;
  return path.slice('docs/'.length).replace(/(^|\/)README\.md$/, '$1index.md');
}

/** A link of a document as the site has it: to a page, to a file that is copied, or to the forge. */
function linkOf(link, path, forge) {
  const ofForge =
    link.startsWith(`${forge}/`) && link.slice(forge.length + 1).replace(/^(blob|tree)\/main\//, '');
  if (!ofForge && /^([a-z]+:|#)/.test(link)) return link;
  const [file, anchor] = (ofForge || link).split('#');
  const target = ofForge ? file : normalize(join(dirname(path), file));
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const page = pageOf(target.replace(/\/$/, '/README.md'));
  const here = dirname(pageOf(path));
  if (page) return `./${relative(here, page)}${hash}`;
  if (/^docs\/.*\.(png|svg)$/.test(target)) return `./${relative(here, target.slice('docs/'.length))}`;
  return ofForge ? link : `${forge}/blob/main/${target}${hash}`;
}

/** The text of a page: the document with the links of the site. Blocks of code stay as they are. */
function textOf(text, path, forge) {
  const parts = text.split(/(^ *```[\s\S]*?^ *```$)/m);
  return parts
    .map((part, index) =>
      index % 2
        ? part
        : part
            .replace(/\]\(([^)\s]+)\)/g, (_, link) => `](${linkOf(link, path, forge)})`)
            .replace(/^(\[[^\]]+\]: )(\S+)$/gm, (_, name, link) => `${name}${linkOf(link, path, forge)}`),
    )
    .join('');
}

/** The navigation: each heading of the second level in docs/README.md, with the links of its list. */
function navigationOf(readme) {
  const [, ...sections] = readme.split(/^## /m);
  return sections.map((section) => ({
    text: section.split('\n')[0],
    items: [...section.matchAll(/^(?:- |\d+\. )\[([^\]]+)\]\(([^)]+)\)/gm)].map(([, text, link]) => ({
      text: text.replace(/`/g, ''),
      link: `/${pageOf(normalize(join('docs', link))).replace(/(index)?\.md$/, '')}`,
    })),
  }));
}

/** The anchor of a heading, as the forge makes it: links with an anchor work in both. */
function slugOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

module.exports = { linkOf, navigationOf, pageOf, slugOf, textOf };
