import * as k8s from '../kubernetes/api';

/** The port at which a worker or a beat tells the kubelet of itself. */
export const HEARTBEAT_PORT = 8099;

const STARTUP = { periodSeconds: 1, failureThreshold: 300 };

/** How long a worker or a beat may take to start before it is started again. */
export const HEARTBEAT_STARTUP_SECONDS = STARTUP.periodSeconds * STARTUP.failureThreshold;

/**
 * A thread of the process answers (heartbeat.py), so that no probe starts a program, which takes many seconds on a node
 * that is busy. Without the broker a worker is not ready, but it is not restarted, which would
 * not help; when its main loop hangs, it is.
 */
export function heartbeatProbes(): Partial<k8s.Container> {
  return {
    startupProbe: { ...heartbeat('alive', 30), ...STARTUP, timeoutSeconds: 5 },
    readinessProbe: { ...heartbeat('ready', 15), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: {
      ...heartbeat('alive', 60),
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 6,
      // A main loop that hangs does not end by itself: waiting for its tasks helps nobody.
      terminationGracePeriodSeconds: 10,
    },
  };
}

/** Whether the sign was given within the last seconds. */
function heartbeat(sign: string, seconds: number): k8s.Probe {
  return { httpGet: { path: `/${sign}/${seconds}`, port: HEARTBEAT_PORT } };
}
