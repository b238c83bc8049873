import { createHash } from 'node:crypto';
import { groupedBy } from '../../kubernetes/collections';
import {
  accessSection,
  connectionTable,
  Examined,
  networkSection,
  shutdownTable,
  sumsTable,
  TextTable,
  unknownOf,
  workloadTable,
} from './sections';
import { ComparedObject } from './comparison';
import { differencesMarkup } from './differences';
import { drawingOf, sentencesOf } from './drawing';
import { markup, Markup } from './html';
import { Notes } from './notes';
import { objectsMarkup } from './object-list';
import { STYLE } from './style';
import { tableOf } from './tables';
import { Topology } from './topology';

/** What a page is made from. */
export interface PageParts {
  readonly title: string;
  readonly sets: Examined[];
  readonly objects: ComparedObject[];
  /** The topologies of each set, in the order of the sets. */
  readonly topologies: Topology[][];
  readonly notes: Notes;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/** A drawing that is not open at first, where there are more. */
const MOST_OPEN = 8;
/** A table with more is not open at first. */
const MOST_ROWS = 100;

/** The page: one file that asks nothing else. It has no program, and its policy allows none. */
export function pageOf(parts: PageParts): string {
  const { title, sets, objects, notes } = parts;
  // Objects come before notes, which they make.
  const objectList = objectsMarkup(objects, sets.length, notes);
  const texts = notes.textsMarkup();
  const sections: Section[] = [
    { id: 'sums', title: 'At a glance', content: sumsMarkup(sets) },
    { id: 'topology', title: 'Topology', content: topologyMarkup(parts) },
    ...(sets.length > 1
      ? [{ id: 'differences', title: 'Differences', content: differencesMarkup(objects, sets) }]
      : []),
    { id: 'access', title: 'Access', content: accessMarkup(sets) },
    { id: 'network', title: 'Network', content: tables(networkSection(sets)) },
    {
      id: 'capacity',
      title: 'Capacity and shutdown',
      content: tables([workloadTable(sets), shutdownTable(sets), connectionTable(sets)]),
    },
    { id: 'objects', title: 'Objects', content: objectList },
    ...(texts ? [{ id: 'texts', title: 'Long texts', content: texts }] : []),
  ];
  const head = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy()}" />
        ${METADATA}
        <title>${title}: report</title>
        <style>${new Markup(STYLE)}</style>
      </head>`;
  const header = markup`<a class="skip" href="#main">Skip to the content</a>
    <header>
      <p class="eyebrow">Report on manifests</p>
      <h1>${title}</h1>
      <p class="lead">${leadOf(parts)}</p>
    </header>`;
  const links = sections.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`);
  const reasons = markup`<section class="reasons" aria-labelledby="reasons-heading">
    <h2 id="reasons-heading">Reasons of fields</h2>
    ${notes.reasonsMarkup()}
  </section>`;
  const main = markup`<div class="layout">
    <nav aria-label="Sections"><ul>${links}</ul></nav>
    <main id="main" tabindex="-1">
      ${sections.map(sectionMarkup)}${reasons}
    </main>
  </div>`;
  return markup`${head}
    <body>
      ${header}
      ${main}
      ${FOOTER}
    </body>
    </html>
    `.text;
}

const METADATA = markup`<meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta name="color-scheme" content="light dark" />
  <meta name="generator" content="cdk8s-django report" />`;
const FOOTER = markup`<footer><p>
  Made by <code>cdk8s-django report</code> from the manifests alone. Values of Secrets are not in it.
</p></footer>`;

function policy(): string {
  return `default-src 'none'; style-src 'sha256-${styleHash()}'; base-uri 'none'; form-action 'none'`;
}

function sectionMarkup({ id, title, content }: Section): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${title}</h2>
    ${content}
  </section>
  `;
}

/** The hash by which a browser lets in this style and no other one. */
function styleHash(): string {
  return createHash('sha256').update(STYLE).digest('base64');
}

function leadOf({ sets, objects }: PageParts): string {
  const count = objects.length;
  const names = sets.map(({ name }) => name);
  const same = objects.filter(({ isSame }) => isSame).length;
  if (names.length === 1) return `${count} objects of ${names[0]}.`;
  return `${count} objects of ${names.slice(0, -1).join(', ')} and ${names.at(-1)}. ${same} are the same in all of them, ${count - same} differ.`;
}

function sumsMarkup(sets: Examined[]): Markup {
  const { title, head, rows } = sumsTable(sets);
  return markup`${tableOf({
    caption: `${title} of ${sets.length === 1 ? 'all objects' : 'each distribution'}`,
    head,
    rows: rows.map(([first, ...cells]) => [first, ...cells.map((cell) => valueMarkup(cell, cells))]),
    form: 'sums',
  })}
    <p class="muted">
      A range is from the least to the most replicas. Connections are those that arguments of programs tell,
      and count a rollout too.
    </p>`;
}

/** A value is marked where most others have one, and it is another. */
function valueMarkup(cell: string, all: string[]): Markup {
  const usual = all.find((one) => all.filter((other) => other === one).length * 2 > all.length);
  return usual === undefined || usual === cell ? markup`${cell}` : markup`<mark>${cell}</mark>`;
}

function tables(all: TextTable[]): Markup {
  return markup`${all.map(({ title, head, rows }) => {
    const table = tableOf({ caption: title, head, rows });
    if (rows.length <= MOST_ROWS) return table;
    return markup`<details>
      <summary>${title} <span class="muted">${rows.length} rows</span></summary>
      ${table}
    </details>`;
  })}`;
}

function accessMarkup(sets: Examined[]): Markup {
  return markup`${tables(accessSection(sets))}
    <h3>What this report cannot know</h3>
    <ul class="prose">
      ${unknownOf(sets).map((one) => markup`<li>${one}</li>`)}
    </ul>`;
}

/** Each drawing once, with the sets that it is of. */
function topologyMarkup({ sets, topologies, objects }: PageParts): Markup {
  const ids = new Map(objects.flatMap(({ id, variants }) => variants.map(({ object }) => [object, id])));
  const named = new Map(objects.map(({ id, variants }) => [titleOf(variants[0].object), id]));
  const address = (object: any) => {
    const id = object && (ids.get(object) ?? named.get(titleOf(object)));
    return id === undefined ? undefined : `#o${id}`;
  };
  const all = topologies.flatMap((parts, index) =>
    parts.filter(({ arrows }) => arrows.length).map((topology) => ({ topology, set: sets[index].name })),
  );
  const drawings = [...groupedBy(all, ({ topology }) => JSON.stringify(plain(topology))).values()];
  return markup`${drawings.map((own, index) => {
    const [{ topology }] = own;
    const names = own.map(({ set }) => set).join(', ');
    const app = topology.boxes.find(({ role }) => role === 'pods')?.name ?? topology.boxes[0].name;
    const title = topologies.every((parts) => parts.length < 2) ? names : `${app} · ${names}`;
    const drawing = drawingOf(topology, { id: `d${index + 1}`, title: `Topology of ${title}`, address });
    return markup`<details class="drawing" ${index < MOST_OPEN ? 'open' : ''}>
      <summary><h3>${title}</h3></summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Drawing of ${title}">${drawing}</div>
      <details class="words">
        <summary>In words</summary>
        <ul>
          ${sentencesOf(topology).map((one) => markup`<li>${one}</li>`)}
        </ul>
      </details>
    </details> `;
  })}`;
}

function titleOf({ kind, metadata }: any): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** What of a topology is drawn. */
function plain({ boxes, arrows }: Topology): object {
  return { boxes: boxes.map(({ object: _, ...rest }) => rest), arrows };
}
