import { App, Chart } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import { Construct } from 'constructs';
import { PollsChart } from '../../examples/polls/deploy/polls-chart';
import { SAMPLES, sample } from '../support/distributions';
import { selectorsIn } from '../support/manifests';
import { django, everything, IMAGE } from '../support/synth';

/** Kinds that exist on some distributions alone: those of routes and of scraping. */
const PLATFORM_KINDS = [
  'Gateway',
  'GCPBackendPolicy',
  'HealthCheckPolicy',
  'HTTPRoute',
  'Ingress',
  'PodMonitoring',
  'Route',
  'ServiceMonitor',
];
const PLATFORM_NAMES = ['polls-gateway', 'polls-certificate'];

/** What must never change of a resource: its kind, its name and what it selects. */
function identities(manifests: any[]): string[] {
  return manifests
    .map((manifest) => {
      const { kind, metadata, spec } = manifest;
      const all = selectorsIn({ spec });
      // What the router and the scraper are selected by is the platform's.
      const own = kind === 'NetworkPolicy' ? all.filter(({ path }) => path === '.spec.podSelector') : all;
      return JSON.stringify({ kind, namespace: metadata.namespace, name: metadata.name, own });
    })
    .sort();
}

function manifestsOf(define: (app: App) => void, distribution = sample('upstream')): any[] {
  const app = new App();
  Distribution.bind(app, distribution);
  define(app);
  return app.charts.flatMap((chart) => chart.toJson());
}

const polls = (app: App) => {
  new PollsChart(app, 'polls', { image: IMAGE });
};
const reference = () => manifestsOf(polls);

describe('names and selectors of the polls example', () => {
  it('are those of all its resources', () => {
    const all = identities(reference());
    expect(all.length).toBeGreaterThan(30);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((identity) => !identity.includes('"own":[]')).length).toBeGreaterThanOrEqual(10);
  });

  it('stay when the chart is renamed', () => {
    const renamed = manifestsOf((app) => new PollsChart(app, 'another-name', { image: IMAGE }));
    expect(identities(renamed)).toEqual(identities(reference()));
  });

  it('stay when the chart is moved deeper into the tree', () => {
    const moved = manifestsOf((app) => {
      const scope = new Construct(new Construct(app, 'teams'), 'polling');
      new PollsChart(scope, 'polls', { image: IMAGE });
    });
    expect(identities(moved)).toEqual(identities(reference()));
  });

  it.each(SAMPLES)('stay on $name', ({ make }) => {
    const common = (manifests: any[]) =>
      identities(
        manifests.filter(
          ({ kind, metadata }) => !PLATFORM_KINDS.includes(kind) && !PLATFORM_NAMES.includes(metadata.name),
        ),
      );
    // Its pods say to the autoscalers of a platform that they are to be left alone.
    const withoutHash = (all: string[]) =>
      all.map((identity) => identity.replace(/(?<=polls-migrate-)[0-9a-f]{10}/, 'HASH'));
    const here = common(manifestsOf(polls, make()));
    expect(here.length).toBeGreaterThan(25);
    expect(withoutHash(here)).toEqual(withoutHash(common(reference())));
  });
});

describe('names and selectors of all constructs', () => {
  const plain = () =>
    manifestsOf((app) => everything(new Chart(app, 'polls', { namespace: 'polls' })), sample('gke'));

  it('stay when every construct is moved and every id is another', () => {
    const moved = manifestsOf((app) => {
      const chart = new Chart(app, 'x', { namespace: 'polls' });
      const scopes = ['a', 'b', 'c'].reduce((scope: Construct, id) => new Construct(scope, id), chart);
      everything(scopes as Chart);
    }, sample('gke'));
    expect(identities(moved)).toEqual(identities(plain()));
  });

  it('stay when constructs that have nothing to do with it are added', () => {
    const more = manifestsOf((app) => {
      new Construct(app, 'first');
      const chart = new Chart(app, 'polls', { namespace: 'polls' });
      new Construct(chart, 'second');
      everything(chart);
      new Construct(chart, 'third');
    }, sample('gke'));
    expect(identities(more)).toEqual(identities(plain()));
  });

  it('do change with the name that the application is given', () => {
    const named = (name: string) =>
      identities(manifestsOf((app) => django(new Chart(app, 'polls', { namespace: 'polls' }), { name })));
    const others = named('quiz');
    expect(named('polls').length).toBeGreaterThan(5);
    // The class of pods for which others wait is the namespace's, and so is the runtime.
    const own = named('polls').filter((identity) => !/"PriorityClass"|"cdk8s-django-/.test(identity));
    expect(own.filter((identity) => others.includes(identity))).toEqual([]);
  });
});
