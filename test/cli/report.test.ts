import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Chart } from 'cdk8s';
import { Distribution, DjangoApp, PostgresBackend } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { parse } from 'yaml';
import { REASONS } from '../../src/cli/explain/reasons';
import { markup, Markup } from '../../src/cli/report/html';
import { sumsOf } from '../../src/cli/report/sums';
import { yamlOf } from '../../src/cli/report/yaml-text';
import { folderOf } from './support/project';
import { outcomeOf } from './support/terminal';

const DIST = join(__dirname, '../../dist');
const FIVE = readdirSync(DIST).map((name) => join(DIST, name));

async function textOf(...args: string[]): Promise<string> {
  const { code, output, errors } = await outcomeOf(['report', ...args]);
  expect([code, errors]).toEqual([0, '']);
  return output;
}

/** What a reader sees of HTML without elements that could do something. */
function plainOf(html: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html.replace(/<[^>]*>/g, '').replace(/&(#?\w+);/g, (_, name) => entities[name]);
}

function objectOf(kind: string, fields: object, name = 'one'): string {
  return JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace: 'polls' }, ...fields });
}

describe('the report of five distributions', () => {
  let page: string;
  beforeAll(async () => {
    page = await textOf(...FIVE);
  });

  test('is one page of less than 1 MB that names nothing to load', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page.length).toBeGreaterThan(300_000);
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
    expect(page).not.toMatch(
      /<(script|link|img|iframe|object|embed|base)\b|<[a-z][^>]*\s(src|srcset|style)=/i,
    );
    expect(page.slice(0, page.indexOf('</style>'))).not.toMatch(/@import|url\(/);
  });

  test('has the same bytes each time', async () => {
    expect(await textOf(...FIVE)).toBe(page);
  });

  test('has all sections', () => {
    const titles = [...page.matchAll(/<h2 id="[\w-]+">([^<]*)/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'At a glance',
      'Topology',
      'Differences',
      'Access',
      'Network',
      'Capacity and shutdown',
      'Objects',
      'Long texts',
      'Reasons of fields',
    ]);
  });

  test('draws each topology once, with a title and a description', () => {
    const headings = [...page.matchAll(/<summary><h3>([^<]*)/g)].map(([, title]) => title);
    expect(headings).toEqual(expect.arrayContaining(['aks', 'eks', 'gke, upstream', 'openshift']));
    expect(page).toContain('<title id="d1-title">Topology of aks</title>');
    expect(page).toContain('Deployment polls → Secret polls, Secret polls-db, StatefulSet polls-db.');
    expect(page).toContain('Route polls → Service polls.');
  });

  test('says which distribution has which object, and what differs', () => {
    const row = page.slice(page.indexOf('<span class="kind">Route</span>')).split('</tr>')[0];
    expect(row.match(/does not have it/g)).toHaveLength(4);
    expect(plainOf(page)).toContain('spec.template.spec.terminationGracePeriodSeconds');
  });

  test('has sums of shutdown, connections, requests and limits', () => {
    const text = plainOf(page);
    [
      '15 s router + 30 s requests + 5 s server = 50 s',
      '202 of 250',
      '1 – 2.75 CPU',
      '2.5 – 6 Gi',
      '3 – 10',
    ].forEach((one) => expect(text).toContain(one));
  });

  test('has each object with its reasons, each reason once', () => {
    const used = new Set([...page.matchAll(/popovertarget="(r\d+)"/g)].map(([, id]) => id));
    const told = [...page.matchAll(/<div id="(r\d+)" popover/g)].map(([, id]) => id);
    expect(told.sort()).toEqual([...used].sort());
    const why = Object.values(REASONS)
      .flat()
      .find(({ fields }) => fields.some((field) => field.includes('enableServiceLinks')))!.why;
    expect(plainOf(page).split(why)).toHaveLength(2);
  });

  test('has ids once, and links that lead to one', () => {
    const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/\bhref="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((one) => !ids.includes(one))).toEqual([]);
  });

  test('is Markdown for pull requests that fits into a comment', async () => {
    const text = await textOf(...FIVE, '--format', 'markdown');
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('### Sums\n\n| all together | aks | eks | gke | openshift | upstream |');
    expect(text).toContain('| `Ingress polls/polls` | – | A | – | – | – |');
    expect(text).toContain('```mermaid\nflowchart LR');
    expect(await textOf(...FIVE, '--format', 'markdown')).toBe(text);
  });
});

describe('what is given', () => {
  test('is one set for a folder, and no differences then', async () => {
    const page = await textOf(join(DIST, 'upstream'));
    expect(page).toContain('44 objects of upstream.');
    expect(page).not.toContain('id="differences"');
  });

  test('is one set for files of one folder', async () => {
    const files = ['polls', 'zz-polls-runtime'].map((name) => join(DIST, 'eks', `${name}.k8s.yaml`));
    expect(await textOf(...files)).toBe(await textOf(join(DIST, 'eks')));
  });

  test('has names that tell folders apart', async () => {
    const folder = folderOf({
      'a/dist/x.yaml': objectOf('ConfigMap', {}),
      'b/dist/x.yaml': objectOf('Service', {}),
    });
    expect(await textOf(join(folder, 'a/dist'), join(folder, 'b/dist'))).toContain(' of a/dist and b/dist.');
  });

  test.each([
    [{}, [''], 'has no manifests. Synthesize first'],
    [{ 'a.yaml': objectOf('Pod', {}), 'b/c.yaml': objectOf('Pod', {}) }, [''], 'is there twice'],
    [{ 'a.yaml': '{ apiVersion: v1, kind: Pod }' }, [''], 'An object of kind Pod has no metadata.name.'],
    [{}, ['none'], 'is not a folder'],
  ])('is refused where it cannot be read: %j', async (files, paths, message) => {
    const folder = folderOf(files as any);
    const { code, errors } = await outcomeOf(['report', ...paths.map((path) => join(folder, path))]);
    expect([code, errors]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe('a hostile manifest', () => {
  const EVIL = `</pre></style></svg><img src=x onerror=alert(1)>"' onload='x' &lt; | \`@team\` \u202e`;
  const folder = () =>
    folderOf({
      'a.yaml': [
        objectOf('ConfigMap', { data: { [EVIL]: EVIL, long: `${EVIL}\n`.repeat(60) } }, EVIL),
        objectOf('Deployment', {
          spec: {
            selector: { matchLabels: { app: EVIL } },
            template: {
              metadata: { labels: { app: EVIL }, annotations: { 'cdk8s-django/shutdown': EVIL } },
              spec: {
                containers: [
                  {
                    name: EVIL,
                    env: [{ name: EVIL, valueFrom: { secretKeyRef: { name: EVIL, key: EVIL } } }],
                  },
                ],
              },
            },
          },
        }),
        objectOf('Role', { apiVersion: 'rbac.authorization.k8s.io/v1', rules: [] }, EVIL),
        JSON.stringify({ apiVersion: 'v1', kind: EVIL, metadata: { name: EVIL, namespace: EVIL } }),
      ].join('\n---\n'),
      'b/other.yaml': objectOf('ConfigMap', { data: { other: EVIL } }, 'other'),
    });

  test('adds no element and no attribute', async () => {
    const one = folder();
    const page = await textOf(one, join(one, 'b'));
    expect(plainOf(page)).toContain('onerror=alert(1)');
    expect(page).not.toMatch(/<img|<[^>]*\bon(error|load)=[^>]*>(?<!content="[^"]*)/i);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toContain('\u202e');
  });

  test('adds nothing to Markdown but code', async () => {
    const text = await textOf(folder(), '--format', 'markdown');
    expect(text).toContain('onerror');
    const outside = text.replace(/```mermaid[^]*?```\n/g, '').replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
    expect(outside).not.toMatch(/<img|@team|onerror/);
  });

  test('is text whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: html } = markup`<p title="${text}">${[text, new Markup('<b>')]}</p>`;
        expect(html.match(/[<>"]/g)).toHaveLength(8);
      }),
    );
  });
});

describe('a Secret', () => {
  const VALUE = 'c2VjcmV0LXZhbHVl';
  test.each([
    ['data', { data: { password: VALUE } }],
    ['texts', { stringData: { password: VALUE } }],
    ['text in the place of data', { data: VALUE }],
    ['lists', { data: { password: [VALUE] } }],
    [
      'annotations',
      {
        metadata: {
          name: 'one',
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${VALUE}"}` },
        },
      },
    ],
  ])('shows no value of %s', async (_, fields) => {
    const secret = JSON.parse(objectOf('Secret', fields));
    const list = { apiVersion: 'v1', kind: 'List', metadata: { name: 'all' }, items: [secret] };
    const secrets = {
      apiVersion: 'v1',
      kind: 'SecretList',
      metadata: { name: 'all' },
      items: [{ data: VALUE }],
    };
    const other = JSON.parse(JSON.stringify(secret).replaceAll(VALUE, `${VALUE}Mg`));
    const folder = folderOf({
      'a/list.json.yaml': `${JSON.stringify(list)}\n---\n${JSON.stringify(secrets)}`,
      'b/secret.yaml': JSON.stringify(other),
    });
    for (const format of ['html', 'markdown']) {
      const text = await textOf(join(folder, 'a'), join(folder, 'b'), '--format', format);
      expect(text).not.toContain(VALUE);
    }
    expect(await textOf(join(folder, 'a'))).toContain('(not shown)');
  });
});

describe('a manifest as YAML', () => {
  const form = { key: (key: string) => markup`${key}`, elsewhere: () => undefined };
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        fc.string(),
        fc.stringMatching(/^[ -~\n\t]*$/),
        fc.constantFrom(
          'yes',
          '1e3',
          '0x1',
          '- a',
          'a: b',
          'a #b',
          '::',
          '12:30',
          '2024-01-01',
          '-',
          '~',
          '|',
          '',
        ),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
      ),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('any'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).any;

  test.each(['1.1', '1.2'] as const)('is the same to a reader of YAML %s', (version) => {
    fc.assert(
      fc.property(value, (one) => {
        const object = { kind: 'Any', spec: one };
        const { text } = yamlOf(object, form);
        const shown = parse(plainOf(text), { version, merge: false });
        expect(JSON.stringify(shown)).toBe(JSON.stringify(object));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the connections to a database', () => {
  test.each([Distribution.eks({ loadBalancerCidrs: ['10.0.0.0/20'] }), Distribution.openshift()])(
    'are those that synth counts',
    (distribution) => {
      let counted = 0;
      const manifests = manifestsFor(distribution, (app) => {
        const chart = new Chart(app, 'polls', { namespace: 'polls' });
        const database = new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '1Gi' });
        const polls = new DjangoApp(chart, 'Polls', {
          name: 'polls',
          image: 'registry.example.com/polls:1.4.2',
          settingsModule: 'mysite.settings',
          database,
          scaling: { minReplicas: 2, maxReplicas: 7 },
          processes: 3,
          threads: 2,
        });
        counted = polls.databaseConnections.reduce((sum, { count }) => sum + count, 0);
      });
      const [{ host, takes, openers }] = sumsOf(manifests).databases;
      expect(host).toBe('polls-db');
      expect(takes).toBeGreaterThanOrEqual(counted);
      expect(openers.reduce((sum, { most }) => sum + most, 0)).toBe(counted);
    },
  );
});
