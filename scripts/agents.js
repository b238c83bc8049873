// What coding agents read, made from the documentation: llms.txt and skills/cdk8s-django/SKILL.md.
const fs = require('fs');
const path = require('path');

const ROOT = path.dirname(__dirname);
const MADE = 'Made by `npm run agents` from the documentation.';

const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** A part of a text that has to be there. */
function part(text, pattern, what) {
  const found = pattern.exec(text);
  if (!found) throw new Error(`scripts/agents.js does not find ${what}.`);
  return found[1].trim();
}

/** What stands below a heading, with the headings of smaller sections. */
function section(page, heading) {
  const [, ...parts] = read(page).split(new RegExp(`^## ${heading}\n`, 'm'));
  if (parts.length !== 1) throw new Error(`${page} does not have one heading "${heading}".`);
  return parts[0].split(/^## /m)[0].trim();
}

/** The block of TypeScript in the README whose first line names its file. */
const program = (file) =>
  part(read('README.md'), new RegExp(`^(\`\`\`ts\\n// ${file}\\n[\\s\\S]*?^\`\`\`)`, 'm'), file);

/** The first paragraph of a page, as one line. */
const summary = (page) => part(read(page), /^# .*\n\n([^\n]*)/, `the first paragraph of ${page}`);

const title = (page) => part(read(page), /^# (.*)/, `the title of ${page}`);

/** Text whose links are paths in the package, because it is read where the pages are not beside it. */
function withPaths(text, page) {
  return text.replace(/\[[^\]]*\]\(([^)]*)\)/g, (link, target) => {
    if (/^\w+:/.test(target)) return link;
    const file = path.posix.join(path.posix.dirname(page), target.split('#')[0]);
    return `\`${file}\``;
  });
}

/** The chapters of the guide, in their order. */
function chapters() {
  const guide = 'docs/guide';
  const names = fs.readdirSync(path.join(ROOT, guide)).filter((name) => /^\d/.test(name));
  return names.sort((one, other) => parseInt(one) - parseInt(other)).map((name) => `${guide}/${name}`);
}

function llms() {
  const readme = read('README.md');
  const list = section('README.md', 'Read on').split('\n');
  return [
    '# cdk8s-django',
    '',
    `> ${part(readme, /^# .*\n\n([^\n]*)/, 'what the library is')}`,
    '',
    `${MADE} Paths begin at the folder of the package, \`node_modules/cdk8s-django\` where it is installed.`,
    '',
    '## For agents',
    '',
    '- [The skill](skills/cdk8s-django/SKILL.md): what is needed to write a correct program, the commands that check it, and typical mistakes.',
    '',
    '## Pages',
    '',
    ...list.filter((line) => line.startsWith('- [')),
    '',
    '## The guide',
    '',
    ...chapters().map((page) => `- [${title(page)}](${page})`),
    '',
  ].join('\n');
}

/** The classes of each entry: types of props are found through them. */
function entries() {
  const { exports } = JSON.parse(read('package.json'));
  const rows = Object.entries(exports).flatMap(([entry, { types }]) => {
    if (!types || entry.startsWith('./testing')) return [];
    const source = read(types.replace(/^\.\/lib\/(.*)\.d\.ts$/, 'src/$1.ts'));
    const names = [...source.matchAll(/export \{([^}]*)\}/g)]
      .flatMap(([, list]) => list.split(','))
      .map((name) => name.trim())
      .filter((name) => name && !name.startsWith('type '));
    if (names.length === 0) return [];
    return [`- \`cdk8s-django${entry.slice(1)}\`: ${names.map((name) => `\`${name}\``).join(', ')}`];
  });
  return rows.join('\n');
}

/** Each mistake as an item: what it is, and the message that the page has for it. */
function mistakes() {
  const page = 'docs/mistakes.md';
  const [, ...sections] = read(page).split(/^## /m);
  const items = sections.slice(0, -1).map((text) => {
    const [heading] = text.split('\n', 1);
    const [reason] = text.slice(heading.length).split('```', 1);
    const message = part(text, /```text\n([\s\S]*?)\n```/, `the message of "${heading}"`);
    const words = [`**${heading}.**`, withPaths(reason.trim(), page), `\`${message}\``];
    return `- ${words.filter((word) => word).join(' ')}`;
  });
  const silent = withPaths(section(page, 'What no message says'), page);
  return `Synth refuses these, with such messages:\n\n${items.join('\n')}\n\nNo message says these:\n\n${silent}`;
}

function skill() {
  const page = 'docs/agents.md';
  return [
    '---',
    'name: cdk8s-django',
    'description: Writes and changes the TypeScript program in deploy/ that runs a Django project on Kubernetes by cdk8s-django. Use it for deployments, releases, databases, workers, hosts, secrets and manifests of such a project.',
    '---',
    '',
    '# Django on Kubernetes by cdk8s-django',
    '',
    summary('README.md'),
    '',
    `${MADE} Paths such as \`docs/cli.md\` begin at the folder of the package, \`deploy/node_modules/cdk8s-django\`; its \`llms.txt\` lists all pages.`,
    '',
    '## Rules of a program',
    '',
    withPaths(section(page, 'Rules of a program'), page),
    '',
    '## A program',
    '',
    program('main.ts'),
    '',
    '## A test of it',
    '',
    program('shop.test.ts'),
    '',
    '## Check a program',
    '',
    withPaths(section(page, 'Check a program'), page),
    '',
    '## Typical mistakes',
    '',
    mistakes(),
    '',
    '## Where names come from',
    '',
    'Types of props come from the same place as what takes them.',
    '',
    entries(),
    '',
  ].join('\n');
}

/** Each file with its text. */
const texts = () => ({ 'llms.txt': llms(), 'skills/cdk8s-django/SKILL.md': skill() });

module.exports = { texts };

if (require.main === module) {
  for (const [file, text] of Object.entries(texts())) {
    fs.mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
    fs.writeFileSync(path.join(ROOT, file), text);
  }
}
