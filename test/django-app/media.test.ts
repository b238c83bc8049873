import { DjangoAppProps, VolumeAccessMode } from 'cdk8s-django';
import { sample } from '../support/distributions';
import { configOf, djangoManifests, find, postgres, startingWith, synth, django } from '../support/synth';

const shared: Partial<DjangoAppProps> = {
  media: { mountPath: '/app/media', size: '10Gi', storageClassName: 'nfs' },
};
const single: Partial<DjangoAppProps> = {
  media: { mountPath: '/app/media', size: '10Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE },
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
    expect(configOf(manifests)).toMatchObject({ CDK8S_DJANGO_MEDIA_ROOT: '/app/media' });
  });

  it('is served to everybody only when the program asks for it [F31]', () => {
    const served = (serve?: boolean) =>
      configOf(djangoManifests({ media: { ...shared.media!, serve } })).CDK8S_DJANGO_SERVE_MEDIA;
    expect([served(), served(false), served(true)]).toEqual([undefined, undefined, 'true']);
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

  it('of one node has one replica, which ends before the next begins', () => {
    const { spec } = find(djangoManifests(single), 'Deployment', 'polls');
    expect(spec.replicas).toBe(1);
    expect(spec.strategy).toEqual({ type: 'Recreate' });
  });

  it('of one node has its Jobs on the node of the replica, which holds the volume that they need', () => {
    const manifests = synth((chart) => {
      const scheduling = { zones: ['a'], nodePool: 'web' };
      const app = django(chart, { ...single, scheduling, database: postgres(chart) });
      app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
      app.addSessionClearing();
    }, sample('gke'));
    const instances = find(manifests, 'Deployment', 'polls').spec.template.spec;
    const { labels } = find(manifests, 'Deployment', 'polls').spec.template.metadata;
    const jobs = [
      startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec,
      startingWith(manifests, 'Job', 'polls-countries').spec.template.spec,
      find(manifests, 'CronJob', 'polls-clearsessions').spec.jobTemplate.spec.template.spec,
    ];
    for (const { affinity, nodeSelector, tolerations } of jobs) {
      const [term, ...others] = affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
      expect(others).toEqual([]);
      expect(term.topologyKey).toBe('kubernetes.io/hostname');
      expect(labels).toMatchObject(term.labelSelector.matchLabels);
      // The same nodes as the replica's, where that is the only one that can have the volume.
      expect(affinity.nodeAffinity).toEqual(instances.affinity.nodeAffinity);
      expect({ nodeSelector, tolerations }).toEqual({
        nodeSelector: instances.nodeSelector,
        tolerations: instances.tolerations,
      });
    }
  });

  it('of many nodes leaves its Jobs free', () => {
    const manifests = synth((chart) => django(chart, { ...shared, database: postgres(chart) }));
    const { spec } = startingWith(manifests, 'Job', 'polls-migrate').spec.template;
    expect(spec).not.toHaveProperty('affinity');
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
