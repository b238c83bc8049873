import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/typescript';

/** The interpreter that Argo CD has within it, at its version. */
const LUA = ['run', 'github.com/yuin/gopher-lua/cmd/glua@v1.1.2'];

const guide = readFileSync(join(ROOT, 'docs/guide/15-delivery.md'), 'utf8');
const [, block] = /```yaml\n(data:\n {2}resource\.customizations[\s\S]*?)```/.exec(guide)!;
const scripts: Record<string, string> = parse(block).data;
const of = (kind: string) => scripts[`resource.customizations.health.${kind}`];

const folder = mkdtempSync(join(tmpdir(), 'lua-'));
afterAll(() => rmSync(folder, { recursive: true }));

function lua(value: any): string {
  if (Array.isArray(value)) return `{${value.map(lua).join(', ')}}`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `[${JSON.stringify(key)}] = ${lua(item)}`)
    .join(', ')}}`;
}

function health(script: string, resource: object): string {
  const file = join(folder, 'health.lua');
  const text = `obj = ${lua(resource)}\nlocal function health()\n${script}\nend\nlocal hs = health()\nprint(hs.status)`;
  writeFileSync(file, text);
  return execFileSync('go', [...LUA, file], { cwd: folder, encoding: 'utf8' }).trim();
}

const conditions = (type: string, status: string) => ({
  status: { conditions: [{ type, status, message: 'why' }] },
});

describe.each([
  ['networking.gke.io_GCPBackendPolicy', 'Attached'],
  ['networking.gke.io_HealthCheckPolicy', 'Attached'],
  ['monitoring.googleapis.com_PodMonitoring', 'ConfigurationCreateSuccess'],
])('the health of %s', (kind, type) => {
  it.each([
    ['Progressing', {}],
    ['Progressing', conditions('Another', 'True')],
    ['Healthy', conditions(type, 'True')],
    ['Degraded', conditions(type, 'False')],
  ])('is %s by %j', (expected, resource) => expect(health(of(kind), resource)).toBe(expected));
});

describe('the health of shipwright.io_Build', () => {
  it.each([
    ['Progressing', {}],
    ['Healthy', { status: { registered: 'True' } }],
    ['Degraded', { status: { registered: 'False', message: 'why' } }],
  ])('is %s by %j', (expected, resource) =>
    expect(health(of('shipwright.io_Build'), resource)).toBe(expected),
  );
});

it('has a test for each script', () => expect(Object.keys(scripts)).toHaveLength(4));
