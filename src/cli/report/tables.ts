import { groupedBy } from '../../kubernetes/collections';
import { markup, Markup, Part } from './html';

/** A table of a page. The first cell of a row names it. */
export interface TableOptions {
  readonly caption: string;
  readonly head: readonly Part[];
  readonly rows: readonly (readonly Part[])[];
  /** A class of the table. */
  readonly form?: string;
}

/** A table, which can be scrolled by keys where it is too wide. */
export function tableOf({ caption, head, rows, form = '' }: TableOptions): Markup {
  if (!rows.length) return markup`<p class="muted">${caption}: none.</p>`;
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table class="${form}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((cell) => markup`<th scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...cells]) =>
            markup`<tr>
              <th scope="row">${first}</th>
              ${cells.map((cell) => markup`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Rows of several sets, each once with the sets that have it. */
export interface SharedRow {
  readonly cells: string[];
  readonly sets: string[];
}

/** The rows of sets in the order of the first set, each once. */
export function sharedRows(rowsOfSets: { name: string; rows: string[][] }[]): SharedRow[] {
  const all = rowsOfSets.flatMap(({ name, rows }) => rows.map((cells) => ({ name, cells })));
  return [...groupedBy(all, ({ cells }) => JSON.stringify(cells)).values()].map((own) => ({
    cells: own[0].cells,
    sets: [...new Set(own.map(({ name }) => name))],
  }));
}

/** Which sets, in words. */
export function setsText(sets: string[], count: number): string {
  return sets.length === count ? 'all' : sets.join(', ');
}
