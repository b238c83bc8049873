import { groupedBy } from '../../kubernetes/collections';
import { ComparedObject } from './comparison';
import { badge } from './differences';
import { markup, Markup } from './html';
import { Notes } from './notes';
import { yamlOf } from './yaml-text';

/** More objects than these are in a folded list for each namespace. */
const MOST_OPEN = 200;

/** All objects, by namespace and topic, each with its YAML. */
export function objectsMarkup(objects: ComparedObject[], sets: number, notes: Notes): Markup {
  const namespaces = [...groupedBy(objects, ({ namespace }) => namespace)];
  const hint = markup`<p class="muted">
    A field that is underlined has a reason: choose it to read why the library sets it.
  </p>`;
  return markup`${hint}${namespaces.map(([namespace, own]) => {
    const content = topics(own, sets, notes);
    if (namespaces.length === 1) return content;
    const title = namespace || 'Without a namespace';
    const isOpen = objects.length <= MOST_OPEN;
    return markup`<details class="namespace" ${isOpen ? 'open' : ''}>
      <summary>
        <h3>${title}</h3>
        <span class="muted">${own.length} objects</span>
      </summary>
      ${content}
    </details>`;
  })}`;
}

function topics(objects: ComparedObject[], sets: number, notes: Notes): Markup {
  return markup`${[...groupedBy(objects, ({ topic }) => topic)].map(
    ([topic, own]) =>
      markup`<h4>${topic}</h4>
        ${own.map((one) => objectMarkup(one, sets, notes))}`,
  )}`;
}

function objectMarkup(
  { id, kind, name, variants, isSame }: ComparedObject,
  sets: number,
  notes: Notes,
): Markup {
  const where = variants.flatMap((one) => one.sets);
  const badges = sets > 1 && variants.length > 1 ? variants.map((_, index) => badge(index)) : undefined;
  const only =
    sets > 1 && where.length < sets ? markup` <span class="muted">${where.join(', ')}</span>` : undefined;
  return markup`<details class="object">
    <summary><span class="kind">${kind}</span> ${name} ${badges}${only}</summary>
    <div id="o${id}">
      ${variants.map(
        ({ object, sets: own }, index) =>
          markup`${sets > 1 && !isSame && variants.length > 1 ? markup`<p class="form">${badge(index)} ${own.join(', ')}</p>` : undefined}
            <pre>${yamlOf(object, notes.form())}</pre>`,
      )}
    </div>
  </details> `;
}
