import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import facts from '../facts.js';
import pages from '../pages.js';
import searchBox from '../search-box.js';

const sidebar = pages.navigationOf(readFileSync(join(import.meta.dirname, '../../docs/README.md'), 'utf8'));
const reference = { text: 'Classes and properties', link: '/reference/index.html', target: '_self' };
sidebar.find(({ text }) => text === 'Reference').items.unshift(reference);

function renderRules(md) {
  const { rules } = md.renderer;
  // Pages are text: braces in them, as in templates of Helm, are none of Vue's.
  for (const rule of ['text', 'code_inline']) {
    const render = rules[rule];
    rules[rule] = (...args) => render(...args).replaceAll('{', '&#123;');
  }
  // The corner of a table is the header of nothing.
  for (const rule of ['th_open', 'th_close']) {
    rules[rule] = (tokens, index, options, env, self) => {
      const text = tokens[rule === 'th_open' ? index + 1 : index - 1];
      if (!text.content) tokens[index].tag = 'td';
      return self.renderToken(tokens, index, options);
    };
  }
}

export default defineConfig({
  title: 'cdk8s-django',
  description: 'Constructs for cdk8s that run a Django application on any Kubernetes.',
  lang: 'en',
  base: facts.BASE,
  srcDir: 'pages',
  outDir: 'dist',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // A dead link ends the build, which is the default.
  ignoreDeadLinks: false,
  // The same sources give the same site.
  lastUpdated: false,
  markdown: { anchor: { slugify: pages.slugOf }, config: renderRules },
  vite: { plugins: [searchBox.accessibleSearchBox()], build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    sidebar,
    nav: [
      ...sidebar.map(({ text, items }) => ({ text, link: items.find(({ target }) => !target).link })),
      { text: 'API', link: reference.link, target: '_self' },
    ],
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: facts.FORGE }],
  },
});
