import { ComparedField, comparedFields, ComparedObject } from './comparison';
import { markup, Markup } from './html';
import { ManifestSet } from './manifest-sets';
import { tableOf } from './tables';
import { groupedBy } from '../../kubernetes/collections';

const LONGEST_VALUE = 160;

/** The letter of a form of an object. */
export function letterOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + (index % 26));
}

/** Which set has which object in which form, and the fields by which the forms differ. */
export function differencesMarkup(objects: ComparedObject[], sets: ManifestSet[]): Markup {
  const differing = objects.filter(({ isSame }) => !isSame);
  const same = objects.filter(({ isSame }) => isSame);
  if (!differing.length) return markup`<p>All objects are the same.</p>`;
  const severalForms = differing.filter(({ variants }) => variants.length > 1);
  return markup`<p class="muted">
      Sets with the same letter have the same object. A dash: the set does not have it.
    </p>
    ${tableOf({
      caption: 'Objects that differ',
      head: ['object', ...sets.map(({ name }) => name)],
      rows: differing.map((one) => [linkTo(one), ...sets.map(({ name }) => formIn(one, name))]),
      form: 'matrix',
    })}
    <details>
      <summary>${same.length} objects that are the same in all</summary>
      <ul class="columns">
        ${same.map((one) => markup`<li>${linkTo(one)}</li>`)}
      </ul>
    </details>
    ${severalForms.length ? markup`<h3>Fields that differ</h3>` : undefined}${severalForms.map(fieldsMarkup)}`;
}

/** A link to an object of the page. */
export function linkTo({ id, kind, name, namespace }: ComparedObject): Markup {
  return markup`<a href="#o${id}"
    ><span class="kind">${kind}</span>
    ${namespace ? markup`<span class="muted">${namespace}/</span>` : undefined}${name}</a
  >`;
}

/** The letter of the form that a set has. */
export function formIn({ variants }: ComparedObject, set: string): Markup {
  const index = variants.findIndex(({ sets }) => sets.includes(set));
  if (index < 0) return markup`<span class="absent" role="img" aria-label="does not have it">–</span>`;
  return badge(index);
}

/** A letter in a colour of its own. */
export function badge(index: number): Markup {
  return markup`<span class="badge b${index % 6}">${letterOf(index)}</span>`;
}

function fieldsMarkup(object: ComparedObject): Markup {
  const { kind, name, namespace, variants } = object;
  const fields = comparedFields(object);
  const title = `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
  const count = `${fields.length} field${fields.length === 1 ? '' : 's'}`;
  return markup`<details>
    <summary><span class="kind">${kind}</span> ${name} <span class="muted">${count}</span></summary>
    ${tableOf({
      caption: `Fields of ${title}`,
      head: ['field', ...variants.map(({ sets }, index) => markup`${badge(index)} ${sets.join(', ')}`)],
      rows: shownFields(fields).map(({ path, values }) => [
        markup`<code>${path}</code>`,
        ...values.map(valueMarkup),
      ]),
      form: 'fields',
    })}
  </details>`;
}

/** A path can be there twice, as that of an item with a dot in its name. */
function shownFields(fields: ComparedField[]): ComparedField[] {
  return [...groupedBy(fields, ({ path, values }) => JSON.stringify([path, values])).values()].map(
    ([first]) => first,
  );
}

function valueMarkup(value: any): Markup {
  if (value === undefined)
    return markup`<span class="absent" role="img" aria-label="does not have it">–</span>`;
  return markup`<code>${valueText(value)}</code>`;
}

/** A value on one line, its begin where it is long. */
export function valueText(value: any): string {
  const text = typeof value === 'string' ? value || '""' : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
