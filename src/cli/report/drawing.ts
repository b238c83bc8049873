import { groupedBy, uniqueSorted } from '../../kubernetes/collections';
import { markup, Markup } from './html';
import { BOX_WIDTH, layoutOf, Line, Placed } from './layout';
import { Box, Topology } from './topology';

const LONGEST_TITLE = 19;
const LONGEST_DETAIL = 24;

/** How a drawing is put into a page. */
export interface DrawingOptions {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** Where the page has an object. */
  address(object: any): string | undefined;
}

/** A topology as SVG. Boxes are links, so that keys reach them. */
export function drawingOf(topology: Topology, { id, title, address }: DrawingOptions): Markup {
  const { width, height, placed, lines, headings } = layoutOf(topology);
  return markup`<svg
    class="topology"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="group"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${sentencesOf(topology).join(' ')}</desc>
    ${markerOf(id)}
    ${headings.map((one) => markup`<text class="column" x="${one.x}" y="14">${one.text}</text>`)}${lines.map(
      (line) => lineOf(line, `${id}-end`),
    )}${placed.map((place) => (place.box ? boxOf(place.box, place, address(place.box.object)) : laneOf(place)))}
  </svg>`;
}

function markerOf(id: string): Markup {
  return markup`<defs>
    <marker id="${id}-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
      <path class="end" d="M1 1 7 4 1 7z" />
    </marker>
  </defs>`;
}

/** What the arrows say, in words. */
export function sentencesOf({ boxes, arrows }: Topology): string[] {
  const titles = new Map(boxes.map(({ id, kind, name }) => [id, `${kind} ${name}`]));
  const alone = boxes.filter(({ id }) => !arrows.some(({ from, to }) => from === id || to === id));
  return [
    ...[...groupedBy(arrows, ({ from }) => from)].map(
      ([from, own]) =>
        `${titles.get(from)} → ${uniqueSorted(own.map(({ to }) => titles.get(to)!)).join(', ')}.`,
    ),
    ...alone.map(({ kind, name }) => `${kind} ${name}.`),
  ];
}

function boxOf(
  { role, kind, name, details }: Box,
  { x, y, height }: Omit<Placed, 'box'>,
  address: string | undefined,
): Markup {
  const content = markup`<title>${[`${kind} ${name}`, ...details].join(', ')}</title
    ><rect class="box" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${height}" rx="8" /><rect
      class="bar"
      x="${x + 1}"
      y="${y + 10}"
      width="3"
      height="${height - 20}"
      rx="1.5"
    /><text class="kind" x="${x + 14}" y="${y + 19}">${short(kind, LONGEST_DETAIL)}</text
    ><text class="name" x="${x + 14}" y="${y + 35}">${short(name, LONGEST_TITLE)}</text>${details.map(
      (detail, index) =>
        markup`<text class="detail" x="${x + 14}" y="${y + 53 + 15 * index}"
          >${short(detail, LONGEST_DETAIL)}</text
        >`,
    )}`;
  return address === undefined
    ? markup`<g class="${role}">${content}</g>`
    : markup`<a class="${role}" href="${address}">${content}</a>`;
}

/** A curve, and through a lane a straight line. */
function lineOf({ from, to, isEnd }: Line, marker: string): Markup {
  const [x1, y1] = [from.x + BOX_WIDTH, from.y + from.height / 2];
  const y2 = to.y + to.height / 2;
  if (to.x <= from.x) return backwardLine(from, to, marker);
  const x2 = to.x - (isEnd ? 3 : 0);
  const middle = (x1 + x2) / 2;
  const data = to.box ? to.box.role === 'data' : to.id.includes('/Secret ');
  const way = `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  const kind = formOf(data);
  return isEnd
    ? markup`<path class="${kind}" d="${way}" marker-end="url(#${marker})" />`
    : markup`<path class="${kind}" d="${way}" />`;
}

/** Between boxes of one column, or back to one before: around the right side. */
function backwardLine(from: Placed, to: Placed, marker: string): Markup {
  const [x1, y1] = [from.x + BOX_WIDTH, from.y + from.height / 2 + 8];
  const [x2, y2] = [to.x + BOX_WIDTH + 3, to.y + to.height / 2 - 8];
  const far = Math.max(x1, x2) + 34;
  return markup`<path
    class="line"
    d="M${x1} ${y1}C${far} ${y1} ${far} ${y2} ${x2} ${y2}"
    marker-end="url(#${marker})"
  />`;
}

/** The part of a way that goes past a column. */
function laneOf({ id, x, y, height }: Placed): Markup {
  return markup`<path class="${formOf(id.includes('/Secret '))}" d="M${x} ${y + height / 2}h${BOX_WIDTH}" />`;
}

function formOf(isData: boolean): string {
  return isData ? 'line weak' : 'line';
}

/** The begin and the end of a text that is too long: names differ at both. */
function short(text: string, most: number): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  const end = Math.floor(most / 3);
  return `${letters.slice(0, most - end - 1).join('')}…${letters.slice(-end).join('')}`;
}
