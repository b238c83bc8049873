import { Chart } from 'cdk8s';
import { DjangoApp, HealthMonitoring, LeastPrivilegeAccess, ValkeyBackend } from 'cdk8s-django';
import { Telemetry } from 'cdk8s-django/monitoring';
import { EgressTarget } from 'cdk8s-django/network';
import * as fc from 'fast-check';
import { SAMPLES } from '../support/distributions';
import { django, errorOf, find, postgres, synth, webContainer } from '../support/synth';

const COLLECTOR = 'http://otel-collector.observability:4318';
const PODS = EgressTarget.pods(
  {
    podLabels: { app: 'otel-collector' },
    namespaceLabels: { 'kubernetes.io/metadata.name': 'observability' },
  },
  [{ port: 4318 }],
);

function traced(chart: Chart, telemetry: Partial<Telemetry> = {}, changes: Record<string, any> = {}) {
  const app: DjangoApp = django(chart, changes);
  new HealthMonitoring(chart, 'Health', { app, telemetry: { endpoint: COLLECTOR, ...telemetry } });
  return app;
}

const otel = ({ env = [] }: any) =>
  env.filter(({ name }: any) => name.startsWith('OTEL_') || name === 'CDK8S_DJANGO_TRACES');
const valueOf = (container: any, wanted: string) =>
  container.env.find(({ name }: any) => name === wanted)?.value;
const ofPod = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** The containers that trace, with their pods. */
function tracingIn(manifests: any[]): Record<string, any> {
  const found: Record<string, any> = {};
  for (const { kind, metadata, spec } of manifests) {
    const template = spec?.jobTemplate?.spec.template ?? spec?.template;
    const { containers = [], initContainers = [] } = template?.spec ?? {};
    for (const one of [...containers, ...initContainers]) {
      if (otel(one).length) found[`${kind} ${metadata.name} ${one.name}`] = { one, template };
    }
  }
  return found;
}

describe.each(SAMPLES)('traces on $name', ({ make }) => {
  it('are sent by replicas, workers and beat, and by nothing else', () => {
    const manifests = synth((chart) => {
      const valkey = new ValkeyBackend(chart, 'Valkey', { name: 'polls-valkey', storage: '1Gi' });
      const app = traced(
        chart,
        {},
        { database: postgres(chart), celery: { broker: valkey.database(1) }, release: '2026.11+b' },
      );
      app.addCeleryWorker({ name: 'mail' });
      app.addCeleryBeat();
      app.addTaskWorker({ name: 'tasks' });
      app.addProcess({ name: 'bot', command: ['python', 'manage.py', 'bot'] });
      app.addCommand({ name: 'load', command: ['loaddata'] });
    }, make());
    const wanted = [
      { name: 'CDK8S_DJANGO_TRACES', value: 'true' },
      ofPod('OTEL_RESOURCE_ATTRIBUTES_POD_NAME', 'metadata.name'),
      ofPod('OTEL_RESOURCE_ATTRIBUTES_NAMESPACE_NAME', 'metadata.namespace'),
      { name: 'OTEL_SERVICE_NAME', value: 'polls' },
      {
        name: 'OTEL_RESOURCE_ATTRIBUTES',
        value:
          'service.version=2026.11%2Bb,k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),' +
          'k8s.namespace.name=$(OTEL_RESOURCE_ATTRIBUTES_NAMESPACE_NAME)',
      },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: COLLECTOR },
    ];
    const tracing = tracingIn(manifests);
    expect(Object.keys(tracing).sort()).toEqual([
      'Deployment polls web',
      'Deployment polls-beat beat',
      'Deployment polls-tasks-tasks worker',
      'Deployment polls-worker-mail worker',
    ]);
    for (const { one, template } of Object.values(tracing)) {
      expect(otel(one)).toEqual(wanted);
      const [{ projected }] = template.spec.volumes.filter(({ name }: any) => name === 'runtime');
      const mounted = projected.sources.map(({ configMap }: any) => configMap.name.replace(/-\w+$/, ''));
      expect(mounted).toContain('cdk8s-django-traces');
    }
  });

  it('have their headers from a Secret, and a ratio in the standard variables', () => {
    const headers = { secretName: 'polls-otlp', key: 'headers' };
    const web = webContainer(synth((chart) => traced(chart, { headers, ratio: 0.1 }), make()));
    expect(otel(web).slice(-3)).toEqual([
      {
        name: 'OTEL_EXPORTER_OTLP_HEADERS',
        valueFrom: { secretKeyRef: { name: 'polls-otlp', key: 'headers' } },
      },
      { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
      { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.1' },
    ]);
  });

  it('let the pods that send them reach the collector, and no other', () => {
    const manifests = synth((chart) => {
      const app = traced(chart, { target: PODS }, { database: postgres(chart) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, make());
    const rule = {
      to: [
        {
          podSelector: { matchLabels: { app: 'otel-collector' } },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } },
        },
      ],
      ports: [{ port: 4318, protocol: 'TCP' }],
    };
    const reaching = manifests
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .filter(({ spec }) => JSON.stringify(spec.egress ?? []).includes('otel-collector'));
    expect(reaching.map(({ metadata }) => metadata.name).sort()).toEqual(['polls', 'polls-workers-egress']);
    for (const { spec } of reaching) expect(spec.egress).toContainEqual(rule);
  });

  it('reach an endpoint that is an address without more words', () => {
    const manifests = synth((chart) => {
      const app = traced(chart, { endpoint: 'https://192.0.2.7/otlp' });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, make());
    expect(find(manifests, 'NetworkPolicy', 'polls').spec.egress).toContainEqual({
      to: [{ ipBlock: { cidr: '192.0.2.7/32' } }],
      ports: [{ port: 443, protocol: 'TCP' }],
    });
  });

  it('reach a public name where the policies of the platform have names', () => {
    const bound = make();
    const define = (chart: Chart) => {
      const app = traced(chart, { endpoint: 'https://otlp.example.com' });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    };
    if (!bound.network.egressNames) {
      expect(errorOf(define, bound)).toContain('telemetry.target (not given) is needed');
      return;
    }
    const names = synth(define, bound).filter(({ metadata }) => metadata.name === 'polls-web-workers-names');
    expect(JSON.stringify(names)).toContain('otlp.example.com');
    expect(JSON.stringify(names)).toContain('443');
  });

  it('need a target for a Service when the network is restricted', () => {
    const error = errorOf((chart) => {
      new LeastPrivilegeAccess(chart, 'Access', { app: traced(chart) });
    }, make());
    expect(error).toContain(
      `telemetry.target (not given) is needed: network policies cannot be made of "${COLLECTOR}". ` +
        'Give EgressTarget.pods for a collector of the cluster, with the ports of its pods, or ' +
        'EgressTarget.addresses for one elsewhere.',
    );
  });
});

describe('traces', () => {
  it('leave variables of the program as they are', () => {
    const environment = { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_off' };
    const web = webContainer(synth((chart) => traced(chart, { ratio: 0.5 }, { environment })));
    const names = otel(web).map(({ name }: any) => name);
    expect(names).not.toContain('OTEL_SERVICE_NAME');
    expect(names).not.toContain('OTEL_TRACES_SAMPLER');
    expect(names).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  it('have each ratio as a decimal that means the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), (millionths) => {
        const ratio = millionths / 1e6;
        const text = valueOf(
          webContainer(synth((chart) => traced(chart, { ratio }))),
          'OTEL_TRACES_SAMPLER_ARG',
        );
        expect(text).toMatch(/^0([.]\d+)?$/);
        expect(Number(text)).toBeCloseTo(ratio, 9);
      }),
      { numRuns: 20 },
    );
  });

  const BASE =
    'is not the base URL of what takes OTLP over HTTP. Give one without query and without /v1/traces, such as ' +
    '"http://otel-collector.observability:4318".';
  it.each<[string, Partial<Telemetry>, string]>([
    ['no URL', { endpoint: 'collector:4318' }, `telemetry.endpoint "collector:4318" ${BASE}`],
    [
      'a password',
      { endpoint: 'http://:hunter2@collector:4318' },
      'telemetry.endpoint "http://:…@collector:4318"',
    ],
    ['gRPC', { endpoint: 'grpc://collector:4317' }, `telemetry.endpoint "grpc://collector:4317" ${BASE}`],
    [
      'the whole path',
      { endpoint: 'https://otlp.example.com/v1/traces' },
      `telemetry.endpoint "https://otlp.example.com/v1/traces" ${BASE}`,
    ],
    ['no share', { ratio: 1.5 }, 'telemetry.ratio 1.5 is not a share of traces. Give 0, or a number from'],
    ['too small a share', { ratio: 1e-9 }, 'telemetry.ratio 1e-9 is not a share of traces.'],
    ['no key', { headers: { secretName: 'otlp', key: '' } }, 'telemetry.headers.key'],
    [
      'a password in the URL',
      { endpoint: 'https://user:s3cr3tpassw0rd@otlp.example.com' },
      'Put it into a Secret, and give it by telemetry.headers.',
    ],
  ])('are refused with %s', (_, telemetry, message) => {
    const error = errorOf((chart) => traced(chart, telemetry));
    expect(error).toContain(message);
    expect(error).not.toContain('s3cr3tpassw0rd');
  });

  it('are refused twice', () => {
    const error = errorOf((chart) => traced(chart).addTelemetry({ endpoint: COLLECTOR }));
    expect(error).toContain(
      `telemetry "${COLLECTOR}" is given twice. Make one HealthMonitoring with telemetry.`,
    );
  });

  it('are refused without the overlay', () => {
    const error = errorOf((chart) => traced(chart, {}, { settingsOverlay: { enabled: false } }));
    expect(error).toContain(
      'settingsOverlay.enabled false turns off what starts the traces of each process.',
    );
  });
});
