import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { groupedBy } from '../../src/kubernetes/collections';
import { BREACHES, daemonSet, POLICY, ROLE } from '../policy/breaches';
import { type Finding, findingsIn } from './programs';

const ROOT = join(__dirname, '../..');
const DISTRIBUTIONS = ['gke', 'eks', 'aks', 'openshift', 'upstream'];

/** The rows of the table in docs/audits.md: a rule, and the objects that it complains about. */
function listed(): Finding[] {
  const page = readFileSync(join(ROOT, 'docs/audits.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [, rules, objects, reason] = row.split('|');
    expect(reason.trim()).not.toBe('');
    return quoted(rules).flatMap((rule) => quoted(objects).map((object) => ({ rule, object })));
  });
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
}

function sorted(findings: Finding[]): string[] {
  return [...new Set(findings.map(({ rule, object }) => `${rule}: ${object}`))].sort();
}

it.each(DISTRIBUTIONS)('what kube-score and checkov find for %s is listed, and nothing else', (name) => {
  expect(sorted(findingsIn(join(ROOT, 'dist', name)))).toEqual(sorted(listed()));
});

it('finds containers that may run as root, and pods without policies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audits-'));
  try {
    cpSync(join(ROOT, 'dist/upstream'), folder, { recursive: true });
    const path = join(folder, 'polls.k8s.yaml');
    const documents = readFileSync(path, 'utf8').split('\n---\n');
    const open = documents.filter((document) => !document.includes('kind: NetworkPolicy\n'));
    writeFileSync(
      path,
      open.join('\n---\n').replaceAll(/runAsNonRoot: true|runAsUser: \d+/g, 'runAsUser: 0'),
    );
    const found = sorted(findingsIn(folder));
    expect(found).toContain('pod-networkpolicy: Deployment polls');
    expect(found).toContain('CKV_K8S_23: Deployment polls');
    expect(found).toContain('CKV2_K8S_6: Pod polls');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('rules of the policy', () => {
  /** Findings by the name of the object: each breaks the rule of its name. */
  let found: Map<string, string[]>;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'audits-'));
    try {
      const pods = { ...daemonSet({}), kind: 'Deployment' };
      const open = named(JSON.parse(JSON.stringify(pods).replaceAll('"agent"', '"open"')), 'network-policy');
      const breaches = BREACHES.map(([rule, [object]]) => named(object, rule));
      const objects = [...breaches, named(daemonSet({}), 'none'), POLICY, open, named(ROLE, 'wildcard-role')];
      writeFileSync(join(folder, 'all.yaml'), objects.map((object) => stringify(object)).join('---\n'));
      // checkov calls pods of a Deployment by its name and their labels.
      const byName = groupedBy(findingsIn(folder), ({ object }) => object.split(' ')[1]);
      found = new Map([...byName].map(([name, findings]) => [name, findings.map(({ rule }) => rule)]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const page = readFileSync(join(ROOT, 'docs/policy.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const alsoFound = cells.map(([, rule, , ...programs]): [string, string[]] => [
    quoted(rule)[0],
    quoted(programs.join(' ')),
  ]);
  it.each(alsoFound)('%s is also found by %j', (rule, ids) => {
    // checkov alone looks at the path: the socket of Docker.
    const shown = ids.filter((id) => id !== 'CKV_K8S_27');
    expect(found.get(rule)).toEqual(expect.arrayContaining(shown));
    expect(shown.filter((id) => found.get('none')?.includes(id))).toEqual([]);
  });
});

function named(object: any, name: string): any {
  return { ...object, metadata: { ...object.metadata, name } };
}
