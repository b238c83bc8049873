import { PublicRoute } from 'cdk8s-django';
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

describe('a second route of an application', () => {
  it.each(Object.keys(ROUTINGS).filter((name) => POLICIES[name]))('is refused on %s', (name) => {
    expect(errorOf(twice, ROUTINGS[name]())).toBe(
      `polls/Two: app "polls" has a route already, and its Service can have one ${POLICIES[name]}: that at ` +
        `polls/One/${POLICIES[name]}. Give that route all the hosts.`,
    );
  });

  it.each(Object.keys(ROUTINGS).filter((name) => !POLICIES[name]))('has its own resources on %s', (name) => {
    const text = JSON.stringify(synth(twice, ROUTINGS[name]()));
    expect(text).toContain('"name":"two"');
    expect(text).toContain('b.example.com');
  });
});
