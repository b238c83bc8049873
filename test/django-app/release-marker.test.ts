import * as fc from 'fast-check';
import { configOf, django, find, synth } from '../support/synth';

const without = (manifests: any[]) => {
  const { metadata, spec } = find(manifests, 'Deployment', 'polls');
  return { labels: metadata.labels, selector: spec.selector, podLabels: spec.template.metadata.labels };
};

describe('a release that the program names', () => {
  it('is in no label and in no selector', () => {
    const named = synth((chart) => django(chart, { release: '2026.11', commit: '3f1c2ab' }));
    expect(without(named)).toEqual(without(synth((chart) => django(chart))));
    expect(find(named, 'Deployment', 'polls').metadata.annotations).toEqual({
      'kubernetes.io/change-cause': '2026.11, commit 3f1c2ab, registry.example.com/polls:1.4.2',
    });
  });

  it('is no variable of an application without the overlay, which nothing would read', () => {
    const overlay = { settingsOverlay: { enabled: false } };
    const manifests = synth((chart) => django(chart, { ...overlay, release: '2026.11', commit: '3f1c2ab' }));
    const names = Object.keys(configOf(manifests));
    expect(names.filter((name) => /RELEASE|COMMIT/.test(name))).toEqual([]);
  });

  it('has the name that is given, whatever YAML would take it for', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$/);
    const commit = fc.stringMatching(/^[0-9a-f]{7,64}$/);
    fc.assert(
      fc.property(name, commit, (release, digits) => {
        const manifests = synth((chart) => django(chart, { release, commit: digits }));
        const { CDK8S_DJANGO_RELEASE, CDK8S_DJANGO_COMMIT } = configOf(manifests);
        expect([CDK8S_DJANGO_RELEASE, CDK8S_DJANGO_COMMIT]).toEqual([release, digits]);
      }),
      { numRuns: 20 },
    );
  });
});
