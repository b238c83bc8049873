import { copyFileSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Telemetry } from 'cdk8s-django/monitoring';
import { EgressTarget } from 'cdk8s-django/network';
import { output } from './command';
import { buildImage, IMAGE, loadImage } from './image';
import { apply } from './kubectl';
import { Namespace } from './namespaces';

const COLLECTOR_IMAGE = 'docker.io/example/otelcol:0.165.0';
const SOURCES = resolve(__dirname, '../applications/collector');
const CACHE = resolve(__dirname, '../../../node_modules/.cache/collector');

const LABELS = { 'app.kubernetes.io/name': 'collector' };
const PORT = 4318;

const PIPELINE = { receivers: ['otlp'], processors: ['batch'], exporters: ['otlp_http'] };

/** What the collector does: it takes all by OTLP, and hands batches on as JSON, whose reader is beside it. */
const CONFIGURATION = {
  receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${PORT}` } } } },
  processors: { batch: { timeout: '500ms' } },
  exporters: { otlp_http: { endpoint: 'http://127.0.0.1:4319', encoding: 'json', compression: 'none' } },
  service: {
    telemetry: { metrics: { level: 'none' } },
    pipelines: { traces: PIPELINE, metrics: PIPELINE, logs: PIPELINE },
  },
};

const KEPT = '/tmp/batches';
const KEEP = `
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        batch = self.rfile.read(int(self.headers["Content-Length"]))
        with open("${KEPT}", "ab") as kept:
            kept.write(batch + b"\\n")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")
open("${KEPT}", "ab").close()
ThreadingHTTPServer(("127.0.0.1", 4319), Handler).serve_forever()
`;

/** A span, as the collector hands it on. */
export interface Span {
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: string;
  readonly attributes: Record<string, string>;
  readonly resource: Record<string, string>;
}

/** As OTLP numbers them. */
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** OpenTelemetry's own collector in a namespace, built from its modules. */
export class Collector {
  /** For the applications of its namespace. */
  static readonly TELEMETRY: Telemetry = {
    endpoint: `http://collector:${PORT}`,
    target: EgressTarget.pods({ podLabels: LABELS }, [{ port: PORT }]),
  };

  /** Builds its image where none was built yet. The first time on a machine it takes two cores about two minutes. */
  static async provideImage(): Promise<void> {
    mkdirSync(CACHE, { recursive: true });
    const builder = 'go run go.opentelemetry.io/collector/cmd/builder@v0.165.0';
    const script = `cd '${CACHE}' && GOFLAGS=-buildvcs=false ${builder} --config '${SOURCES}/builder.yaml'`;
    await output('sh', ['-c', script]);
    copyFileSync(`${SOURCES}/Containerfile`, `${CACHE}/collector/Containerfile`);
    await buildImage(COLLECTOR_IMAGE, `${CACHE}/collector`);
    await loadImage(COLLECTOR_IMAGE);
  }

  constructor(
    private readonly namespace: Namespace,
    private readonly image = COLLECTOR_IMAGE,
  ) {}

  async start(): Promise<void> {
    const metadata = { name: 'collector', namespace: this.namespace.name };
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    await apply([
      {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata },
        data: { 'config.yaml': JSON.stringify(CONFIGURATION) },
      },
      {
        ...{ apiVersion: 'v1', kind: 'Service', metadata },
        spec: { selector: LABELS, ports: [{ port: PORT }] },
      },
      {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, labels: LABELS } },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          securityContext: {
            ...{ runAsNonRoot: true, runAsUser: 1000 },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            { name: 'reader', image: IMAGE, command: ['python', '-c', KEEP], securityContext },
            {
              ...{ name: 'collector', image: this.image, securityContext },
              readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
              volumeMounts: [{ name: 'configuration', mountPath: '/etc/otelcol' }],
            },
          ],
          volumes: [{ name: 'configuration', configMap: { name: 'collector' } }],
        },
      },
    ]);
  }

  /** All that has arrived, as OTLP has it in JSON: `resourceSpans`, `resourceMetrics` or `resourceLogs`. */
  async batches(): Promise<any[]> {
    const kept = await this.namespace.exec('collector', 'cat', KEPT);
    return kept
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** The spans that have arrived. */
  async spans(): Promise<Span[]> {
    return (await this.batches()).flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
        scopeSpans.flatMap(({ spans }: any) => spans.map((span: any) => spanOf(span, resource))),
      ),
    );
  }
}

function spanOf({ traceId, spanId, parentSpanId = '', name, kind, attributes }: any, resource: any): Span {
  return {
    ...{ trace: traceId, id: spanId, parent: parentSpanId, name, kind: KINDS[kind] },
    attributes: valuesOf(attributes),
    resource: valuesOf(resource.attributes),
  };
}

/** Attributes of OTLP as texts. */
export function valuesOf(attributes: any[] = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}
