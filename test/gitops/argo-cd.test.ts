import { ApiObject } from 'cdk8s';
import { Distribution, IDistribution, StoredSecret, VolumeAccessMode } from 'cdk8s-django';
import { ArgoCdAnnotations } from 'cdk8s-django/gitops';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { MODES, allOptions } from '../capabilities/admission/modes';
import { SAMPLES, sample } from '../support/distributions';
import { containersOf, podsIn } from '../support/manifests';
import { chartOn, django, errorOf, find, findAll, postgres, startingWith, synth } from '../support/synth';
import { asKept, busyChart, mixedIn, without } from './support';

const WAVE = 'argocd.argoproj.io/sync-wave';
const OPTIONS = 'argocd.argoproj.io/sync-options';
const waveOf = (manifest: any) => Number(manifest.metadata.annotations?.[WAVE]);
const annotated = (distribution: IDistribution) => synth(mixedIn(new ArgoCdAnnotations()), distribution);

describe.each(SAMPLES)('waves on $name', ({ make }) => {
  const manifests = annotated(make());
  const waveIn = (kind: string, name: string) => waveOf(find(manifests, kind, name));

  it('are all that a program with them differs in', () => {
    expect(without('argocd.argoproj.io/', manifests)).toEqual(synth(busyChart, make()).map(asKept));
  });

  it('are given to everything', () => {
    expect(manifests.filter((manifest) => !(waveOf(manifest) >= 0))).toEqual([]);
  });

  it('let each pod come after what it reads, is, and mounts', () => {
    for (const { owner, spec } of podsIn(manifests)) {
      const [kind, name] = owner.split(' ');
      const wave = waveIn(kind, name);
      const needed = [
        ['ServiceAccount', spec.serviceAccountName],
        ...containersOf({ spec } as any).flatMap(({ envFrom = [] }) =>
          envFrom.map(({ configMapRef }: any) => ['ConfigMap', configMapRef.name]),
        ),
        ...(spec.volumes ?? []).flatMap(({ configMap, projected, persistentVolumeClaim }: any) => [
          ...(configMap ? [['ConfigMap', configMap.name]] : []),
          ...(projected?.sources ?? []).flatMap((source: any) =>
            source.configMap ? [['ConfigMap', source.configMap.name]] : [],
          ),
          ...(persistentVolumeClaim ? [['PersistentVolumeClaim', persistentVolumeClaim.claimName]] : []),
        ]),
      ];
      for (const [neededKind, neededName] of needed) {
        expect([owner, neededKind, waveIn(neededKind, neededName) <= wave]).toEqual([
          owner,
          neededKind,
          true,
        ]);
      }
    }
  });

  it('make Secrets before the database, it before the migration, that before the replicas', () => {
    const order = [
      waveIn('Namespace', 'polls'),
      waveOf(startingWith(manifests, 'Job', 'polls-db-secret')),
      waveIn('StatefulSet', 'polls-db'),
      waveOf(startingWith(manifests, 'Job', 'polls-migrate')),
      waveIn('Deployment', 'polls'),
      waveIn('HorizontalPodAutoscaler', 'polls'),
    ];
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('have the router, the monitor, the budget and the schedules last', () => {
    const route = manifests.filter(({ kind }) => /^(HTTPRoute|Ingress|Route|Gateway)$/.test(kind));
    const monitor = manifests.filter(({ kind }) => /Monitor/.test(kind));
    expect(route.length * monitor.length).toBeGreaterThan(0);
    const others = [...findAll(manifests, 'PodDisruptionBudget'), ...findAll(manifests, 'CronJob')];
    expect(new Set([...route, ...monitor, ...others].map(waveOf))).toEqual(new Set([5]));
  });

  it('never wait for a volume that waits for its first pod', () => {
    const migration = startingWith(manifests, 'Job', 'polls-migrate');
    expect(waveIn('PersistentVolumeClaim', 'polls-media')).toBe(waveOf(migration));
    expect(waveIn('PersistentVolumeClaim', 'shop-media')).toBe(waveIn('Deployment', 'shop'));
  });

  it('never wait for a Job that waits for a pod of a later wave', () => {
    const media = { mountPath: '/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE };
    const single = synth((chart) => {
      django(chart, { database: postgres(chart), media, replicas: 1 }).addSessionClearing();
      chart.with(new ArgoCdAnnotations());
    }, make());
    const instances = find(single, 'Deployment', 'polls');
    const migration = startingWith(single, 'Job', 'polls-migrate');
    const [term] =
      migration.spec.template.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(instances.spec.template.metadata.labels).toMatchObject(term.labelSelector.matchLabels);
    const claim = find(single, 'PersistentVolumeClaim', 'polls-media');
    expect([migration, instances, claim].map(waveOf)).toEqual([4, 4, 4]);
    expect(waveOf(startingWith(single, 'Job', 'polls-db-secret'))).toBe(1);
  });

  it('have commands that run once where nothing waits for them', () => {
    const commands = ['polls-countries', 'polls-superuser'].map((name) =>
      startingWith(manifests, 'Job', name),
    );
    expect(commands.map(waveOf)).toEqual([5, 5]);
  });
});

describe('what Argo CD trips over', () => {
  const manifests = annotated(sample('upstream'));

  it('is not there: hooks, Jobs that vanish, numbers of replicas that an autoscaler owns', () => {
    const annotations = manifests.flatMap(({ metadata }) => Object.keys(metadata.annotations ?? {}));
    expect(annotations.filter((name) => /hook/.test(name))).toEqual([]);
    expect(findAll(manifests, 'Job').filter(({ spec }) => 'ttlSecondsAfterFinished' in spec)).toEqual([]);
    expect(find(manifests, 'Deployment', 'polls').spec).not.toHaveProperty('replicas');
  });

  it('is what holds data and would be pruned: it is kept, and nothing else is', () => {
    const kept = manifests.filter(
      ({ metadata }) => (metadata.annotations?.[OPTIONS] ?? 'PruneLast=true') !== 'PruneLast=true',
    );
    expect(kept.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'Namespace polls',
      'PersistentVolumeClaim polls-media',
      'PersistentVolumeClaim shop-media',
      // Another program in the namespace may have it too.
      'PriorityClass polls-first',
      'Secret polls',
      'Secret polls-db',
      'Secret shop',
    ]);
    expect(new Set(kept.map(({ metadata }) => metadata.annotations[OPTIONS]))).toEqual(
      new Set(['Prune=false,Delete=false']),
    );
  });
});

describe('ArgoCdAnnotations', () => {
  const object = (apiVersion: string, kind: string, rest: object = {}) => ({
    apiVersion,
    kind,
    metadata: { name: 'own' },
    ...rest,
  });

  /** What they make of a resource of a user. */
  const own = (manifest: any) =>
    synth((chart) => {
      new ApiObject(chart, 'Own', manifest);
      chart.with(new ArgoCdAnnotations());
    })[0].metadata.annotations;

  it.each([
    ['scheduling.k8s.io/v1', 'PriorityClass', '0'],
    ['bitnami.com/v1alpha1', 'SealedSecret', '1'],
    ['external-secrets.io/v1', 'ExternalSecret', '1'],
    ['postgresql.cnpg.io/v1', 'Cluster', '2'],
    ['batch/v1', 'Job', '3'],
    ['apps/v1', 'DaemonSet', '4'],
    ['keda.sh/v1alpha1', 'ScaledObject', '5'],
    ['postgresql.cnpg.io/v1', 'ScheduledBackup', '5'],
    ['v1', 'PersistentVolumeClaim', '5'],
  ])('put a user’s %s %s into wave %s', (apiVersion, kind, wave) => {
    expect(own(object(apiVersion, kind, { spec: {} }))[WAVE]).toBe(wave);
  });

  it('leave what a user has said, and Secrets that the manifests can make again', () => {
    expect(own({ ...object('v1', 'Secret'), stringData: { a: 'b' } })).toEqual({ [WAVE]: '1' });
    const annotations = { [WAVE]: '-7', [OPTIONS]: 'Prune=true' };
    expect(own({ ...object('v1', 'Secret'), metadata: { name: 'own', annotations } })).toEqual(annotations);
  });

  it('go to every chart of an App, each by itself', () => {
    const first = chartOn();
    busyChart(first);
    first.node.root.with(new ArgoCdAnnotations());
    expect(first.toJson().every((manifest) => waveOf(manifest) >= 0)).toBe(true);
  });

  it('know a database that an operator runs', () => {
    const manifests = synth(
      (chart) => {
        django(chart, { database: postgres(chart) });
        chart.with(new ArgoCdAnnotations());
      },
      Distribution.upstream({ postgres: new CloudNativePostgres() }),
    );
    expect(waveOf(find(manifests, 'Cluster', 'polls-db'))).toBe(2);
  });

  it.each(Object.entries(MODES))(
    'change nothing else on %s, whatever is asked of it',
    (_name, { make, managed }) => {
      const options = { identity: false, maintenance: false };
      const plain = synth((chart) => allOptions(chart, options), make(managed));
      const waves = synth((chart) => {
        allOptions(chart, options);
        chart.with(new ArgoCdAnnotations());
      }, make(managed));
      expect(without('argocd.argoproj.io/', waves)).toEqual(plain.map(asKept));
      expect(waves.every((manifest) => waveOf(manifest) >= 0)).toBe(true);
    },
  );

  it('refuse a chart that has something made later', () => {
    const message = errorOf((chart) => {
      chart.with(new ArgoCdAnnotations());
      new ApiObject(chart, 'Late', object('v1', 'ConfigMap'));
    });
    expect(message).toBe(
      'Validation failed with the following errors:\n  [polls] ConfigMap "own" was made after ArgoCdAnnotations were ' +
        'applied to its chart, and has no wave. Apply them when everything in the chart is made.',
    );
  });

  it('have stored Secrets come with the configuration', () => {
    const { make } = MODES['EKS Auto Mode'];
    const manifests = synth((chart) => {
      new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 'stripe' } } });
      chart.with(new ArgoCdAnnotations());
    }, make());
    expect(new Set(manifests.map(waveOf))).toEqual(new Set([1]));
  });
});
