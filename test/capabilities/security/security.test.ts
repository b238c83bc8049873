import { NamespaceRangeSecurity, RestrictedSecurity } from 'cdk8s-django/security';
import { SAMPLES } from '../../support/distributions';
import { containersOf, podsIn } from '../../support/manifests';
import { django, everything, synth } from '../../support/synth';

/** Every construct, with a volume for uploads too. */
const pods = (make: (typeof SAMPLES)[number]['make']) =>
  podsIn(
    synth((chart) => {
      everything(chart);
      const media = { mountPath: '/media', size: '1Gi', storageClassName: 'nfs' };
      const shop = django(chart, { name: 'shop', media, migrate: true, asgiModule: 'shop.asgi' }, 'Shop');
      shop.addCommand({ name: 'load', command: ['loaddata', 'countries'] });
      shop.addSessionClearing();
      shop.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
      shop.addSecretKeyRotation();
    }, make()),
  );

describe.each(SAMPLES)('pods on $name', ({ name, make }) => {
  it('are those of the application, its Jobs, its database and its secrets', () => {
    expect(pods(make).map(({ owner }) => owner.replace(/-[0-9a-f]{10}$/, ''))).toEqual([
      'Job polls-db-secret',
      'StatefulSet polls-db',
      'Job polls-secret',
      'Job polls-migrate',
      'Deployment polls',
      'Job shop-secret',
      'CronJob shop-key-prepare',
      'CronJob shop-key-rotate',
      'Job shop-migrate',
      'Deployment shop',
      'Job shop-load',
      'CronJob shop-clearsessions',
      'Job shop-superuser',
    ]);
  });

  it('pass Pod Security restricted', () => {
    for (const pod of pods(make)) {
      expect(pod.spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.spec).not.toHaveProperty('hostNetwork');
      expect(pod.spec).not.toHaveProperty('hostPID');
      expect(pod.spec).not.toHaveProperty('hostIPC');
      const kinds = pod.spec.volumes.map((volume: any) => Object.keys(volume).find((key) => key !== 'name'));
      for (const kind of kinds)
        expect(['configMap', 'emptyDir', 'persistentVolumeClaim', 'projected']).toContain(kind);
    }
  });

  it('have containers without privileges and with a read-only root', () => {
    const containers = pods(make).flatMap(containersOf);
    expect(containers.length).toBeGreaterThanOrEqual(10);
    for (const { securityContext } of containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      });
    }
  });

  it('can write to /tmp, unless they write nothing', () => {
    const [silent, others] = [true, false].map((isSilent) =>
      pods(make).filter(({ owner }) => /-(secret|key)-/.test(owner) === isSilent),
    );
    expect([silent.length, others.length]).toEqual([5, 8]);
    for (const pod of others) {
      expect(pod.spec.volumes).toContainEqual({ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } });
      for (const { volumeMounts } of containersOf(pod)) {
        expect(volumeMounts).toContainEqual({ name: 'tmp', mountPath: '/tmp' });
      }
    }
    for (const { spec } of silent) expect(spec.volumes.map(({ name }: any) => name)).toEqual(['runtime']);
  });

  it('mount only volumes that they have, and have none that they do not mount', () => {
    for (const pod of pods(make)) {
      const claims = pod.kind === 'StatefulSet' ? ['data'] : [];
      const has = [...pod.spec.volumes.map((volume: any) => volume.name), ...claims].sort();
      const mounts = containersOf(pod).flatMap(({ volumeMounts }) =>
        volumeMounts.map((mount: any) => mount.name),
      );
      expect([...new Set(mounts)].sort()).toEqual(has);
    }
  });

  it('have no API token, but for those that fill a Secret, and those that run once and ask for their release', () => {
    const all = pods(make);
    const withToken = all.filter(({ spec }) => spec.automountServiceAccountToken !== false);
    expect(all.length).toBeGreaterThan(withToken.length);
    expect(withToken.map(({ spec }) => spec.serviceAccountName)).toEqual([
      'polls-db-secret',
      'polls-secret',
      'polls',
      'shop-secret',
      'shop-secret',
      'shop-secret',
      'shop',
      'shop',
      'shop',
    ]);
    const kinds = withToken.filter(({ spec }) => ['polls', 'shop'].includes(spec.serviceAccountName));
    expect(kinds.map(({ spec }) => spec.containers[0].name)).toEqual([
      'migrate',
      'migrate',
      'command',
      'create-superuser',
    ]);
  });

  it('have ServiceAccounts of their own, which give no token by themselves', () => {
    const manifests = synth((chart) => everything(chart), make());
    const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount');
    for (const { automountServiceAccountToken } of accounts) expect(automountServiceAccountToken).toBe(false);
    const names = accounts.map(({ metadata }) => metadata.name);
    for (const { spec } of podsIn(manifests)) expect(names).toContain(spec.serviceAccountName);
  });

  it('get no variable for each Service of the namespace', () => {
    for (const { spec } of pods(make)) expect(spec.enableServiceLinks).toBe(false);
  });

  it('ask for CPU and memory, and end at a memory limit', () => {
    for (const pod of pods(make)) {
      for (const { resources } of containersOf(pod)) {
        expect(resources.requests.cpu).toMatch(/^\d/);
        expect(resources.requests.memory).toMatch(/^\d/);
        expect(resources.limits.memory).toMatch(/^\d/);
      }
    }
  });

  it(
    name === 'openshift' ? 'leave users and groups to the platform' : 'run as a user who is not root',
    () => {
      for (const { spec } of pods(make)) {
        const { runAsUser, runAsGroup, fsGroup } = spec.securityContext;
        if (name === 'openshift')
          expect([runAsUser, runAsGroup, fsGroup]).toEqual([undefined, undefined, undefined]);
        else expect([runAsUser, runAsGroup]).toEqual([expect.any(Number), runAsUser]);
        expect(runAsUser).not.toBe(0);
      }
      const users = pods(make)
        .flatMap(containersOf)
        .map(({ securityContext }) => securityContext.runAsUser);
      expect(new Set(users)).toEqual(new Set([undefined]));
    },
  );
});

describe('security contexts', () => {
  it('have the user and group that a construct names', () => {
    expect(new RestrictedSecurity().podSecurityContext({ id: 1234 })).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      runAsUser: 1234,
      runAsGroup: 1234,
    });
  });

  it('give volumes to the group only when the pod owns some', () => {
    const context = new RestrictedSecurity().podSecurityContext({ id: 1234, ownsVolumes: true });
    expect(context).toMatchObject({ fsGroup: 1234, fsGroupChangePolicy: 'OnRootMismatch' });
  });

  it('name nobody where the platform has a range for each namespace', () => {
    expect(new NamespaceRangeSecurity().podSecurityContext({ id: 1234, ownsVolumes: true })).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });
});
