import { App, Chart } from 'cdk8s';
import { Distribution, IDistribution, PublicRoute } from 'cdk8s-django';
import { django, errorOf, synth } from '../../support/synth';
import { ROUTINGS } from './routings';

/** The kind of which a platform takes one for a Service, where a second route cannot be. */
const POLICIES: Record<string, string | undefined> = {
  'GKE Gateway': 'HealthCheckPolicy',
  'GKE Ingress': 'BackendConfig',
  'EKS Gateway': 'TargetGroupConfiguration',
  'AKS Application Gateway': 'HealthCheckPolicy',
};

const twice = (chart: any): void => {
  const app = django(chart);
  new PublicRoute(chart, 'One', { app, hosts: ['a.example.com'] });
  new PublicRoute(chart, 'Two', { app, hosts: ['b.example.com'], name: 'two' });
};

/** Charts of an App, by their namespaces, and an application in the first. */
function chartsOf(namespaces: { polls: string; other: string }, distribution: IDistribution) {
  const app = new App();
  Distribution.bind(app, distribution);
  const polls = new Chart(app, 'polls', { namespace: namespaces.polls });
  const other = new Chart(app, 'other', { namespace: namespaces.other });
  return { charts: { polls, other }, app: django(polls) };
}

describe('a second route of an application', () => {
  it.each(Object.keys(ROUTINGS).filter((name) => POLICIES[name]))('is refused on %s', (name) => {
    expect(errorOf(twice, ROUTINGS[name]())).toBe(
      `polls/Two: app "polls" has a route already, and its Service can have one ${POLICIES[name]}: that at ` +
        `polls/One/${POLICIES[name]}. Give that route all the hosts.`,
    );
  });

  it.each(Object.keys(ROUTINGS).filter((name) => POLICIES[name]))(
    'is refused on %s from another chart',
    (name) => {
      const { charts, app } = chartsOf({ polls: 'web', other: 'web' }, ROUTINGS[name]());
      new PublicRoute(charts.polls, 'One', { app, hosts: ['a.example.com'] });
      expect(
        () => new PublicRoute(charts.other, 'Two', { app, hosts: ['b.example.com'], name: 'two' }),
      ).toThrow(
        `other/Two: app "polls" has a route already, and its Service can have one ${POLICIES[name]}: that at ` +
          `polls/One/${POLICIES[name]}. Give that route all the hosts.`,
      );
    },
  );

  it.each(Object.keys(ROUTINGS))('is another application’s in another namespace on %s', (name) => {
    const { charts, app } = chartsOf({ polls: 'web', other: 'shop' }, ROUTINGS[name]());
    new PublicRoute(charts.polls, 'One', { app, hosts: ['a.example.com'] });
    const other = django(charts.other);
    expect(
      () => new PublicRoute(charts.other, 'Two', { app: other, hosts: ['b.example.com'] }),
    ).not.toThrow();
  });

  it.each(Object.keys(ROUTINGS).filter((name) => !POLICIES[name]))('has its own resources on %s', (name) => {
    const text = JSON.stringify(synth(twice, ROUTINGS[name]()));
    expect(text).toContain('"name":"two"');
    expect(text).toContain('b.example.com');
  });
});
