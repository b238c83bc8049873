import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkSeconds } from '../kubernetes/durations';
import { checkInteger } from '../kubernetes/numbers';
import { checkPath } from '../kubernetes/paths';

/** A probe of the kubelet. */
export interface Probe {
  /**
   * Path that answers 200 when all is well.
   *
   * @default - the health endpoint that the settings overlay adds; without the overlay the port is probed, not a path
   */
  readonly path?: string;

  /**
   * Time between two probes, in whole seconds, at most an hour.
   *
   * @default - 1 second for startup, 5 for readiness, 10 for liveness
   */
  readonly period?: Duration;

  /**
   * Time after which a probe that has no answer has failed, in whole seconds, at most an hour.
   *
   * @default - 5 seconds, 10 for liveness
   */
  readonly timeout?: Duration;

  /**
   * Number of failures in a row that count, at most 10000.
   *
   * @default - 300 for startup, 3 for readiness, 6 for liveness
   */
  readonly failureThreshold?: number;
}

/** The probes of an application's pods. */
export interface Probes {
  /**
   * Holds the others back until the application has started.
   *
   * @default - see Probe
   */
  readonly startup?: Probe;

  /**
   * Takes the pod out of its Service while it fails: the database is asked. Load balancers ask for its path too.
   * Those of EKS and of GkeIngressRouting name the address of the pod as host: the overlay answers, and without it
   * the path that is given has to.
   *
   * @default - see Probe
   */
  readonly readiness?: Probe;

  /**
   * Restarts the container when it fails: only the process itself is asked, never the database, whose absence a
   * restart would not mend.
   *
   * @default - see Probe
   */
  readonly liveness?: Probe;
}

/** The paths at which the settings overlay answers. */
export const HEALTH_PATHS = { startup: '/startupz', readiness: '/readyz', liveness: '/livez' };

const DEFAULTS = {
  // Five minutes: on a node that is busy an application takes many times as long to start.
  startup: { period: 1, timeout: 5, failureThreshold: 300 },
  readiness: { period: 5, timeout: 5, failureThreshold: 3 },
  liveness: { period: 10, timeout: 10, failureThreshold: 6 },
};

const TIME_BOUNDS = { atLeast: 1, atMost: Duration.hours(1).toSeconds() };
const MOST_FAILURES = 10_000;

type ProbeName = keyof typeof DEFAULTS;
export const PROBE_NAMES: ProbeName[] = ['startup', 'readiness', 'liveness'];

/** Checks probes that were given. */
export function checkProbes(scope: Construct, probes: Probes): void {
  for (const name of PROBE_NAMES) {
    const probe = probes[name];
    if (probe?.failureThreshold !== undefined) {
      const bounds = { atLeast: 1, atMost: MOST_FAILURES };
      checkInteger(scope, `${name}.failureThreshold`, probe.failureThreshold, bounds);
    }
    if (probe?.period) checkSeconds(scope, `${name}.period`, probe.period, TIME_BOUNDS);
    if (probe?.timeout) checkSeconds(scope, `${name}.timeout`, probe.timeout, TIME_BOUNDS);
    if (probe?.path !== undefined) checkPath(scope, `${name}.path`, probe.path);
  }
}

/** Probes with changes: what those do not say stays as it was. */
export function changedProbes(probes: Probes, changes: Probes): Probes {
  const changed = PROBE_NAMES.map((name) => [name, { ...probes[name], ...given(changes[name]) }]);
  return Object.fromEntries(changed);
}

function given(probe: Probe = {}): Probe {
  return Object.fromEntries(Object.entries(probe).filter(([, value]) => value !== undefined));
}

/** How long a replica may take to start before it is started again. */
export function startupSeconds({ startup = {} }: Probes): number {
  const { period, failureThreshold } = DEFAULTS.startup;
  return (startup.period?.toSeconds() ?? period) * (startup.failureThreshold ?? failureThreshold);
}

/** Where the probes of an application go. */
export interface ProbeTarget {
  readonly portName: string;
  /** A host that the application allows: it refuses the pod's address, which the kubelet would name. */
  readonly host: string;
  /** Whether the application has the overlay's health endpoints. */
  readonly healthEndpoints: boolean;
}

/** The probes as a container writes them. */
export function containerProbes(probes: Probes, target: ProbeTarget): Partial<k8s.Container> {
  return {
    startupProbe: containerProbe('startup', probes.startup, target),
    readinessProbe: containerProbe('readiness', probes.readiness, target),
    livenessProbe: containerProbe('liveness', probes.liveness, target),
  };
}

function containerProbe(name: ProbeName, probe: Probe = {}, target: ProbeTarget): k8s.Probe {
  const defaults = DEFAULTS[name];
  const path = probe.path ?? (target.healthEndpoints ? HEALTH_PATHS[name] : undefined);
  const port = target.portName;
  return {
    periodSeconds: probe.period?.toSeconds() ?? defaults.period,
    timeoutSeconds: probe.timeout?.toSeconds() ?? defaults.timeout,
    failureThreshold: probe.failureThreshold ?? defaults.failureThreshold,
    ...(path ? { httpGet: { path, port, httpHeaders: probeHeaders(target.host) } } : { tcpSocket: { port } }),
  };
}

/** An allowed host, and the scheme that a router would have forwarded: no 400, no redirect to HTTPS. */
function probeHeaders(host: string): k8s.HTTPHeader[] {
  return [
    { name: 'Host', value: host },
    { name: 'X-Forwarded-Proto', value: 'https' },
  ];
}
