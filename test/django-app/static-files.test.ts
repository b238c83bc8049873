import { DjangoAppProps, VolumeAccessMode } from 'cdk8s-django';
import { configOf, django, djangoManifests, find, postgres, startingWith, synth } from '../support/synth';

const SHARED: Partial<DjangoAppProps> = {
  media: {
    mountPath: '/media',
    size: '1Gi',
    accessMode: VolumeAccessMode.READ_WRITE_MANY,
    storageClassName: 'shared',
  },
};
const KEEPING: Partial<DjangoAppProps> = { ...SHARED, settingsOverlay: { keepStatic: true } };
const podOf = (manifests: any[]) => find(manifests, 'Deployment', 'polls').spec.template.spec;

describe('static files of other releases', () => {
  it('are no concern of a pod unless that is asked for', () => {
    const manifests = djangoManifests(SHARED);
    expect(podOf(manifests).initContainers).toBeUndefined();
    expect(configOf(manifests)).not.toHaveProperty('CDK8S_DJANGO_KEEP_STATIC');
  });

  it('are served from where each pod copies those of its image, before it waits for the schema', () => {
    const manifests = synth((chart) => django(chart, { ...KEEPING, database: postgres(chart) }));
    const [keep, wait, ...others] = podOf(manifests).initContainers;
    expect(others).toEqual([]);
    expect(wait.name).toBe('wait-for-schema');
    expect(keep.name).toBe('keep-static');
    expect(keep.command).toEqual(['python', '-m', 'cdk8s_django.keep_static']);
    expect(keep.volumeMounts).toContainEqual({ name: 'media', mountPath: '/media' });
    expect(keep.envFrom).toEqual([{ configMapRef: { name: 'polls' } }]);
    expect(configOf(manifests).CDK8S_DJANGO_KEEP_STATIC).toBe('true');
  });

  it('are not copied by a migration', () => {
    const manifests = synth((chart) => django(chart, { ...KEEPING, database: postgres(chart) }));
    const migration = startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec;
    expect(migration.initContainers).toBeUndefined();
  });
});
