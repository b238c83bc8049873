import { groupsOf, PROMTOOLS, promtool } from './promtool';

const DISTRIBUTIONS = ['gke', 'eks', 'aks', 'openshift', 'upstream'] as const;
const GROUPS = Object.fromEntries(DISTRIBUTIONS.map((name) => [name, groupsOf(name)]));

describe.each(PROMTOOLS)('promtool %s', (_, path) => {
  it.each(DISTRIBUTIONS)('checks the rules for %s', (name) => {
    expect(GROUPS[name].flatMap(({ rules }) => rules).length).toBeGreaterThan(40);
    expect(promtool(path, ['check', 'rules', 'rules.yaml'], { 'rules.yaml': { groups: GROUPS[name] } })).toBe(
      '',
    );
  });

  it('finds a wrong query', () => {
    const groups = [{ name: 'own', rules: [{ record: 'a:b:c', expr: 'sum(rate(orders[1.5h])' }] }];
    expect(promtool(path, ['check', 'rules', 'rules.yaml'], { 'rules.yaml': { groups } })).not.toBe('');
  });
});

it.each(['aks', 'openshift'] as const)('%s has the rules of gke', (name) => {
  // But that of a Probe, which GKE and AKS do not have.
  const rules = (one: string) =>
    GROUPS[one].filter((group) => !group.name.endsWith('-public')).flatMap((group) => group.rules);
  expect(rules(name)).toEqual(rules('gke'));
});
