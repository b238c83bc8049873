import { valuesOf } from '../cluster/support/collector';
import { Namespace } from '../cluster/support/namespaces';

/** A point of a metric, as OTLP has it. A histogram's value is its count. */
export interface Measurement {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly labels: Record<string, string>;
  readonly source: Record<string, string>;
  readonly time: string;
  readonly start: string;
  readonly value: number;
}

/** A point that says that its series has ended has no value. */
const NO_RECORDED_VALUE = 1;

/** Attributes in one order: the collector has them in another one in each batch. */
function attributesOf({ attributes }: any): Record<string, string> {
  return Object.fromEntries(Object.entries(valuesOf(attributes)).sort());
}

export function measurements(batches: any[]): Measurement[] {
  return batches.flatMap(({ resourceMetrics = [] }) =>
    resourceMetrics.flatMap(({ resource, scopeMetrics }: any) => {
      const source = attributesOf(resource);
      return scopeMetrics.flatMap(({ metrics }: any) =>
        metrics.flatMap((metric: any) => pointsOf(metric).map((point) => ({ ...point, source }))),
      );
    }),
  );
}

function pointsOf({ name, unit = '', sum, gauge, histogram }: any): Omit<Measurement, 'source'>[] {
  const type = sum ? (sum.isMonotonic ? 'counter' : 'sum') : gauge ? 'gauge' : 'histogram';
  const points: any[] = (sum ?? gauge ?? histogram)?.dataPoints ?? [];
  return points
    .filter(({ flags = 0 }) => !(flags & NO_RECORDED_VALUE))
    .map(({ timeUnixNano, startTimeUnixNano = '', asDouble, asInt, count, ...point }) => ({
      ...{ name, type, unit, labels: attributesOf(point) },
      ...{ time: timeUnixNano, start: startTimeUnixNano, value: Number(asDouble ?? asInt ?? count) },
    }));
}

/** The last point of each series. */
export function newest(all: Measurement[]): Measurement[] {
  const found = new Map<string, Measurement>();
  for (const one of all) {
    const key = JSON.stringify([one.source, one.name, one.labels]);
    const before = found.get(key);
    if (!before || BigInt(one.time) > BigInt(before.time)) found.set(key, one);
  }
  return [...found.values()];
}

/** A line of a container, with what OTLP has fields for. */
export interface Line {
  readonly pod: string;
  readonly container: string;
  readonly body: string;
  readonly severity: string;
  readonly number: number;
  /** In milliseconds, of a line of JSON. */
  readonly time?: number;
  readonly trace: string;
  readonly span: string;
  readonly service: string;
  readonly release: string;
  /** Of a line of the access log, as a whole number. */
  readonly status?: number;
}

export function arrivedLines(batches: any[]): Line[] {
  return batches.flatMap(({ resourceLogs = [] }) =>
    resourceLogs.flatMap(({ resource, scopeLogs }: any) => {
      const source = valuesOf(resource.attributes);
      return scopeLogs.flatMap(({ logRecords }: any) => logRecords.map((one: any) => lineOf(one, source)));
    }),
  );
}

function lineOf(record: any, source: Record<string, string>): Line {
  const status = record.attributes.find(({ key }: any) => key === 'status');
  const { body, severityText = '', severityNumber = 0, timeUnixNano, traceId = '', spanId = '' } = record;
  return {
    ...{ pod: source['k8s.pod.name'], container: source['k8s.container.name'], body: body.stringValue },
    ...{ severity: severityText, number: severityNumber },
    time: severityText ? Number(BigInt(timeUnixNano) / 1_000_000n) : undefined,
    ...{ trace: traceId, span: spanId },
    ...{ service: source['service.name'] ?? '', release: source['service.version'] ?? '' },
    status: status && Number(status.value.intValue),
  };
}

/** As OpenTelemetry numbers the levels of Python. */
const SEVERITIES: Record<string, number> = { DEBUG: 5, INFO: 9, WARNING: 13, ERROR: 17, CRITICAL: 21 };

/** The lines of the containers of a namespace, as the cluster has them. */
export async function writtenLines(namespace: Namespace): Promise<Line[]> {
  const pods = await namespace.list('pods');
  const all = await Promise.all(
    pods.map(({ metadata: { name } }) =>
      namespace.kubectl('logs', name, '--all-containers', '--prefix', '--tail=-1'),
    ),
  );
  return all.flatMap((text) => text.split('\n').filter(Boolean).map(written));
}

function written(text: string): Line {
  const [, pod, container, line] = /^\[pod\/([^/]+)\/([^\]]+)\] (.*)$/.exec(text)!;
  if (!line.startsWith('{')) {
    const none = { severity: '', number: 0, time: undefined, trace: '', span: '', service: '', release: '' };
    return { pod, container, body: line, ...none };
  }
  const { message, level, time, trace_id = '', span_id = '', release = '', status } = JSON.parse(line);
  return {
    ...{ pod, container, body: message, severity: level, number: SEVERITIES[level], time: Date.parse(time) },
    ...{ trace: trace_id, span: span_id, service: release && 'polls', release, status },
  };
}
