import { DjangoAppProps } from 'cdk8s-django';
import { sample } from '../support/distributions';
import { configOf, djangoManifests, find, postgres, startingWith, synth, django } from '../support/synth';

const shared: Partial<DjangoAppProps> = {
  media: { mountPath: '/app/media', size: '10Gi', storageClassName: 'nfs' },
};
const single: Partial<DjangoAppProps> = {
  media: { mountPath: '/app/media', size: '10Gi', accessMode: 'ReadWriteOnce' },
};

describe('a media volume', () => {
  it('is one that many nodes mount', () => {
    expect(find(djangoManifests(shared), 'PersistentVolumeClaim', 'polls-media').spec).toEqual({
      accessModes: ['ReadWriteMany'],
      storageClassName: 'nfs',
      resources: { requests: { storage: '10Gi' } },
    });
  });

  it('is mounted by all pods of the application, and told to its settings', () => {
    const manifests = synth((chart) => django(chart, { ...shared, database: postgres(chart) }));
    const specs = [
      find(manifests, 'Deployment', 'polls').spec.template.spec,
      startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec,
    ];
    for (const { volumes, containers } of specs) {
      expect(volumes).toContainEqual({ name: 'media', persistentVolumeClaim: { claimName: 'polls-media' } });
      expect(containers[0].volumeMounts).toContainEqual({ name: 'media', mountPath: '/app/media' });
    }
    expect(configOf(manifests)).toMatchObject({
      CDK8S_DJANGO_MEDIA_ROOT: '/app/media',
      CDK8S_DJANGO_SERVE_MEDIA: 'true',
    });
  });

  it('belongs to the group of the processes, without a visit of every file at each start', () => {
    const { securityContext } = find(djangoManifests(shared), 'Deployment', 'polls').spec.template.spec;
    expect(securityContext).toMatchObject({ fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' });
  });

  it('has its group chosen by OpenShift', () => {
    const manifests = djangoManifests(shared, sample('openshift'));
    expect(find(manifests, 'Deployment', 'polls').spec.template.spec.securityContext).not.toHaveProperty(
      'fsGroup',
    );
  });

  it('of one node has one instance, which ends before the next begins', () => {
    const { spec } = find(djangoManifests(single), 'Deployment', 'polls');
    expect(spec.replicas).toBe(1);
    expect(spec.strategy).toEqual({ type: 'Recreate' });
  });

  it.each([
    ['gke', 'standard-rwo'],
    ['eks', 'gp2'],
    ['aks', 'managed-csi'],
    ['openshift', undefined],
    ['upstream', undefined],
  ])('of one node on %s is of the class %s', (name, storageClassName) => {
    const claim = find(djangoManifests(single, sample(name)), 'PersistentVolumeClaim', 'polls-media');
    expect(claim.spec.storageClassName).toBe(storageClassName);
    expect(claim.spec.accessModes).toEqual(['ReadWriteOnce']);
  });

  it('of many nodes takes the class that AKS has for it', () => {
    const media = { mountPath: '/media', size: '1Gi' };
    const claim = find(djangoManifests({ media }, sample('aks')), 'PersistentVolumeClaim', 'polls-media');
    expect(claim.spec.storageClassName).toBe('azurefile-csi');
  });
});
