import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkSeconds } from '../kubernetes/durations';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { ProcessPlacement, ProcessProbe, ProcessProps, ProcessScaling, StopSignal } from './process-props';
import { checkUtilization, commonTargets, DEFAULT_CPU_UTILIZATION, ScalingTargets } from './scaling';

const DEFAULT_STOP_TIMEOUT = Duration.seconds(30);
const DEFAULT_MAX_AGE = Duration.minutes(1);
const DEFAULT_STARTUP_TIME = Duration.minutes(2);
/** Time for the container itself to end after its process. */
const MARGIN_SECONDS = 5;
const STARTUP_PERIOD = 2;
const FILE = /^\/(?:[-\w.]+\/)*[-\w.]+$/;

/** How long a process has to end, in seconds. */
export interface ProcessTimes {
  readonly soft: number;
  readonly workerGracePeriod: number;
  readonly sum: string;
  readonly what: string;
  readonly by: string;
}

export function processTimes({ stopTimeout = DEFAULT_STOP_TIMEOUT }: ProcessProps): ProcessTimes {
  const soft = stopTimeout.toSeconds();
  const workerGracePeriod = soft + MARGIN_SECONDS;
  const sum = `${soft} s process + ${MARGIN_SECONDS} s container = ${workerGracePeriod} s`;
  return { soft, workerGracePeriod, sum, what: 'it', by: 'stopTimeout' };
}

/** Checks what is a process' own. */
export function checkProcess(scope: Construct, props: ProcessProps): void {
  const { command, placement, stopTimeout, stopSignal, probe, databaseConnections } = props;
  checkCommand(scope, 'command', command);
  if (placement !== undefined && !Object.values(ProcessPlacement).includes(placement)) {
    Problems.report(scope, {
      property: 'placement',
      value: placement,
      reason: 'is not a place where a process runs',
      remedy: 'Use a member of ProcessPlacement',
    });
  }
  if (stopTimeout) checkSeconds(scope, 'stopTimeout', stopTimeout);
  if (stopSignal !== undefined && !Object.values(StopSignal).includes(stopSignal)) {
    Problems.report(scope, {
      property: 'stopSignal',
      value: stopSignal,
      reason: 'is not a signal that a process is told to stop by',
      remedy: 'Use a member of StopSignal',
    });
  }
  if (databaseConnections !== undefined) {
    checkInteger(scope, 'databaseConnections', databaseConnections, { atLeast: 0 });
  }
  if (probe) checkProbe(scope, probe);
  if (placement === ProcessPlacement.WEB_PODS) checkBesideReplicas(scope, props);
}

function checkCommand(scope: Construct, property: string, command: string[]): void {
  const isText = Array.isArray(command) && command.every((word) => typeof word === 'string');
  if (isText && command[0]) return;
  Problems.report(scope, {
    property,
    value: command,
    reason: 'is not a program with its arguments',
    remedy: 'Give a list of strings, such as ["python", "manage.py", "rqworker"]',
  });
}

/** Checks that a process in the pods of replicas is not given what only pods of its own have. */
function checkBesideReplicas(scope: Construct, { replicas, scaling, scheduling }: ProcessProps): void {
  const own = Object.entries({ replicas, scaling, scheduling }).find(([, value]) => value !== undefined);
  if (!own) return;
  Problems.report(scope, {
    property: own[0],
    value: own[1],
    reason: 'has no meaning for a process that runs in the pod of each replica',
    remedy: 'Leave it out, or let the process have pods of its own',
  });
}

function checkProbe(scope: Construct, { file, command, maxAge, startupTime }: ProcessProbe): void {
  if ((file === undefined) === (command === undefined)) {
    Problems.report(scope, {
      property: 'probe',
      value: { file, command },
      reason: file === undefined ? 'says neither a file nor a command' : 'says a file and a command',
      remedy: 'Give one of the two, or leave probe out',
    });
  }
  if (file !== undefined && !FILE.test(file)) {
    Problems.report(scope, {
      property: 'probe.file',
      value: file,
      reason: 'is not the absolute path of a file',
      remedy: 'Give one of letters, digits, "-", "_", "." and "/", such as "/tmp/alive"',
    });
  }
  if (command !== undefined) checkCommand(scope, 'probe.command', command);
  if (maxAge) checkSeconds(scope, 'probe.maxAge', maxAge, { atLeast: 5 });
  if (maxAge && file === undefined) {
    Problems.report(scope, {
      property: 'probe.maxAge',
      value: maxAge.toSeconds(),
      reason: 'has no meaning without probe.file',
      remedy: 'Give the file, or leave it out',
    });
  }
  if (startupTime) checkSeconds(scope, 'probe.startupTime', startupTime, { atLeast: STARTUP_PERIOD });
}

/** The fields of a process' container that say how it is told to stop, and whether it works. */
export function processFields(
  { stopSignal, probe }: ProcessProps,
  { soft }: ProcessTimes,
): Partial<k8s.Container> {
  return {
    ...(stopSignal && { lifecycle: { preStop: { exec: { command: stopCommand(stopSignal, soft) } } } }),
    ...(probe && probesOf(probe)),
  };
}

/**
 * Sends the signal, and waits: a pod sends the image's own signal when this has ended. It ends together with the
 * container, as soon as the process has.
 */
function stopCommand(stopSignal: StopSignal, seconds: number): string[] {
  return [
    'python',
    '-IS',
    '-c',
    `import os, signal, time; os.kill(1, signal.${stopSignal}); time.sleep(${seconds})`,
  ];
}

export function startupSecondsOf({ probe }: ProcessProps): number {
  return (probe?.startupTime ?? DEFAULT_STARTUP_TIME).toSeconds();
}

function probesOf(probe: ProcessProbe): Partial<k8s.Container> {
  const exec = { command: probe.command ?? fileCommand(probe) };
  const startup = Math.ceil(startupSecondsOf({ probe } as ProcessProps) / STARTUP_PERIOD);
  return {
    startupProbe: { exec, periodSeconds: STARTUP_PERIOD, timeoutSeconds: 15, failureThreshold: startup },
    livenessProbe: {
      exec,
      periodSeconds: 20,
      timeoutSeconds: 15,
      failureThreshold: 3,
      // What hangs does not end by itself.
      terminationGracePeriodSeconds: 10,
    },
  };
}

/** No interpreter is started: on a busy node that alone could take longer than a probe waits. */
function fileCommand({ file, maxAge = DEFAULT_MAX_AGE }: ProcessProbe): string[] {
  const age = `$(($(date +%s) - $(stat -c %Y ${file})))`;
  return ['sh', '-c', `test ${age} -le ${maxAge.toSeconds()}`];
}

/** What the autoscaler of a process is asked for. */
export function processTargets(scope: Construct, scaling: ProcessScaling): ScalingTargets {
  const { targetCpuUtilization = DEFAULT_CPU_UTILIZATION } = scaling;
  checkUtilization(scope, 'scaling.targetCpuUtilization', targetCpuUtilization);
  return { ...commonTargets(scope, scaling, 1), targetCpuUtilization };
}
