import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const TITLES: Record<string, string> = {
  gke: 'GKE',
  eks: 'EKS',
  aks: 'AKS',
  openshift: 'OpenShift',
  upstream: 'upstream',
};
const ROUTING = ['gateway.networking.k8s.io', 'networking.gke.io', 'route.openshift.io', 'networking.k8s.io'];
const MONITORING = ['monitoring.coreos.com', 'azmonitoring.coreos.com', 'monitoring.googleapis.com'];

function documents(distribution: string): any[] {
  const folder = join(ROOT, 'dist', distribution);
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJSON()),
  );
}

/** The kinds of some API groups, each once, in the plural when there are several. */
function kinds(manifests: any[], groups: string[]): string {
  const found = manifests
    .filter(({ apiVersion, kind }) => groups.includes(apiVersion.split('/')[0]) && kind !== 'NetworkPolicy')
    .map(({ kind }) => kind);
  const plural = (kind: string) => (found.filter((other) => other === kind).length > 1 ? `${kind}s` : kind);
  return [...new Set(found)].map(plural).join(', ');
}

function row(distribution: string): string[] {
  const manifests = documents(distribution);
  const claim = manifests.find(({ kind }) => kind === 'StatefulSet').spec.volumeClaimTemplates[0];
  const { securityContext } = manifests.find(({ kind }) => kind === 'Deployment').spec.template.spec;
  return [
    TITLES[distribution],
    kinds(manifests, ROUTING),
    kinds(manifests, MONITORING),
    claim.spec.storageClassName ?? "the cluster's default",
    securityContext.runAsUser === undefined
      ? "from the namespace's range"
      : String(securityContext.runAsUser),
    String(manifests.length),
  ];
}

test('the table of the README is what dist/ holds', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const lines = /<!-- table:[^>]*-->([\s\S]*?)<!-- end -->/.exec(readme)![1].trim().split('\n');
  const shown = lines.slice(2).map((line) => line.split('|').slice(1, -1));
  expect(shown.map((cells) => cells.map((cell) => cell.trim()))).toEqual(Object.keys(TITLES).map(row));
});
