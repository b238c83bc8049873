import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestsFor } from 'cdk8s-django/testing';
import { SAMPLES } from '../support/distributions';
import { find, webContainer } from '../support/synth';
import { ShopChart } from '../../examples/beside-cdk8s-plus/shop-chart';

const GUIDE = join(__dirname, '../../docs/guide');

/** The blocks of TypeScript in the chapter, each with the file that it is from. */
const excerpts = [
  ...readFileSync(join(GUIDE, '11-extending.md'), 'utf8').matchAll(
    /^```ts\n\/\/ ((?:test|examples)\/\S+)\n([\s\S]*?)^```/gm,
  ),
].map(([, file, code]) => ({ file, code }));

/** Code without its indentation. */
function lines(code: string): string {
  const trimmed = code.split('\n').map((line) => line.trim());
  return trimmed.filter(Boolean).join('\n');
}

it('the chapter shows all constructs that are made outside the library', () => {
  expect(excerpts.map(({ file }) => file).sort()).toEqual([
    'examples/beside-cdk8s-plus/shop-chart.ts',
    'test/outside/error-tracker.ts',
    'test/outside/pgbouncer.ts',
  ]);
});

it.each(excerpts)('the chapter shows what is in $file', ({ file, code }) => {
  expect(lines(readFileSync(join(__dirname, '../..', file), 'utf8'))).toContain(lines(code));
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
