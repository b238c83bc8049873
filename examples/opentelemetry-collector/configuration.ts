/** An application, as its program calls it. */
export interface CollectedApp {
  readonly namespace: string;
  readonly name: string;
}

/** Numbers of each pod of the node that this collector runs on: so each is there once, on however many nodes. */
function scraping({ namespace, name }: CollectedApp) {
  const application = '__meta_kubernetes_pod_label_app_kubernetes_io_name';
  return {
    job_name: `${namespace}/${name}`,
    scrape_interval: '30s',
    kubernetes_sd_configs: [
      {
        role: 'pod',
        namespaces: { names: [namespace] },
        selectors: [{ role: 'pod', field: 'spec.nodeName=${env:NODE_NAME}' }],
      },
    ],
    relabel_configs: [
      { source_labels: [application], regex: name, action: 'keep' },
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'metrics', action: 'keep' },
      // `service.name` of OTLP, which traces have too.
      { target_label: 'job', replacement: name },
    ],
  };
}

/** A key of a line of JSON, where the line has it. What cannot be read stays as it is. */
const of = (key: string) => ({ if: `attributes["${key}"] != nil`, on_error: 'send_quiet' });
const field = (key: string) => `attributes["${key}"]`;

/** Lines of each container of the namespace. */
function reading({ namespace, name }: CollectedApp) {
  return {
    include: [`/var/log/pods/${namespace}_*/*/*.log`],
    include_file_path: true,
    include_file_name: false,
    // Otherwise the lines before it started are lost; the storage keeps what it has read.
    start_at: 'beginning',
    storage: 'file_storage',
    operators: [
      // Parts of a long line become one, and the path becomes the pod and its namespace.
      { type: 'container' },
      { type: 'json_parser', if: 'body matches "^{"', on_error: 'send_quiet', parse_ints: true },
      {
        ...{ type: 'time_parser', ...of('time'), parse_from: field('time') },
        ...{ layout_type: 'gotime', layout: '2006-01-02T15:04:05.000Z07:00' },
      },
      // Without the mapping CRITICAL has no severity.
      {
        ...{ type: 'severity_parser', ...of('level'), parse_from: field('level') },
        mapping: { fatal: 'critical' },
      },
      {
        ...{ type: 'trace_parser', ...of('trace_id') },
        trace_id: { parse_from: field('trace_id') },
        span_id: { parse_from: field('span_id') },
      },
      { type: 'add', ...of('release'), field: 'resource["service.name"]', value: name },
      { type: 'move', ...of('release'), from: field('release'), to: 'resource["service.version"]' },
      { type: 'move', ...of('message'), from: field('message'), to: 'body' },
      ...['time', 'level', 'trace_id', 'span_id', 'logtag', 'log.file.path'].map((key) => ({
        ...{ type: 'remove', ...of(key), field: field(key) },
      })),
    ],
  };
}

/** What a collector is told: it takes traces, scrapes metrics and reads logs, and hands all of them on by OTLP. */
export function configuration(apps: CollectedApp[], port: number, endpoint: string) {
  const namespaces = [...new Map(apps.map((app) => [app.namespace, app])).values()];
  const readers = Object.fromEntries(namespaces.map((app) => [`file_log/${app.namespace}`, reading(app)]));
  const pipeline = (...receivers: string[]) => ({
    receivers,
    processors: ['memory_limiter'],
    exporters: ['otlp_http'],
  });
  return {
    receivers: {
      otlp: { protocols: { http: { endpoint: `0.0.0.0:${port}` } } },
      prometheus: { config: { scrape_configs: apps.map(scraping) } },
      ...readers,
    },
    processors: {
      memory_limiter: { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 },
    },
    exporters: { otlp_http: { endpoint } },
    extensions: { file_storage: { directory: '/var/lib/otelcol' } },
    service: {
      extensions: ['file_storage'],
      pipelines: {
        traces: pipeline('otlp'),
        metrics: pipeline('prometheus'),
        logs: pipeline(...Object.keys(readers)),
      },
    },
  };
}
