import { Telemetry } from 'cdk8s-django/monitoring';
import { EgressTarget } from 'cdk8s-django/network';
import { IMAGE } from './image';
import { apply } from './kubectl';
import { Namespace } from './namespaces';

const LABELS = { 'app.kubernetes.io/name': 'collector' };
const PORT = 4318;
const KEPT = '/tmp/batches';

const SECURITY_CONTEXT = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const PROBE = { tcpSocket: { port: PORT }, periodSeconds: 1 };

/** A program that keeps what it is sent, a line for each batch. `read` makes JSON of one, and `answer` is its answer. */
const keep = (address: string, read: string[], answer: string) => `
import base64, gzip, json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with open("${KEPT}", "ab") as kept:
            kept.write(read(self.path, body) + b"\\n")
        self.send_response(200)
        self.send_header("Content-Type", self.headers["Content-Type"])
        self.end_headers()
        self.wfile.write(${answer})
    def log_message(self, *args):
        pass
${read.join('\n')}
open("${KEPT}", "ab").close()
ThreadingHTTPServer((${address}), Handler).serve_forever()
`;

/** Traces come as messages of protobuf, whose package the image has. OTLP has its ids in JSON as hexadecimal numbers. */
const RECEIVE = keep(
  `"", ${PORT}`,
  [
    'from google.protobuf.json_format import MessageToDict',
    'from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest',
    'def read(path, body):',
    '    if path != "/v1/traces":',
    '        return b"{}"',
    '    batch = MessageToDict(ExportTraceServiceRequest.FromString(body), use_integers_for_enums=True)',
    '    for resource in batch["resourceSpans"]:',
    '        for scope in resource["scopeSpans"]:',
    '            for span in scope["spans"]:',
    '                for name in {"traceId", "spanId", "parentSpanId"} & set(span):',
    '                    span[name] = base64.b64decode(span[name]).hex()',
    '    return json.dumps(batch).encode()',
  ],
  'b""',
);

const PIPELINE = { receivers: ['otlp'], processors: ['batch'], exporters: ['otlp_http'] };

/** What OpenTelemetry's collector does: it takes all by OTLP, and hands batches on as JSON, whose reader is beside it. */
const CONFIGURATION = {
  receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${PORT}` } } } },
  processors: { batch: { timeout: '500ms' } },
  exporters: { otlp_http: { endpoint: 'http://127.0.0.1:4319', encoding: 'json', compression: 'none' } },
  service: {
    telemetry: { metrics: { level: 'none' } },
    pipelines: { traces: PIPELINE, metrics: PIPELINE, logs: PIPELINE },
  },
};
const KEEP = keep('"127.0.0.1", 4319', ['def read(path, body):', '    return body'], 'b"{}"');

/** A span, as it arrives. */
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

/** What takes traces by OTLP in a namespace, in an image that has OpenTelemetry's messages of protobuf. */
export class TraceReceiver {
  /** For the applications of its namespace. */
  static readonly TELEMETRY: Telemetry = {
    endpoint: `http://collector:${PORT}`,
    target: EgressTarget.pods({ podLabels: LABELS }, [{ port: PORT }]),
  };

  constructor(protected readonly namespace: Namespace) {}

  async start(image: string): Promise<void> {
    const name = { name: 'collector', image, command: ['python', '-c', RECEIVE] };
    await this.run([{ ...name, readinessProbe: PROBE, securityContext: SECURITY_CONTEXT }]);
  }

  protected async run(containers: any[], volumes: any[] = []): Promise<void> {
    const metadata = { name: 'collector', namespace: this.namespace.name };
    await apply([
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
          containers,
          volumes,
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

/** OpenTelemetry's own collector in a namespace. */
export class Collector extends TraceReceiver {
  override async start(image: string): Promise<void> {
    const metadata = { name: 'collector', namespace: this.namespace.name };
    const data = { 'config.yaml': JSON.stringify(CONFIGURATION) };
    await apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }]);
    await this.run(
      [
        { name: 'reader', image: IMAGE, command: ['python', '-c', KEEP], securityContext: SECURITY_CONTEXT },
        {
          ...{ name: 'collector', image, securityContext: SECURITY_CONTEXT, readinessProbe: PROBE },
          volumeMounts: [{ name: 'configuration', mountPath: '/etc/otelcol' }],
        },
      ],
      [{ name: 'configuration', configMap: { name: 'collector' } }],
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
