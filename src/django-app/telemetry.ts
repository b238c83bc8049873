import { isIP } from 'node:net';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { EnvironmentVariable, envVar, literal } from '../kubernetes/environment';
import { Problem } from '../kubernetes/errors';
import { HashedConfigMap } from '../kubernetes/resource';
import { checkNoSecret } from '../kubernetes/plain-secrets';
import { addProblems, Problems } from '../kubernetes/problems';
import { checkSecretValue } from '../kubernetes/secret-values';
import { distributionOf } from '../platform/binding';
import { runtimeConfigMaps } from '../workloads/runtime-config-maps';
import { AppPods } from './app-pods';
import { EgressTarget } from './egress-target';
import { isNameOfCluster } from './egress-checks';
import { PodKind } from './pod-kinds';
import { releaseName } from './release-marker';
import { Telemetry } from './telemetry-props';

export type { Telemetry };

/** A share as the SDK reads it: without an exponent. */
const SMALLEST_RATIO = 0.000001;

/** Has the pods send traces from now on; the ConfigMaps that replicas mount for it. */
export function beginTelemetry(scope: Construct, pods: AppPods, telemetry: Telemetry): HashedConfigMap[] {
  if (pods.surroundings.telemetry) {
    Problems.report(scope, {
      property: 'telemetry',
      value: telemetry.endpoint,
      reason: 'is given twice',
      remedy: 'Make one HealthMonitoring with telemetry',
    });
  }
  const url = checkTelemetry(scope, pods, telemetry);
  pods.surroundings.telemetry = telemetry;
  const target = telemetry.target ?? (url && targetOf(scope, url));
  if (target) pods.egress.allow(target, { pods: [PodKind.WEB, PodKind.WORKERS] });
  else addProblems(scope, () => (pods.egress.isRestricted ? [missingTarget(telemetry)] : []));
  return telemetryRuntime(scope, pods);
}

function checkTelemetry(
  scope: Construct,
  { props }: AppPods,
  { endpoint, headers, ratio = 1 }: Telemetry,
): URL | undefined {
  if (props.settingsOverlay?.enabled === false) {
    Problems.report(scope, {
      property: 'settingsOverlay.enabled',
      value: false,
      reason: 'turns off what starts the traces of each process',
      remedy: 'Leave it out, or leave out telemetry and let the application start OpenTelemetry itself',
    });
  }
  if (headers !== undefined) checkSecretValue(scope, 'telemetry.headers', headers);
  if (!(ratio === 0 || (ratio >= SMALLEST_RATIO && ratio <= 1))) {
    Problems.report(scope, {
      property: 'telemetry.ratio',
      value: ratio,
      reason: 'is not a share of traces',
      remedy: 'Give 0, or a number from 0.000001 to 1, such as 0.1',
    });
  }
  return checkEndpoint(scope, endpoint);
}

function checkEndpoint(scope: Construct, endpoint: string): URL | undefined {
  const property = 'telemetry.endpoint';
  const remedy = 'Put it into a Secret, and give it by telemetry.headers';
  checkNoSecret(scope, { property, text: String(endpoint), of: property, remedy });
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isBase =
    url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  if (isBase && !/\/v1\/traces\/?$/.test(url.pathname) && !/\s|,/.test(endpoint)) return url;
  Problems.report(scope, {
    property,
    value: endpoint,
    reason: 'is not the base URL of what takes OTLP over HTTP',
    remedy:
      'Give one without query and without /v1/traces, such as "http://otel-collector.observability:4318"',
  });
  return undefined;
}

/** What the endpoint says by itself; nothing for a Service, whose pods and ports no policy sees by its name. */
function targetOf(scope: Construct, { protocol, hostname, port }: URL): EgressTarget | undefined {
  const ports = [{ port: Number(port || (protocol === 'https:' ? 443 : 80)) }];
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  if (version) return EgressTarget.addresses([`${address}/${version === 4 ? 32 : 128}`], ports);
  const { egressNames } = distributionOf(scope).network;
  // Two labels may be a Service and its namespace.
  const isPublic = hostname.split('.').length > 2 && !isNameOfCluster(hostname);
  return isPublic && egressNames?.refusal(hostname) === undefined && egressNames
    ? EgressTarget.names([hostname], ports)
    : undefined;
}

function missingTarget({ endpoint }: Telemetry): Problem {
  return {
    property: 'telemetry.target',
    value: undefined,
    reason: `is needed: network policies cannot be made of "${endpoint}"`,
    remedy:
      'Give EgressTarget.pods for a collector of the cluster, with the ports of its pods, or EgressTarget.addresses for one elsewhere',
  };
}

/** The modules that trace, for the pods that do: Jobs and init containers have none of it. */
export function telemetryRuntime(scope: Construct, { surroundings }: AppPods): HashedConfigMap[] {
  return surroundings.telemetry ? runtimeConfigMaps(scope, ['traces']) : [];
}

/** By them the processes of a container trace. Those of the program's own count. */
export function telemetryVariables(pods: AppPods): k8s.EnvVar[] {
  const { telemetry } = pods.surroundings;
  if (!telemetry) return [];
  const { ratio = 1, endpoint, headers } = telemetry;
  const release = encodeURIComponent(releaseName(pods.props));
  const attributes = [
    ...(release ? [`service.version=${release}`] : []),
    'k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)',
    'k8s.namespace.name=$(OTEL_RESOURCE_ATTRIBUTES_NAMESPACE_NAME)',
  ];
  const sampler: EnvironmentVariable[] = [
    { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
    { name: 'OTEL_TRACES_SAMPLER_ARG', value: decimal(ratio) },
  ];
  const variables: k8s.EnvVar[] = [
    { name: 'CDK8S_DJANGO_TRACES', value: 'true' },
    ofPod('OTEL_RESOURCE_ATTRIBUTES_POD_NAME', 'metadata.name'),
    ofPod('OTEL_RESOURCE_ATTRIBUTES_NAMESPACE_NAME', 'metadata.namespace'),
    { name: 'OTEL_SERVICE_NAME', value: pods.props.name },
    { name: 'OTEL_RESOURCE_ATTRIBUTES', value: attributes.join() },
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: literal(endpoint) },
    ...(headers ? [envVar({ name: 'OTEL_EXPORTER_OTLP_HEADERS', ...headers })] : []),
    ...(ratio < 1 ? sampler.map(envVar) : []),
  ];
  return variables.filter(({ name }) => !pods.variableNames.includes(name));
}

function ofPod(name: string, fieldPath: string): k8s.EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function decimal(ratio: number): string {
  return ratio.toFixed(6).replace(/[.]?0+$/, '') || '0';
}
