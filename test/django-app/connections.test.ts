import { Duration } from 'cdk8s';
import { AlbIngressRouting, Distribution, IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { sample, SAMPLES } from '../support/distributions';
import { TraefikRouting } from '../support/own-distribution';
import { django, djangoManifests, HOST, synth, webContainer } from '../support/synth';

const MARGIN = 5;

/** The seconds for which the server keeps an unused connection. */
function keepAliveOf(manifests: any[]): number {
  const { command } = webContainer(manifests);
  const option = command.includes('--keep-alive') ? '--keep-alive' : '--timeout-keep-alive';
  return Number(command[command.indexOf(option) + 1]);
}

/** The same behind a route. */
function keepAliveBehind(
  distribution: IDistribution,
  props: Partial<PublicRouteProps> = {},
  changes: object = {},
) {
  return keepAliveOf(
    synth((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart, changes), hosts: [HOST], ...props });
    }, distribution),
  );
}

describe('an unused connection is kept', () => {
  it.each(SAMPLES)('longer than by the router of $name', ({ make }) => {
    const { routing } = make();
    const router = routing.idleTimeout ?? Duration.minutes(1);
    expect(keepAliveBehind(make())).toBe(router.toSeconds() + MARGIN);
    expect(keepAliveBehind(make(), {}, { asgiModule: 'mysite.asgi' })).toBe(router.toSeconds() + MARGIN);
  });

  it.each([
    ['gke', 605],
    ['eks', 65],
    ['aks', 3605],
    ['openshift', 65],
    ['upstream', 3605],
  ])('on %s for %d seconds', (name, seconds) => {
    expect(keepAliveBehind(sample(name))).toBe(seconds);
  });

  it('for more than a minute without a route, as for clients inside the cluster', () => {
    expect(keepAliveOf(djangoManifests())).toBe(65);
  });

  it('for longer than a request may take, which is the idle timeout of a load balancer of AWS', () => {
    const routing = new AlbIngressRouting({
      certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1',
    });
    const distribution = Distribution.eks({ routing });
    expect(keepAliveBehind(distribution, { timeout: Duration.minutes(5) })).toBe(305);
    expect(keepAliveBehind(distribution, { websocketTimeout: Duration.hours(1) })).toBe(3605);
  });

  it('for longer than by the slower of two routers', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.keepConnections(Duration.minutes(3));
      app.keepConnections(Duration.minutes(2));
    });
    expect(keepAliveOf(manifests)).toBe(185);
  });

  it('for more than a minute behind a router that does not say', () => {
    expect(keepAliveBehind(Distribution.upstream({ routing: new TraefikRouting() }))).toBe(65);
  });
});
