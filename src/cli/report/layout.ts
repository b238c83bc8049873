import { groupedBy } from '../../kubernetes/collections';
import { Box, BoxRole, Topology } from './topology';

/** A box, or the lane of arrows that go past a column, in its place. */
export interface Placed {
  readonly id: string;
  /** None for a lane. */
  readonly box?: Box;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** A line from one place to the next. */
export interface Line {
  readonly from: Placed;
  readonly to: Placed;
  /** Whether it ends at a box, and is not a part of the way. */
  readonly isEnd: boolean;
}

/** A drawing, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly placed: Placed[];
  readonly lines: Line[];
  readonly headings: { readonly x: number; readonly text: string }[];
}

export const BOX_WIDTH = 166;
const GAP = 52;
const ROW_GAP = 18;
const LANE = 8;
const TOP = 34;
const MARGIN = 2;
const SWEEPS = 4;

/** From the left to the right; servers are behind each other by their depth. */
const RANKS: Record<BoxRole, number> = {
  router: 0,
  route: 1,
  service: 2,
  pods: 3,
  server: 4,
  outside: 8,
  data: 9,
};
const HEADINGS: Record<BoxRole, string> = {
  router: 'Router',
  route: 'Routes',
  service: 'Services',
  pods: 'Pods',
  server: 'Servers',
  outside: 'Outside',
  data: 'Secrets and volumes',
};

interface Node {
  readonly id: string;
  readonly column: number;
  readonly height: number;
  readonly box?: Box;
}

interface Step {
  readonly from: string;
  readonly to: string;
  readonly isEnd: boolean;
}

/** The height of a box with its lines of text. */
export function heightOf({ details }: Box): number {
  return 44 + 15 * details.length + (details.length ? 3 : 0);
}

/** Places boxes in columns, so that few lines cross. */
export function layoutOf({ boxes, arrows }: Topology): Layout {
  const ranks = [...new Set(boxes.map(rankOf))].sort((one, other) => one - other);
  const nodes = new Map<string, Node>(
    boxes.map((box) => [
      box.id,
      { id: box.id, box, column: ranks.indexOf(rankOf(box)), height: heightOf(box) },
    ]),
  );
  const steps = arrows.flatMap(({ from, to }) => stepsOf(from, to, nodes));
  const unique = [...groupedBy(steps, ({ from, to }) => `${from}\n${to}`).values()].map(([first]) => first);
  const columns = ordered(ranks.length, [...nodes.values()], unique);
  const heights = columns.map(heightOfColumn);
  const most = Math.max(...heights);
  const placed = columns.flatMap((column, index) => inColumn(column, index, (most - heights[index]) / 2));
  const byId = new Map(placed.map((one) => [one.id, one]));
  return {
    width: ranks.length * (BOX_WIDTH + GAP) - GAP + 2 * MARGIN,
    height: TOP + most + MARGIN,
    placed,
    lines: unique.map(({ from, to, isEnd }) => ({ from: byId.get(from)!, to: byId.get(to)!, isEnd })),
    headings: columns.map((column, index) => ({ x: xOf(index), text: headingOf(column) })),
  };
}

function rankOf({ role, depth }: Box): number {
  return RANKS[role] + (role === 'server' ? depth - 1 : 0);
}

function headingOf(column: Node[]): string {
  const { box } = column.find((node) => node.box)!;
  return HEADINGS[box!.role];
}

/** The steps of an arrow from column to column. All arrows to a box share its lanes. */
function stepsOf(from: string, to: string, nodes: Map<string, Node>): Step[] {
  const [first, last] = [nodes.get(from)!.column, nodes.get(to)!.column];
  const ids = [from];
  for (let column = first + 1; column < last; column++) {
    const id = `lane ${column} ${to}`;
    nodes.set(id, { id, column, height: LANE });
    ids.push(id);
  }
  ids.push(to);
  return ids.slice(1).map((id, index) => ({ from: ids[index], to: id, isEnd: id === to }));
}

/** The nodes of each column, each near the middle of what it is connected with. */
function ordered(count: number, nodes: Node[], steps: Step[]): Node[][] {
  const columns = Array.from({ length: count }, (_, index) => nodes.filter(({ column }) => column === index));
  const before = groupedBy(steps, ({ to }) => to);
  const after = groupedBy(steps, ({ from }) => from);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    const order = columns.map((_, index) => (isForward ? index : count - 1 - index));
    for (const index of order) {
      const places = new Map(columns.flatMap((column) => middles(column)));
      const neighbours = ({ id }: Node) =>
        isForward
          ? (before.get(id) ?? []).map(({ from }) => places.get(from)!)
          : (after.get(id) ?? []).map(({ to }) => places.get(to)!);
      const wanted = new Map(
        columns[index].map((node) => [node, mean(neighbours(node)) ?? places.get(node.id)!]),
      );
      columns[index].sort((one, other) => wanted.get(one)! - wanted.get(other)!);
    }
  }
  return columns;
}

/** Where the middle of each node of a column is, from the middle of the column. */
function middles(column: Node[]): [string, number][] {
  let y = -heightOfColumn(column) / 2;
  return column.map(({ id, height }) => {
    const middle = y + height / 2;
    y += height + ROW_GAP;
    return [id, middle];
  });
}

function mean(numbers: number[]): number | undefined {
  return numbers.length ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : undefined;
}

function heightOfColumn(column: Node[]): number {
  return column.reduce((sum, { height }) => sum + height + ROW_GAP, -ROW_GAP);
}

function inColumn(column: Node[], index: number, begin: number): Placed[] {
  let y = TOP + Math.round(begin);
  return column.map(({ id, box, height }) => {
    const placed = { id, box, x: xOf(index), y, height };
    y += height + ROW_GAP;
    return placed;
  });
}

function xOf(column: number): number {
  return MARGIN + column * (BOX_WIDTH + GAP);
}
