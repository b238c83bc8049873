import { Duration } from 'cdk8s';
import { Distribution, IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { AksApplicationGatewayRouting, AlbIngressRouting, IngressRouting } from 'cdk8s-django/routing';
import { sample, SAMPLES } from '../support/distributions';
import { TraefikRouting } from '../support/own-distribution';
import { django, djangoManifests, errorOf, HOST, keepAliveOf, synth } from '../support/synth';

const MARGIN = 5;

/** The seconds for which the server keeps an unused connection behind a route. */
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
    // WebSockets have an hour, in which nothing may come.
    const longest = Math.max(router.toSeconds(), 3600);
    expect(keepAliveBehind(make(), {}, { asgiModule: 'mysite.asgi' })).toBe(longest + MARGIN);
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

  it('for longer than the five minutes of Application Gateway for Containers', () => {
    const routing = new AksApplicationGatewayRouting({
      loadBalancer: { name: 'alb', namespace: 'infra' },
      clusterIssuer: 'letsencrypt',
    });
    expect(keepAliveBehind(Distribution.aks({ routing }))).toBe(305);
  });

  it('for longer than by the Ingress controllers that one meets, or than by that of the cluster', () => {
    const behind = (idleTimeout?: Duration) =>
      keepAliveBehind(Distribution.upstream({ routing: new IngressRouting({ idleTimeout }) }));
    expect(behind()).toBe(95);
    expect(behind(Duration.hours(1))).toBe(3605);
    expect(behind(Duration.seconds(10))).toBe(65);
  });

  it.each([
    [{ idleTimeout: Duration.millis(1500) }, 'polls/Route: routing.idleTimeout 1.5', 1],
    [{ idleTimeout: Duration.seconds(0) }, 'polls/Route: routing.idleTimeout 0', 1],
    [{ deregistration: Duration.millis(100) }, 'polls/Polls: routing.deregistration 0.1', 0],
  ])('for whole seconds: %j', (times, value, atLeast) => {
    const routing = Object.assign(new TraefikRouting(), times);
    const error = errorOf((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
    }, Distribution.upstream({ routing }));
    expect(error).toBe(
      `${value} is not a whole number of seconds from ${atLeast} on. ` +
        `Give a whole number of seconds from ${atLeast} on.`,
    );
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
    const routing = Object.assign(new TraefikRouting(), { idleTimeout: undefined });
    expect(keepAliveBehind(Distribution.upstream({ routing }))).toBe(65);
  });
});
