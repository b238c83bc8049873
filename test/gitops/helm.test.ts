import { Distribution } from 'cdk8s-django';
import { HelmAnnotations } from 'cdk8s-django/gitops';
import { SAMPLES } from '../support/distributions';
import { synth } from '../support/synth';
import { busyChart, mixedIn, without } from './support';

const POLICY = 'helm.sh/resource-policy';

describe.each(SAMPLES)('HelmAnnotations on $name', ({ make }) => {
  const manifests = synth(mixedIn(new HelmAnnotations()), make());
  const kept = manifests.filter(({ metadata }) => POLICY in (metadata.annotations ?? {}));

  it('are all that a program with them differs in', () => {
    expect(without('helm.sh/', manifests)).toEqual(synth(busyChart, make()));
  });

  it('keep what has data, what pods of a former release mount of the library, and the PriorityClass', () => {
    expect(new Set(kept.map(({ kind }) => kind))).toEqual(
      new Set(['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'PriorityClass', 'Secret']),
    );
    // Pods of the release before mount those of the library, and the engine prunes before the new release runs.
    const ofLibrary = manifests.filter(({ kind, immutable }) => kind === 'ConfigMap' && immutable);
    expect(ofLibrary.length).toBeGreaterThan(1);
    expect(kept.filter(({ kind }) => kind === 'ConfigMap')).toEqual(ofLibrary);
    expect(kept.every(({ metadata }) => metadata.annotations[POLICY] === 'keep')).toBe(true);
    const secrets = manifests.filter(
      ({ kind, data, stringData }) => kind === 'Secret' && !data && !stringData,
    );
    expect(kept).toEqual(expect.arrayContaining(secrets));
  });
});

test('HelmAnnotations leave a policy that a resource has', () => {
  const manifests = synth(
    (chart) => {
      busyChart(chart);
      for (const construct of chart.node.findAll()) {
        const metadata = (construct as any).metadata;
        if ((construct as any).kind === 'Namespace') metadata.addAnnotation(POLICY, 'own');
      }
      chart.with(new HelmAnnotations());
    },
    Distribution.upstream({ clusterIssuer: 'letsencrypt' }),
  );
  const [namespace] = manifests.filter(({ kind }) => kind === 'Namespace');
  expect(namespace.metadata.annotations[POLICY]).toBe('own');
});
