import { ApiObject, App, Chart } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  IDistribution,
  ImageBuild,
  ImagePolicy,
  LeastPrivilegeAccess,
  Problems,
  StoredSecret,
} from 'cdk8s-django';
import { VolumeSnapshotBackups } from 'cdk8s-django/backup';
import { ShipwrightBuilds } from 'cdk8s-django/builds';
import { EbsStorage } from 'cdk8s-django/storage';
import { findManifest } from 'cdk8s-django/testing';
import { namesOf } from '../support/manifests';
import { django, IMAGE, postgres } from '../support/synth';

const PASSWORD = { secretName: 'polls-db', key: 'password' };

/** The resources of two charts of one App, each for a cluster of its own. */
function namesIn(make: () => IDistribution, define: (chart: Chart) => void): string[][] {
  const app = new App();
  const charts = ['first', 'second'].map((id) => {
    const chart = new Chart(app, id, { namespace: 'polls' });
    Distribution.bind(chart, make());
    define(chart);
    return chart;
  });
  return charts.map((chart) => namesOf(chart.toJson()));
}

describe('each of two clusters that one App is for', () => {
  it.each<[string, () => IDistribution, (chart: Chart) => void]>([
    [
      'StorageClass gp3',
      () => Distribution.eks({ storage: new EbsStorage() }),
      (chart) => postgres(chart, { password: PASSWORD }),
    ],
    [
      'VolumeSnapshotClass database-backup',
      () => Distribution.upstream({ backup: new VolumeSnapshotBackups({ driver: 'rbd.csi.ceph.com' }) }),
      (chart) => {
        const database = postgres(chart, { password: PASSWORD, pythonImage: IMAGE });
        new DatabaseBackup(chart, 'Backup', { database, schedule: '0 3 * * *' });
      },
    ],
    [
      'RoleBinding image-pullers-of-polls',
      () => Distribution.openshift(),
      (chart) =>
        django(chart, { image: 'image-registry.openshift-image-registry.svc:5000/images/polls:1.4.2' }),
    ],
    [
      'SecretStore secret-store',
      () => Distribution.eks({ region: 'eu-west-1' }),
      (chart) => new StoredSecret(chart, 'Key', { name: 'polls-key', keys: { key: { secret: 'polls' } } }),
    ],
  ])('has a %s', (name, make, define) => {
    const [first, second] = namesIn(make, define);
    expect(first).toContain(name);
    expect(second).toContain(name);
  });

  it('holds its own images to its policy, and not those of the other', () => {
    const app = new App();
    const held = new Chart(app, 'held', { namespace: 'polls' });
    Distribution.bind(held, Distribution.upstream());
    new ImagePolicy(held, 'Images');
    const free = new Chart(app, 'free', { namespace: 'polls' });
    Distribution.bind(free, Distribution.openshift());
    django(free);
    expect(Problems.of(app)).toEqual([]);
    django(held);
    expect(Problems.of(app).map(({ path }) => path)).toContain('held/Polls/Deployment');
  });

  it('gives deployers the kinds of its own manifests alone', () => {
    const app = new App();
    const plain = new Chart(app, 'plain', { namespace: 'polls' });
    Distribution.bind(plain, Distribution.upstream());
    new LeastPrivilegeAccess(plain, 'Access', { app: django(plain), deployers: ['pipeline'] });
    const other = new Chart(app, 'other', { namespace: 'polls' });
    Distribution.bind(other, Distribution.openshift());
    new ApiObject(other, 'Lease', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
    const { rules } = findManifest(plain.toJson(), 'Role', 'polls-deployer');
    const groups = rules.flatMap(({ apiGroups }: any) => apiGroups);
    expect(groups).toContain('apps');
    expect(groups).not.toContain('coordination.k8s.io');
  });

  it('may build in a namespace that the other restricts', () => {
    const app = new App();
    const restricted = new Chart(app, 'restricted', { namespace: 'images' });
    Distribution.bind(restricted, Distribution.upstream());
    new LeastPrivilegeAccess(restricted, 'Access', { app: django(restricted) });
    const building = new Chart(app, 'building', { namespace: 'images' });
    Distribution.bind(
      building,
      Distribution.upstream({ builds: new ShipwrightBuilds({ repository: 'registry.example.com/polls' }) }),
    );
    new ImageBuild(building, 'Build', {
      name: 'polls',
      source: { url: 'https://git.example.com/polls.git' },
      version: '1.4.2',
    });
    expect(() => app.synthYaml()).not.toThrow();
  });
});

it('has what a cluster shares once, wherever in the App', () => {
  const app = new App();
  const distribution = Distribution.eks({ storage: new EbsStorage() });
  const charts = ['first', 'second'].map((id) => {
    const chart = new Chart(app, id, { namespace: id });
    Distribution.bind(chart, distribution);
    postgres(chart, { password: PASSWORD });
    return chart;
  });
  const [first, second] = charts.map((chart) => namesOf(chart.toJson()));
  expect(first).toContain('StorageClass gp3');
  expect(second).not.toContain('StorageClass gp3');
});
