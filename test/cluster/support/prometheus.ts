import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from './eventually';
import { Namespace } from './namespaces';

const UNPACK = resolve(__dirname, '../../promtool/unpack');

/** PROMETHEUS, the machine's own program, or that of Debian's package, which is unpacked and not installed. */
function program(): string {
  const { PROMETHEUS } = process.env;
  if (PROMETHEUS) return PROMETHEUS;
  if (existsSync('/usr/bin/prometheus')) return '/usr/bin/prometheus';
  return join(execFileSync('bash', [UNPACK], { encoding: 'utf8' }).trim(), 'prometheus');
}

/** A Prometheus on this machine, which scrapes pods as the PodMonitors of a namespace say. */
export class Prometheus {
  private constructor(
    private readonly address: string,
    readonly stop: () => void,
  ) {}

  static async start(namespace: Namespace, podMonitors: any[], probes: any[] = []): Promise<Prometheus> {
    // Debian's program cannot ask Kubernetes itself: it asks this one.
    const targets = createServer(({ url }, response) => {
      targetsOf(namespace, podMonitors[Number(url!.slice(1))]).then(
        (found) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(found)),
        () => response.writeHead(503).end(),
      );
    });
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const configuration = join(folder, 'prometheus.yml');
    const url = `http://127.0.0.1:${await listen(targets)}/`;
    // JSON is YAML too.
    writeFileSync(configuration, JSON.stringify(configurationOf(podMonitors, probes, url)));
    const free = createServer();
    const port = await listen(free);
    await new Promise((closed) => free.close(closed));
    const child = spawn(
      program(),
      [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, () => {
      child.kill('SIGKILL');
      targets.close();
    });
    await eventually('Prometheus answers', () =>
      prometheus.value('vector(1)').catch((error: Error) => {
        throw new Error(`${error.message}\n${log}`);
      }),
    );
    return prometheus;
  }

  /** The only value that a query has, or undefined where it has none. */
  async value(query: string): Promise<number | undefined> {
    const series = await this.series(query);
    if (series.length > 1) throw new Error(`${query} has ${series.length} series`);
    return series.length ? Number(series[0].value[1]) : undefined;
  }

  /** All series of a query: their labels and values. */
  async series(query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const response = await fetch(`${this.address}/api/v1/query?${new URLSearchParams({ query })}`);
    const { status, data, error }: any = await response.json();
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    return data.result;
  }
}

/** What the operator makes of PodMonitors and Probes, but for the interval: each second, so that the test need not wait. */
function configurationOf(podMonitors: any[], probes: any[], url: string) {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      ...podMonitors.map(({ spec }, index) => ({
        job_name: spec.selector.matchLabels[spec.jobLabel],
        metrics_path: spec.podMetricsEndpoints[0].path,
        http_sd_configs: [{ url: `${url}${index}`, refresh_interval: '2s' }],
      })),
      ...probes.map(({ spec: { jobName, module, prober, targets } }) => ({
        job_name: jobName,
        metrics_path: '/probe',
        params: { module: [module] },
        static_configs: [{ targets: targets.staticConfig.static, labels: targets.staticConfig.labels }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: prober.url },
        ],
      })),
    ],
  };
}

/** The ports that a PodMonitor names, of the pods that it selects, as long as they run. */
async function targetsOf(namespace: Namespace, { spec }: any): Promise<any[]> {
  const labels = Object.entries(spec.selector.matchLabels).map((label) => label.join('='));
  const pods = await namespace.list('pods', labels.join(','));
  return pods.flatMap(({ metadata, spec: { containers }, status }) => {
    const ports: any[] = containers.flatMap(({ ports = [] }: any) => ports);
    return ports
      .filter(({ name }) => status.podIP && name === spec.podMetricsEndpoints[0].port)
      .map(({ containerPort }) => ({
        targets: [`${status.podIP}:${containerPort}`],
        labels: { pod: metadata.name, namespace: metadata.namespace },
      }));
  });
}

/** Has a server listen on a port that nobody has, which it returns. */
function listen(server: Server): Promise<number> {
  return new Promise((found, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => found((server.address() as AddressInfo).port));
  });
}
