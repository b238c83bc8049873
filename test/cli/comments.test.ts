import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { loadAll } from 'js-yaml';
import { parseAllDocuments } from 'yaml';
import { folderOf } from './support/project';
import { outcomeOf } from './support/terminal';

const DIST = join(__dirname, '../../dist');
const FILES = readdirSync(DIST).flatMap((name) =>
  readdirSync(join(DIST, name))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(name, file)),
);

const commented = (file: string) => outcomeOf(['comment', file]);
const isComment = (line: string) => /^\s*# /.test(line);

describe('comment', () => {
  it('is tried with the manifests of all platforms', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(10);
  });

  it.each(FILES)('adds lines of comments alone to %s', async (file) => {
    const text = readFileSync(join(DIST, file), 'utf8');
    const { code, output, errors } = await commented(join(DIST, file));
    expect([code, errors]).toEqual([0, '']);
    const before = text.split('\n').filter((line) => !isComment(line));
    expect(output.split('\n').filter((line) => !isComment(line))).toEqual(before);
    expect(output.split('\n').filter(isComment).length).toBeGreaterThan(5);
    // Programs in ConfigMaps have lines with that sign too: the values say whether these stayed.
    expect(loadAll(output)).toEqual(loadAll(text));
    const values = (yaml: string) => [...parseAllDocuments(yaml)].map((document) => document.toJS());
    expect(values(output)).toEqual(values(text));
  });

  it.each(['a\n\n', 'a\n', 'a', '\n'])('keeps the ends of lines of the last value: %j', async (value) => {
    const text = Yaml.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data: { value } });
    const folder = folderOf({ 'a.yaml': text });
    expect(loadAll((await commented(join(folder, 'a.yaml'))).output)).toEqual(loadAll(text));
  });

  it('has the reason and its source before the field', async () => {
    const { output } = await commented(join(DIST, 'upstream/polls.k8s.yaml'));
    expect(output).toMatch(
      /\n {6}# Otherwise each Service of the namespace adds.*\n {6}# https:\/\/kubernetes\.io\/docs\/.*\n {6}enableServiceLinks: false\n/,
    );
  });

  it('has each reason once in an object, and those of all kinds once', async () => {
    const folder = folderOf({
      'a.yaml': [
        'apiVersion: apps/v1',
        'kind: Deployment',
        'metadata: { name: a }',
        'spec:',
        '  paused: true',
        '  template:',
        '    spec:',
        '      containers:',
        '        - name: web',
        '          terminationMessagePolicy: FallbackToLogsOnError',
        '        - name: beside',
        '          terminationMessagePolicy: FallbackToLogsOnError',
        '---',
        'apiVersion: v1',
        'kind: Secret',
        'metadata: { name: b }',
        'type: Opaque',
        '',
      ].join('\n'),
    });
    const { output } = await commented(join(folder, 'a.yaml'));
    expect(output.match(/# A container that ends with an error/g)).toHaveLength(1);
    expect(output.match(/# Both name the schema/g)).toHaveLength(1);
    // Before the dash of the item, not within it.
    expect(output).toMatch(/\n {8}# It says what the container does\..*\n {8}# https.*\n {8}- name: web\n/);
    expect(output).toContain('spec:\n  paused: true\n');
    expect(loadAll(output)).toHaveLength(2);
  });

  it('is given wrongly without a file of manifests', async () => {
    expect(await commented(DIST)).toMatchObject({
      code: 2,
      errors: `cdk8s-django: ${DIST} is not a file. Give one of manifests, such as dist/upstream/polls.k8s.yaml.\n`,
    });
    const folder = folderOf({ 'a.yaml': 'a: [' });
    expect(await commented(join(folder, 'a.yaml'))).toMatchObject({
      code: 1,
      errors: expect.stringContaining('a.yaml is not YAML: '),
    });
  });
});
