import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestsFor } from 'cdk8s-django/testing';
import { SAMPLES } from '../support/distributions';
import { filesOf } from '../support/files';
import { find, webContainer } from '../support/synth';
import { ROOT } from '../support/typescript';
import { ShopChart } from '../../examples/beside-cdk8s-plus/shop-chart';

/** The blocks of TypeScript in the documents, each with the file that it is from. */
const excerpts = filesOf('docs', '.md').flatMap(({ path, text }) =>
  [...text.matchAll(/^```ts\n\/\/ ((?:test|examples)\/\S+)\n([\s\S]*?)^```/gm)].map(([, file, code]) => ({
    path,
    file,
    code,
  })),
);

/** Code without its indentation. */
function lines(code: string): string {
  const trimmed = code.split('\n').map((line) => line.trim());
  return trimmed.filter(Boolean).join('\n');
}

it('the documents show files of examples and tests', () => {
  expect(excerpts.map(({ path, file }) => `${path}: ${file}`)).toEqual([
    'docs/guide/11-extending.md: test/outside/error-tracker.ts',
    'docs/guide/11-extending.md: test/outside/pgbouncer.ts',
    'docs/guide/11-extending.md: examples/beside-cdk8s-plus/shop-chart.ts',
    'docs/guide/15-delivery.md: examples/previews/main.ts',
    'docs/local.md: test/cluster/support/local.ts',
    'docs/sixth-distribution.md: examples/own-distribution/k3s.ts',
    'docs/traces.md: examples/opentelemetry-collector/main.ts',
    'docs/traces.md: examples/opentelemetry-collector/shop-chart.ts',
  ]);
});

it.each(excerpts)('$path shows what is in $file', ({ file, code }) => {
  expect(lines(readFileSync(join(ROOT, file), 'utf8'))).toContain(lines(code));
});

describe.each(SAMPLES)('a chart with constructs of cdk8s-plus on $name', ({ make }) => {
  const manifests = manifestsFor(make(), (app) => void new ShopChart(app, 'shop'));

  it('reads the Secret and mounts the ConfigMap that they stand for', () => {
    const { env, volumeMounts } = webContainer(manifests, 'shop');
    expect(env).toContainEqual({
      name: 'STRIPE_API_KEY',
      valueFrom: { secretKeyRef: { name: 'stripe', key: 'api-key' } },
    });
    expect(volumeMounts).toContainEqual({ name: 'flags', mountPath: '/etc/flags', readOnly: true });
    const { volumes } = find(manifests, 'Deployment', 'shop').spec.template.spec;
    expect(volumes).toContainEqual({ name: 'flags', configMap: { name: 'flags' } });
    expect(find(manifests, 'ConfigMap', 'flags').data).toEqual({ 'flags.json': '{ "discounts": true }' });
  });
});
