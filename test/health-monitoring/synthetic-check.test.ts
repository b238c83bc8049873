import { Chart } from 'cdk8s';
import { Distribution, HealthMonitoring, HealthMonitoringProps, PublicRoute } from 'cdk8s-django';
import { PrometheusOperator } from 'cdk8s-django/monitoring';
import { namesOf } from '../support/manifests';
import { django, errorOf, find, synth } from '../support/synth';

const CHECK = { prober: 'blackbox-exporter.monitoring:9115' };

const checked =
  (props: Partial<HealthMonitoringProps> = {}) =>
  (chart: Chart) => {
    const app = django(chart);
    new HealthMonitoring(chart, 'Health', { app, syntheticCheck: CHECK, ...props });
    // After it: the host is known at synth.
    new PublicRoute(chart, 'Route', { app, hosts: ['polls.example.com', 'www.example.com'] });
  };

const FOR_ROUTES = { gatewayClassName: 'contour', clusterIssuer: 'letsencrypt' };

it('has the first public host asked for by the exporter that is named', () => {
  const { metadata, spec } = find(synth(checked()), 'Probe', 'polls-public');
  expect(metadata.labels['app.kubernetes.io/instance']).toBe('polls');
  expect(spec.targets.staticConfig.static).toEqual(['https://polls.example.com/']);
  expect(spec.prober).toEqual({ url: 'blackbox-exporter.monitoring:9115' });
});

it('has the labels that the operator selects by', () => {
  const monitoring = new PrometheusOperator({ labels: { release: 'prometheus' } });
  const manifests = synth(checked(), Distribution.upstream({ ...FOR_ROUTES, monitoring }));
  expect(find(manifests, 'Probe', 'polls-public').metadata.labels.release).toBe('prometheus');
});

it('alerts with a service level alone, by the job of the answers', () => {
  expect(namesOf(synth(checked()))).not.toContain('PrometheusRule polls');
  const { groups } = find(synth(checked({ metrics: {}, slo: {} })), 'PrometheusRule', 'polls').spec;
  const { rules } = groups.find(({ name }: any) => name === 'polls-polls-public');
  expect(rules).toHaveLength(1);
  expect(rules[0]).toMatchObject({ alert: 'DjangoPublicHostUnreachable', labels: { severity: 'critical' } });
  expect(rules[0].expr).toContain('probe_success{namespace="polls",job="polls-public"}');
});

it('is not there unless it is asked for', () => {
  const manifests = synth(checked({ syntheticCheck: undefined, metrics: {}, slo: {} }));
  expect(namesOf(manifests).filter((name) => name.startsWith('Probe '))).toEqual([]);
  expect(JSON.stringify(find(manifests, 'PrometheusRule', 'polls'))).not.toContain('probe_success');
});

it('is refused for an application without a route', () => {
  expect(
    errorOf((chart) => new HealthMonitoring(chart, 'Health', { app: django(chart), syntheticCheck: CHECK })),
  ).toContain(
    '[polls/Health] syntheticCheck {"prober":"blackbox-exporter.monitoring:9115"} has no page to ask for: no route ' +
      'leads to the application. Make a PublicRoute for it, or leave it out.',
  );
});

it.each(['http://blackbox:9115', 'blackbox', 'blackbox:0', 'blackbox:9115/probe', ''])(
  'is refused with the prober %j',
  (prober) => {
    expect(errorOf(checked({ syntheticCheck: { prober } }))).toContain(
      `polls/Health: syntheticCheck.prober ${JSON.stringify(prober)} is not the address of a blackbox exporter. ` +
        'Give host and port, such as "blackbox-exporter.monitoring:9115".',
    );
  },
);

it('is refused with a path that is none', () => {
  expect(errorOf(checked({ syntheticCheck: { ...CHECK, path: 'about' } }))).toContain(
    'polls/Health: syntheticCheck.path "about" ',
  );
});
