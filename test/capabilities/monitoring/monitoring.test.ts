import { Duration } from 'cdk8s';
import { Distribution, HealthMonitoring } from 'cdk8s-django';
import { AzureManagedPrometheus, GoogleManagedPrometheus, PrometheusOperator } from 'cdk8s-django/monitoring';
import { IMonitoring, ScrapeRequest } from 'cdk8s-django/platform';
import { chartOn, django, find, synth } from '../../support/synth';

const request: Required<ScrapeRequest> = {
  name: 'polls',
  labels: { team: 'a' },
  selectorLabels: { app: 'polls' },
  portName: 'http',
  podPort: false,
  path: '/metrics',
  interval: Duration.minutes(1),
};

const scrape = (monitoring: IMonitoring) => monitoring.scrape(chartOn(), request).toJson();
const endpoints = [{ port: 'http', path: '/metrics', interval: '60s' }];

describe('scraping', () => {
  it('by Google Cloud is asked for with a PodMonitoring', () => {
    const { metadata, spec } = scrape(new GoogleManagedPrometheus());
    expect(metadata).toEqual({ name: 'polls', namespace: 'polls', labels: { team: 'a' } });
    expect(spec).toEqual({ selector: { matchLabels: { app: 'polls' } }, endpoints });
  });

  it('by the Prometheus operator is asked for with a ServiceMonitor', () => {
    const { spec } = scrape(new PrometheusOperator());
    expect(spec).toEqual({ selector: { matchLabels: { app: 'polls' } }, endpoints });
  });

  it('by Azure is asked for in its own group, with the limits without which it drops series', () => {
    const { apiVersion, spec } = scrape(new AzureManagedPrometheus());
    expect(apiVersion).toBe('azmonitoring.coreos.com/v1');
    expect(spec).toEqual({
      selector: { matchLabels: { app: 'polls' } },
      endpoints,
      labelLimit: 63,
      labelNameLengthLimit: 511,
      labelValueLengthLimit: 1023,
    });
  });

  it.each([
    ['the Prometheus operator', new PrometheusOperator(), 'monitoring.coreos.com/v1', {}],
    [
      'Azure',
      new AzureManagedPrometheus(),
      'azmonitoring.coreos.com/v1',
      { labelLimit: 63, labelNameLengthLimit: 511, labelValueLengthLimit: 1023 },
    ],
  ])(
    'of a port that no Service has is asked of %s with a PodMonitor',
    (_, monitoring, apiVersion, limits) => {
      const made = monitoring.scrape(chartOn(), { ...request, portName: 'metrics', podPort: true }).toJson();
      expect(`${made.apiVersion} ${made.kind}`).toBe(`${apiVersion} PodMonitor`);
      expect(made.spec).toEqual({
        // As the job of a Service's or a PodMonitoring's scrapes is called.
        jobLabel: 'app.kubernetes.io/instance',
        selector: { matchLabels: { app: 'polls' } },
        podMetricsEndpoints: [{ port: 'metrics', path: '/metrics', interval: '60s' }],
        ...limits,
      });
    },
  );

  it('can carry the labels that an operator selects by', () => {
    const monitoring = new PrometheusOperator({ labels: { release: 'prometheus' } });
    const manifests = synth(
      (chart) => new HealthMonitoring(chart, 'Health', { app: django(chart), metrics: {} }),
      Distribution.upstream({ monitoring }),
    );
    expect(find(manifests, 'PodMonitor', 'polls').metadata.labels).toMatchObject({
      release: 'prometheus',
      'app.kubernetes.io/name': 'polls',
    });
  });
});
