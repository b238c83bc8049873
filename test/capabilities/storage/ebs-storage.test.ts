import { Chart } from 'cdk8s';
import { Distribution, VolumeAccessMode } from 'cdk8s-django';
import { CloudNativePostgres, RdsPostgres } from 'cdk8s-django/postgres';
import { EbsStorage, EbsStorageProps, ReclaimPolicy } from 'cdk8s-django/storage';
import { manifestsFor } from 'cdk8s-django/testing';
import { namesOf } from '../../support/manifests';
import { django, errorOf, find, postgres, synth } from '../../support/synth';

const eks = (props?: EbsStorageProps) => Distribution.eks({ storage: new EbsStorage(props) });
const made = (props?: EbsStorageProps) =>
  synth((chart) => postgres(chart, { password: PASSWORD }), eks(props));
const PASSWORD = { secretName: 'polls-db', key: 'password' };
const MEDIA = { mountPath: '/media', size: '1Gi' };

describe('the StorageClass of EKS', () => {
  it('is made with the first volume, encrypted and of type gp3, and belongs to no namespace', () => {
    expect(find(made(), 'StorageClass', 'gp3')).toEqual({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'gp3', labels: { 'app.kubernetes.io/managed-by': 'cdk8s-django' } },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', encrypted: 'true' },
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    });
    const [claim] = find(made(), 'StatefulSet', 'polls-db').spec.volumeClaimTemplates;
    expect(claim.spec.storageClassName).toBe('gp3');
  });

  it('takes all props', () => {
    const all: Required<EbsStorageProps> = {
      autoMode: true,
      storageClassName: 'auto-ebs',
      sharedStorageClassName: 'efs',
      reclaimPolicy: ReclaimPolicy.RETAIN,
    };
    expect(find(made(all), 'StorageClass', 'auto-ebs')).toMatchObject({
      provisioner: 'ebs.csi.eks.amazonaws.com',
      reclaimPolicy: 'Retain',
    });
    const shared = synth((chart) => django(chart, { media: MEDIA }), eks(all));
    expect(find(shared, 'PersistentVolumeClaim', 'polls-media').spec.storageClassName).toBe('efs');
    expect(namesOf(shared).join()).not.toContain('StorageClass');
  });

  it('is made once for all charts', () => {
    const manifests = manifestsFor(eks(), (app) => {
      for (const id of ['first', 'second']) {
        const chart = new Chart(app, id, { namespace: id });
        postgres(chart, { password: PASSWORD });
        django(chart, { media: { ...MEDIA, accessMode: VolumeAccessMode.READ_WRITE_ONCE } });
      }
    });
    expect(manifests.filter(({ kind }) => kind === 'StorageClass')).toHaveLength(1);
    const claims = manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(claims.map(({ spec }) => spec.storageClassName)).toEqual(['gp3', 'gp3']);
  });

  it('is that of a Cluster of CloudNativePG too', () => {
    const distribution = Distribution.eks({ storage: new EbsStorage(), postgres: new CloudNativePostgres() });
    const manifests = synth((chart) => postgres(chart), distribution);
    expect(find(manifests, 'Cluster', 'polls-db').spec.storage.storageClass).toBe('gp3');
    expect(namesOf(manifests)).toContain('StorageClass gp3');
  });

  it('is not made where no volume is of it', () => {
    const named = synth((chart) => postgres(chart, { password: PASSWORD, storageClassName: 'fast' }), eks());
    expect(namesOf(named).join()).not.toContain('StorageClass');
    const rds = new RdsPostgres({
      servers: { 'polls-db': { host: 'db.internal' } },
      certificatePath: '/ca.pem',
    });
    const distribution = Distribution.eks({ storage: new EbsStorage(), postgres: rds });
    expect(synth((chart) => postgres(chart, { password: PASSWORD }), distribution)).toEqual([]);
    expect(
      namesOf(synth((chart) => postgres(chart, { password: PASSWORD }), Distribution.eks())).join(),
    ).not.toContain('StorageClass');
  });

  it('has a policy that there is', () => {
    const define = (chart: Chart) => postgres(chart, { password: PASSWORD });
    expect(errorOf(define, eks({ reclaimPolicy: 'Keep' as any }))).toBe(
      'polls/Database: storage.reclaimPolicy "Keep" is not a policy. Use "Delete" or "Retain".',
    );
  });
});

describe('a volume that many nodes would mount', () => {
  it.each([
    ['gke', Distribution.gke()],
    ['eks', Distribution.eks()],
    ['openshift', Distribution.openshift()],
    ['upstream', Distribution.upstream()],
  ])('has no class on %s, where an error says what to use instead', (name, distribution) => {
    expect(errorOf((chart) => django(chart, { media: MEDIA }), distribution)).toBe(
      `polls/Polls: media.storageClassName (not given) is needed: no class for "ReadWriteMany" is known on ${name}. ` +
        'Use mediaBucket, or name a StorageClass that many nodes can mount, such as one of Filestore (GKE), EFS (EKS) ' +
        'or CephFS; with one replica, accessMode "ReadWriteOnce" will do.',
    );
  });
});
