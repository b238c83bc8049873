import { Duration } from 'cdk8s';
import fc from 'fast-check';
import { AsgiServer, PublicRoute } from 'cdk8s-django';
import { shutdownOf } from '../../src/django-app/shutdown';
import { SAMPLES } from '../support/distributions';
import { django, djangoManifests, find, HOST, synth, webContainer } from '../support/synth';

const MARGIN = 5;

/** The seconds before the server is told to stop: by our program, or by the kubelet. */
function preStopOf({ preStop }: any): number {
  return preStop.sleep?.seconds ?? Number(preStop.exec.command.at(-1));
}

/** The times of a clean shutdown that a Deployment has. */
function timesOf(manifests: any[]): { preStop: number; graceful: number; grace: number } {
  const { command, lifecycle } = webContainer(manifests);
  return {
    preStop: preStopOf(lifecycle),
    graceful: Number(command[command.indexOf('--graceful-timeout') + 1]),
    grace: find(manifests, 'Deployment', 'polls').spec.template.spec.terminationGracePeriodSeconds,
  };
}

describe.each(SAMPLES)('a shutdown on $name', ({ make }) => {
  it('waits for the router, then for requests, and the pod has the sum of both', () => {
    const distribution = make();
    const times = timesOf(djangoManifests({}, distribution));
    expect(times.preStop).toBe(distribution.routing.deregistration.toSeconds());
    expect(times.preStop).toBeGreaterThanOrEqual(5);
    expect(times.graceful).toBe(30);
    expect(times.grace).toBe(times.preStop + times.graceful + MARGIN);
  });

  it('is written out as a sum, for whoever reads the manifest', () => {
    const manifests = djangoManifests({}, make());
    const { preStop, graceful, grace } = timesOf(manifests);
    const { annotations } = find(manifests, 'Deployment', 'polls').spec.template.metadata;
    expect(annotations['cdk8s-django/shutdown']).toBe(
      `${preStop} s router + ${graceful} s requests + 5 s server = ${grace} s`,
    );
  });

  it('has the time of the longest request that the route allows', () => {
    const manifests = synth((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], timeout: Duration.minutes(5) });
    }, make());
    const times = timesOf(manifests);
    expect(times.graceful).toBe(300);
    expect(times.grace).toBe(times.preStop + 300 + MARGIN);
  });
});

describe('a shutdown', () => {
  it('turns the pod unready while it waits, which routers that check health themselves see', () => {
    expect(webContainer(djangoManifests()).lifecycle).toEqual({
      preStop: { exec: { command: ['python', '-m', 'cdk8s_django.terminate', '--sleep', '5'] } },
    });
  });

  it('sleeps by the kubelet without the overlay, for which an image needs no shell', () => {
    const { lifecycle } = webContainer(djangoManifests({ settingsOverlay: { enabled: false } }));
    expect(lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
  });

  it('has the time of that of two routes which allows more', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      const hosts = ['b.example.com'];
      new PublicRoute(chart, 'One', { app, hosts: [HOST], timeout: Duration.minutes(5) });
      new PublicRoute(chart, 'Two', { app, name: 'two', hosts, timeout: Duration.minutes(2) });
    });
    expect(timesOf(manifests).graceful).toBe(300);
  });

  it('has the time that the application gives its requests', () => {
    const requestTimeout = Duration.seconds(12);
    expect(timesOf(djangoManifests({ requestTimeout })).graceful).toBe(12);
    const routed = (timeout: Duration) =>
      synth((chart) => {
        new PublicRoute(chart, 'Route', { app: django(chart, { requestTimeout }), hosts: [HOST], timeout });
      });
    expect(timesOf(routed(Duration.seconds(3))).graceful).toBe(12);
    expect(timesOf(routed(Duration.seconds(50))).graceful).toBe(50);
  });

  it('keeps to thirty seconds when a route allows less', () => {
    const manifests = synth((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], timeout: Duration.seconds(3) });
    });
    expect(timesOf(manifests).graceful).toBe(30);
  });

  it('is told to uvicorn too', () => {
    const { command } = webContainer(djangoManifests({ asgiModule: 'mysite.asgi' }));
    expect(command[command.indexOf('--graceful-timeout') + 1]).toBe('30');
  });

  it('has the time of requests before daphne is told to stop, which cancels them', () => {
    const daphne = { asgiModule: 'mysite.asgi', asgiServer: AsgiServer.DAPHNE };
    expect(preStopOf(webContainer(djangoManifests(daphne)).lifecycle)).toBe(35);
    const without = djangoManifests({ ...daphne, settingsOverlay: { enabled: false } });
    expect(preStopOf(webContainer(without).lifecycle)).toBe(35);
    const { metadata, spec } = find(without, 'Deployment', 'polls').spec.template;
    expect(spec.terminationGracePeriodSeconds).toBe(40);
    expect(metadata.annotations['cdk8s-django/shutdown']).toBe(
      '5 s router + 30 s requests + 5 s server = 40 s',
    );
  });

  it('is one sum for all times', () => {
    const seconds = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(seconds, seconds, (deregistration, timeout) => {
        const shutdown = shutdownOf(Duration.seconds(deregistration), Duration.seconds(timeout));
        const sum = shutdown.preStop.toSeconds() + shutdown.gracefulTimeout.toSeconds() + MARGIN;
        expect(shutdown.gracePeriod.toSeconds()).toBe(sum);
        expect(shutdown.preStop.toSeconds()).toBe(deregistration);
        expect(shutdown.gracefulTimeout.toSeconds()).toBe(timeout);
        const [router, requests, server, all] = shutdown.sum.match(/\d+/g)!.map(Number);
        expect(router + requests + server).toBe(all);
        expect(all).toBe(sum);
      }),
    );
  });
});
