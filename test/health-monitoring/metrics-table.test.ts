import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Name, type and labels of each metric, as the runtime has them. */
function metrics(): Record<string, [string, string]> {
  const [, table] = /^METRICS = \{\n([\s\S]*?)^\}/m.exec(read('src/runtime/cdk8s_django/metric_names.py'))!;
  const entries = [...table.matchAll(/^ {4}"(\w+)": Metric\(([\s\S]*?)(?=^ {4}["#]|(?![\s\S]))/gm)];
  return Object.fromEntries(
    entries.map(([, name, text]) => {
      const kind = text.trim().startsWith('"histogram"') ? 'histogram' : undefined;
      const [, labels = ''] = /\(("\w+",(?: "\w+",?)*)\)/.exec(text) ?? [];
      const type = kind ?? (name.endsWith('_total') ? 'counter' : 'gauge');
      return [name, [type, [...labels.matchAll(/\w+/g)].map(([label]) => label).join(', ')]];
    }),
  );
}

const documented = Object.fromEntries(
  [...read('docs/metrics.md').matchAll(/^\| `(django_\w+)`\s+\| (\w+)\s+\| ([^|]*)\|/gm)].map(
    ([, name, type, labels]) => [
      name,
      [type, labels.includes('see below') ? '' : labels.replaceAll('`', '').trim()],
    ],
  ),
);

test('docs/metrics.md has every metric of the runtime, with its type and its labels', () => {
  expect(Object.keys(documented).length).toBeGreaterThan(20);
  expect(documented).toEqual(metrics());
});

test('no metric has a name that django-prometheus has', () => {
  for (const name of Object.keys(metrics())) {
    expect(name).not.toMatch(
      /_before_middlewares|_by_method|_by_view|_by_status|_latency|^django_db_|^django_cache_(get|hits|misses)_|^django_migrations_(un)?applied/,
    );
  }
});
