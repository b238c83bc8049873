import { SAMPLES } from '../support/distributions';
import { podsIn, selectorsIn, selects } from '../support/manifests';
import { everything, find, synth } from '../support/synth';

const KEYS = ['app.kubernetes.io/component', 'app.kubernetes.io/instance', 'app.kubernetes.io/name'];
const LABELS = { team: 'a', 'app.kubernetes.io/name': 'overwritten' };

/** The selectors of pods of the library, not those of routers, name servers and namespaces. */
const ownSelectors = (manifests: any[]) =>
  manifests.flatMap((manifest) =>
    selectorsIn(manifest)
      .map(({ path, labels }) => ({ path: `${manifest.kind} ${manifest.metadata.name} ${path}`, labels }))
      .filter(({ labels }) => KEYS.some((key) => key in labels)),
  );

describe.each(SAMPLES)('selectors on $name', ({ make }) => {
  const manifests = () => synth((chart) => everything(chart), make(), { labels: LABELS });

  it('are the three labels and no others', () => {
    const selectors = ownSelectors(manifests());
    const kinds = new Set(selectors.map(({ path }) => path.split(' ')[0]));
    for (const kind of ['Deployment', 'StatefulSet', 'Service', 'PodDisruptionBudget', 'NetworkPolicy']) {
      expect(kinds).toContain(kind);
    }
    expect(selectors.filter(({ path }) => path.includes('topologySpreadConstraints'))).toHaveLength(2);
    for (const { labels } of selectors) expect(Object.keys(labels).sort()).toEqual(KEYS);
  });

  it('each match pods that there are', () => {
    const made = manifests();
    const pods = podsIn(made);
    for (const selector of ownSelectors(made)) {
      // Of those that `cdk8s-django run` makes, where the program has no command.
      if (selector.labels[KEYS[0]].join() === 'command') continue;
      const matched = pods.filter((pod) => selects(selector, pod));
      expect([selector.path, matched.length]).toEqual([selector.path, 1]);
    }
  });

  it('are the same with and without labels of the chart, which the pods get', () => {
    const labelled = manifests();
    const plain = synth((chart) => everything(chart), make());
    expect(ownSelectors(labelled)).toEqual(ownSelectors(plain));
    for (const { labels } of podsIn(labelled)) expect(labels.team).toBe('a');
    for (const { labels } of podsIn(labelled)) expect(['polls', 'postgresql']).toContain(labels[KEYS[2]]);
  });
});

describe('labels', () => {
  it('say on every resource but those of no application what it belongs to and who manages it', () => {
    const manifests = synth((chart) => everything(chart)).filter(
      ({ kind }) => !['Namespace', 'PriorityClass'].includes(kind),
    );
    expect(manifests.length).toBeGreaterThan(25);
    for (const { metadata } of manifests) {
      // The runtime is of all applications of the namespace.
      const isShared = metadata.labels[KEYS[2]] === 'cdk8s-django';
      expect(Object.keys(metadata.labels).sort()).toEqual([
        KEYS[0],
        ...(isShared ? [] : [KEYS[1]]),
        'app.kubernetes.io/managed-by',
        KEYS[2],
      ]);
    }
  });

  it('of a volume claim template are those that never change', () => {
    const [claim] = find(
      synth((chart) => everything(chart), undefined, { labels: LABELS }),
      'StatefulSet',
      'polls-db',
    ).spec.volumeClaimTemplates;
    expect(Object.keys(claim.metadata.labels).sort()).toEqual(KEYS);
  });
});
