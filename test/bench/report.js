const { execFileSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { join } = require('node:path');
const { ROOT } = require('./measure');

const PAGE = join(ROOT, 'docs/performance.md');
const PLOT = join(ROOT, 'docs/performance.svg');
const [BEGIN, END] = ['<!-- measured -->', '<!-- /measured -->'];
const COLORS = ['#0b6e4f', '#8a8a8a', '#c1440e', '#3a5a9b'];

const digits = (number) => (number === undefined ? '' : number.toFixed(number < 0.1 ? 3 : 2));

function cellsOf({ name, cpu, wall, limit, seconds, otherSeconds, memory, runs }) {
  const most = limit === undefined ? '' : `${limit}`;
  const mebibytes = memory === undefined ? '' : `${Math.round(memory)} MiB`;
  return [name, digits(cpu), digits(wall), most, digits(seconds), digits(otherSeconds), mebibytes, `${runs}`];
}

/** A table in Markdown. */
function tableOf(rows) {
  const head = ['one : other', 'CPU', 'time', 'at most', 'seconds', 'of the other', 'memory', 'runs'];
  const lines = [head, head.map((_, index) => (index ? '---:' : '---')), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A plot with two logarithmic axes: a straight line that rises by one is linear. */
function plotOf(curves) {
  const [width, height, left, bottom] = [720, 420, 60, 50];
  const all = Object.values(curves).flat();
  const powers = (values) =>
    [Math.floor, Math.ceil].map((round, index) =>
      round(Math.log10(index ? Math.max(...values) : Math.min(...values))),
    );
  const [xs, ys] = [powers(all.map(([x]) => x)), powers(all.map(([, y]) => y))];
  const x = (value) => left + ((Math.log10(value) - xs[0]) / (xs[1] - xs[0])) * (width - left - 150);
  const y = (value) =>
    height - bottom - ((Math.log10(value) - ys[0]) / (ys[1] - ys[0])) * (height - bottom - 20);
  const range = ([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
  const text = (at, content, anchor = 'middle', color = '#444') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}" fill="${color}">${content}</text>`;
  const line = (points, color, more = '') =>
    `<polyline points="${points.map((point) => point.map((value) => value.toFixed(1)).join()).join(' ')}" fill="none" stroke="${color}"${more}/>`;
  const [right, top] = [x(10 ** xs[1]), y(10 ** ys[1])];
  const grid = [
    ...range(xs).flatMap((value) => [
      line(
        [
          [x(value), top],
          [x(value), y(10 ** ys[0])],
        ],
        '#ddd',
      ),
      text([x(value), height - bottom + 20], value.toLocaleString('en')),
    ]),
    ...range(ys).flatMap((value) => [
      line(
        [
          [left, y(value)],
          [right, y(value)],
        ],
        '#ddd',
      ),
      text([left - 8, y(value) + 4], value.toLocaleString('en'), 'end'),
    ]),
    text([(left + right) / 2, height - 8], 'applications'),
    text([left, 14], 'seconds', 'start'),
  ];
  const drawn = Object.entries(curves).flatMap(([name, points], index) => {
    const color = COLORS[index];
    const places = points.map(([count, seconds]) => [x(count), y(seconds)]);
    const [lastX, lastY] = places.at(-1);
    return [
      line(places, color, ' stroke-width="2"'),
      ...places.map(
        ([cx, cy]) => `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${color}"/>`,
      ),
      text([lastX + 8, lastY + 4], name, 'start', color),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...grid,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function writeDocs(table, plot) {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest.split(END)[1];
  const picture =
    '![Seconds by the number of applications, for this library, bare ApiObjects and Helm](performance.svg)';
  const machine = `Node.js ${process.versions.node}, ${cpus().length} processors.`;
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${machine}\n\n${table}\n\n${picture}\n\n${END}${after}`);
  writeFileSync(PLOT, plot);
  // As the check of formats wants it.
  execFileSync('npx', ['prettier', '--write', PAGE], { cwd: ROOT });
}

module.exports = { plotOf, tableOf, writeDocs };
