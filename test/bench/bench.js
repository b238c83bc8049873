/**
 * What the library costs, beside cdk8s and Helm: medians of ratios of runs that alternate, each run a process of its
 * own. Times depend on the machine, and those of CPU much less than others on a machine that does something else too.
 *
 *     npm run bench -- [--quick] [--write] [--against FOLDER]
 *
 * - `--quick` makes one run of each and leaves out what takes minutes.
 * - `--write` puts the table and the plot into docs/.
 * - `--against FOLDER` compares with another checkout of the library too, which has node_modules and is built.
 */
const { resolve } = require('node:path');
const { parseArgs } = require('node:util');
const { helmCommand, helmProgram } = require('./helm');
const { curves, rowsOf } = require('./rows');
const { plotOf, tableOf, writeDocs } = require('./report');

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    against: { type: 'string' },
  },
});
const helm = helmProgram();
if (!helm)
  console.log('Helm is not compared: it is built by Go, which is missing. HELM names a program, too.');
const options = {
  quick: values.quick,
  helm: helm && helmCommand(helm),
  against: values.against && resolve(values.against),
};

const rows = [];
for (const { name, limit, measureRow } of rowsOf(options)) {
  const row = { name, limit, ...measureRow() };
  rows.push(row);
  console.log(tableOf([row]).split('\n').at(-1));
}
const table = tableOf(rows);
console.log(`\n${table}`);
if (values.write) writeDocs(table, plotOf(curves(options)));
