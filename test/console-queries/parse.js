// Run by ./run: the first argument is docs/logs.md.
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { runInThisContext } = require('node:vm');
const { parser } = require('@grafana/lezer-logql');

const blocks = [...readFileSync(process.argv[2], 'utf8').matchAll(/^```\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text.trim(),
);
const beginning = (start) => blocks.filter((text) => start.test(text));

/** How many places of a query the grammar of Loki does not know. */
function errorsOfLogQl(query) {
  let errors = 0;
  parser.parse(query).iterate({ enter: ({ type }) => void (errors += type.isError ? 1 : 0) });
  return errors;
}

for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
  globalThis.self = globalThis;
  runInThisContext(readFileSync(join(__dirname, 'node_modules/@kusto/language-service-next', file), 'utf8'));
}
const { KustoCode, GlobalState, Symbols } = globalThis.Kusto.Language;
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/containerlogv2
const table = Symbols.TableSymbol.From(
  '(TimeGenerated:datetime, PodNamespace:string, PodName:string, ContainerName:string, LogMessage:dynamic, LogLevel:string)',
).WithName('ContainerLogV2');
const database = new Symbols.DatabaseSymbol.$ctor1('logs', [table]);
const globals = GlobalState.Default.WithDatabase(database);

/** What Azure's own language service says against a query. */
function errorsOfKusto(query) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
}

const loki = beginning(/^\{/);
assert.equal(loki.length, 2, 'OpenShift, and Loki elsewhere');
for (const query of loki) assert.equal(errorsOfLogQl(query), 0, query);
assert.notEqual(errorsOfLogQl('{namespace="polls"} |= | json'), 0);

const azure = beginning(/^ContainerLogV2/);
assert.equal(azure.length, 1);
assert.deepEqual(errorsOfKusto(azure[0]), []);
// So it would say if a column had another name.
assert.notDeepEqual(errorsOfKusto(azure[0].replace('PodNamespace', 'Namespace')), []);
console.log(`parsed: ${loki.length} of Loki, ${azure.length} of Azure`);
