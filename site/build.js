#!/usr/bin/env node
// Writes the site to site/dist: the pages of docs/, by VitePress, with the reference of api/ if `npm run docs` has made it.
// Fails if a link of a page leads nowhere, or an anchor to no heading. It needs no network.
const {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { dirname, extname, join, normalize } = require('node:path');
const { pageOf, textOf } = require('./pages');

const ROOT = join(__dirname, '..');
const OUT = join(__dirname, 'dist');
const PAGES = join(__dirname, 'pages');
const { BASE, FORGE } = require('./facts');

function writePages() {
  rmSync(PAGES, { recursive: true, force: true });
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true }).map((path) => `docs/${path}`);
  for (const path of [...docs, 'src/runtime/README.md', 'CHANGELOG.md']) {
    if (!extname(path)) continue;
    const page = pageOf(path);
    const target = join(PAGES, page ?? path.slice('docs/'.length));
    mkdirSync(dirname(target), { recursive: true });
    if (page) writeFileSync(target, textOf(readFileSync(join(ROOT, path), 'utf8'), path, FORGE));
    else cpSync(join(ROOT, path), target);
  }
}

/** The links inside the site that lead nowhere. VitePress itself does not look at anchors. */
function brokenLinks() {
  const files = readdirSync(OUT, { recursive: true }).filter(
    (path) => /\.html$/.test(path) && !/^reference\//.test(path),
  );
  const texts = new Map(files.map((path) => [path, readFileSync(join(OUT, path), 'utf8')]));
  const ids = (path) => [...(texts.get(path) ?? '').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  return files.flatMap((path) =>
    [...texts.get(path).matchAll(/ (?:href|src)="([^"]+)"/g)]
      .map(([, link]) => link.replaceAll('&amp;', '&'))
      .filter((link) => !/^[a-z]+:/.test(link) && !leads(link, path, ids))
      .map((link) => `${path}: ${link}`),
  );
}

function leads(link, path, ids) {
  const [file, anchor] = link.split('#');
  const absolute = file.startsWith(BASE) ? file.slice(BASE.length) : normalize(join(dirname(path), file));
  const target = file ? absolute.replace(/(^|\/)$/, '$1index.html') : path;
  // The reference is made by typedoc, which checks its own links.
  if (/^reference\//.test(target) && !existsSync(join(OUT, 'reference'))) return true;
  if (!existsSync(join(OUT, target))) return false;
  return !anchor || ids(target).includes(decodeURIComponent(anchor));
}

async function main() {
  writePages();
  const { build } = await import('vitepress');
  await build(__dirname);
  if (existsSync(join(ROOT, 'api/index.html'))) {
    cpSync(join(ROOT, 'api'), join(OUT, 'reference'), { recursive: true });
  } else {
    console.log('api/ does not exist, so the site does not have the reference. `npm run site` makes both.');
  }
  const broken = brokenLinks();
  if (broken.length) throw new Error(`These links lead nowhere:\n${broken.join('\n')}`);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
