import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { EnvironmentVariable, envVar } from '../kubernetes/environment';
import { HashedConfigMap } from '../kubernetes/resource';
import { AppPods } from './app-pods';
import { metricsPorts, metricsRuntime, metricsVariables } from './metrics';
import { telemetryRuntime, telemetryVariables } from './telemetry';

/** The modules that count and trace, for the pods that do. */
export function signalsRuntime(scope: Construct, pods: AppPods): HashedConfigMap[] {
  return [...metricsRuntime(scope, pods), ...telemetryRuntime(scope, pods)];
}

/** By them the processes of a container count and trace. */
export function signalsVariables(pods: AppPods): k8s.EnvVar[] {
  return [...metricsVariables(pods), ...telemetryVariables(pods)];
}

/** What the container of a worker or a beat has in addition. */
export function signalsFields(pods: AppPods, variables: EnvironmentVariable[]): Partial<k8s.Container> {
  const own = signalsVariables(pods);
  const ports = metricsPorts(pods);
  return own.length ? { env: [...variables.map(envVar), ...own], ...(ports.length > 0 && { ports }) } : {};
}
