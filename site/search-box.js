/*
 * The search box of VitePress says that it is a button with others inside, and its results are options with links inside.
 * axe-core refuses both: a screen reader cannot enter them. Here it becomes a dialog with a combobox, and the links are
 * the options. Each change names the text that it expects: another version of VitePress that has other text ends the build.
 */
const CHANGES = [
  [
    `      role="button"
      :aria-owns="results?.length ? 'localsearch-list' : undefined"
      aria-expanded="true"
      aria-haspopup="listbox"
`,
    `      role="dialog"
      aria-modal="true"
`,
  ],
  [
    `            aria-autocomplete="both"
`,
    `            aria-autocomplete="list"
            role="combobox"
            :aria-expanded="results?.length ? 'true' : 'false'"
`,
  ],
  [
    `            :id="'localsearch-item-' + index"
            :aria-selected="selectedIndex === index ? 'true' : 'false'"
            role="option"
`,
    `            role="presentation"
`,
  ],
  [
    `              :aria-label="[...p.titles, p.title].join(' > ')"
`,
    `              :id="'localsearch-item-' + index"
              :aria-selected="selectedIndex === index ? 'true' : 'false'"
              role="option"
`,
  ],
  ['<span class="title-icon">', '<span class="title-icon" aria-hidden="true">'],
  ['<kbd :aria-label', '<kbd role="img" :aria-label', 4],
];

const accessible = (text) =>
  CHANGES.reduce((before, [old, better, count = 1]) => {
    const parts = before.split(old);
    if (parts.length !== count + 1)
      throw new Error(`The search box of VitePress does not have, ${count} times:\n${old}`);
    return parts.join(better);
  }, text);

/** A plugin of Vite. */
const accessibleSearchBox = () => ({
  name: 'accessible-search-box',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('/VPLocalSearchBox.vue') ? accessible(code) : undefined),
});

module.exports = { accessibleSearchBox };
