import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Distribution } from 'cdk8s-django';
import { documentsOf } from '../every-option/documents';
import { PLATFORMS } from '../every-option/platforms';
import { ROOT } from '../support/typescript';

/** The API groups of every cluster. */
const BUILT_IN = [
  '',
  'admissionregistration.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
];

/** By what the documentation names that which brings the others. */
const NAMED: Record<string, RegExp> = {
  'alb.networking.azure.io': /Application Gateway for Containers/,
  'autoscaling.k8s.io': /VerticalPodAutoscaler/,
  'azmonitoring.coreos.com': /Azure Monitor managed Prometheus/,
  'build.openshift.io': /its own builds/,
  'cert-manager.io': /cert-manager/,
  'cilium.io': /Cilium/,
  'cloud.google.com': /GKE Ingress/,
  'dbforpostgresql.azure.com': /Azure Service Operator/,
  'eks.amazonaws.com': /Auto Mode has its own/,
  'external-secrets.io': /External Secrets Operator/,
  'gateway.k8s.aws': /AWS Load Balancer Controller 3\.0/,
  'gateway.networking.k8s.io': /Gateway API/,
  'grafana.integreatly.org': /Grafana operator/,
  'image.openshift.io': /its own builds/,
  'keda.sh': /KEDA/,
  'monitoring.coreos.com': /Prometheus operator|monitoring of user workloads/,
  'policies.kyverno.io': /Kyverno/,
  'monitoring.googleapis.com': /Managed Service for Prometheus/,
  'networking.gke.io': /GKE Gateway/,
  'networking.k8s.aws': /ApplicationNetworkPolicy/,
  'barmancloud.cnpg.io': /Barman Cloud plugin/,
  'postgresql.cnpg.io': /CloudNativePG/,
  'projectcontour.io': /Contour/,
  'rds.services.k8s.aws': /RDS controller of ACK/,
  'route.openshift.io': /its own router/,
  'secrets-store.csi.x-k8s.io': /Secrets Store CSI driver/,
  'shipwright.io': /Shipwright/,
  'sql.cnrm.cloud.google.com': /Config Connector/,
  'snapshot.storage.k8s.io': /VolumeSnapshots/,
  'velero.io': /Velero/,
};

/** What a column of the table says, by the name of the distribution. */
function columns(): Record<string, string> {
  const text = readFileSync(join(ROOT, 'docs/distributions.md'), 'utf8');
  const [, table] = /<!-- needs:[^>]*-->([\s\S]*?)<!-- end -->/.exec(text)!;
  const [titles, , ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').slice(1, -1));
  const column = (index: number) => rows.map((cells) => cells[index].trim()).join('\n');
  return Object.fromEntries(titles.map((title, index) => [title.trim().toLowerCase(), column(index)]));
}

const groupOf = ({ apiVersion }: any): string => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');

test.each(Object.entries(PLATFORMS))(
  'docs/distributions.md names what the kinds of %s need',
  (title, platform) => {
    const said = columns()[title.split(',')[0]];
    const groups = [...new Set(documentsOf(platform).manifests.map(groupOf))];
    const unnamed = groups.filter((group) => !BUILT_IN.includes(group) && !NAMED[group]?.test(said));
    expect(unnamed).toEqual([]);
  },
);

test('docs/distributions.md names the versions that every cluster must have', () => {
  const said = columns();
  expect(said.for).toMatch(/^everything\n/);
  for (const name of ['gke', 'eks', 'aks', 'openshift', 'upstream']) {
    expect(said[name]).toContain('Kubernetes 1.30 or newer');
  }
  expect(() => Distribution.upstream({ kubernetesVersion: '1.30' })).not.toThrow();
  expect(() => Distribution.upstream({ kubernetesVersion: '1.29' })).toThrow();
});

test.each(Object.entries(PLATFORMS))(
  'docs/distributions.md names each kind of %s that needs rights in the cluster, and what to give instead',
  (_title, platform) => {
    const text = readFileSync(join(ROOT, 'docs/distributions.md'), 'utf8');
    const [, table] = /<!-- rights:[^>]*-->([\s\S]*?)<!-- end -->/.exec(text)!;
    const kinds = documentsOf(platform)
      .manifests.filter(({ metadata }) => metadata.namespace === undefined)
      .map(({ kind }) => kind);
    const unnamed = [...new Set(kinds)].filter(
      (kind) => !new RegExp(`^\\|[^|]*\\b${kind}\\b`, 'm').test(table),
    );
    expect(unnamed).toEqual([]);
  },
);
