import { Chart } from 'cdk8s';
import { DatabaseBackup, IDistribution, LeastPrivilegeAccess } from 'cdk8s-django';
import { CloudNativePostgresBackups } from 'cdk8s-django/backup';
import { ArgoCdAnnotations, FluxAnnotations, HelmAnnotations } from 'cdk8s-django/gitops';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { SAMPLES } from '../support/distributions';
import { django, find, postgres, synth } from '../support/synth';

/* The operator deletes the volumes of a Cluster with it, so an engine that prunes must leave it. */

const keys = {
  accessKeyId: { secretName: 'keys', key: 'id' },
  secretAccessKey: { secretName: 'keys', key: 'secret' },
};
const objectStore = { destination: 's3://acme/polls', endpoint: 'https://minio.example.com', keys };

function operated(make: () => IDistribution): IDistribution {
  const parts = {
    postgres: new CloudNativePostgres(),
    backup: new CloudNativePostgresBackups({ objectStore }),
  };
  return Object.assign(Object.create(make()), parts);
}

function fill(chart: Chart): void {
  const database = postgres(chart);
  new DatabaseBackup(chart, 'Backup', { database, schedule: '0 3 * * *' });
  const app = django(chart, { database });
  new LeastPrivilegeAccess(chart, 'Access', { app, deployers: ['deployers'] });
}

describe.each(SAMPLES)('a database of CloudNativePG on $name', ({ make }) => {
  it.each([
    ['Argo CD', new ArgoCdAnnotations(), 'argocd.argoproj.io/sync-options', 'Prune=false,Delete=false'],
    ['Flux', new FluxAnnotations(), 'kustomize.toolkit.fluxcd.io/prune', 'disabled'],
    ['Helm', new HelmAnnotations(), 'helm.sh/resource-policy', 'keep'],
  ])('is left by %s when it is pruned, with what its archive needs', (_engine, mixin, annotation, value) => {
    const manifests = synth((chart) => {
      fill(chart);
      chart.with(mixin);
    }, operated(make));
    for (const kind of ['Cluster', 'ObjectStore']) {
      expect(find(manifests, kind, 'polls-db').metadata.annotations).toMatchObject({ [annotation]: value });
    }
    const { annotations = {} } = manifests.find(({ kind }) => kind === 'ScheduledBackup').metadata;
    expect(annotations[annotation]).toBeUndefined();
  });

  it('is not deleted by those who apply the manifests', () => {
    const roles = synth(fill, operated(make)).filter(({ kind }) => kind === 'Role');
    const rules = roles
      .flatMap((role) => role.rules)
      .filter(({ resources }: any) => resources.includes('clusters'));
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter(({ verbs }: any) => verbs.includes('delete'))).toEqual([]);
  });
});
