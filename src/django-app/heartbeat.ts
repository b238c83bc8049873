import * as k8s from '../kubernetes/api';
import { RUNTIME_MOUNT } from '../runtime/runtime';

const STARTUP = { periodSeconds: 2, failureThreshold: 60 };

/** How long a worker or a beat may take to start before it is started again. */
export const HEARTBEAT_STARTUP_SECONDS = STARTUP.periodSeconds * STARTUP.failureThreshold;

/**
 * By the files that the runtime writes (heartbeat.py). Without the broker a worker is not ready, but it is not
 * restarted, which would not help; when its main loop hangs, it is.
 */
export function heartbeatProbes(): Partial<k8s.Container> {
  return {
    startupProbe: { ...heartbeat('alive', 30), ...STARTUP, timeoutSeconds: 5 },
    readinessProbe: { ...heartbeat('ready', 15), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    livenessProbe: {
      ...heartbeat('alive', 60),
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
      // A main loop that hangs does not end by itself: waiting for its tasks helps nobody.
      terminationGracePeriodSeconds: 10,
    },
  };
}

/** Without Django, without the packages of the image: some hundredths of a second. */
function heartbeat(sign: string, seconds: number): k8s.Probe {
  const program = `${RUNTIME_MOUNT.mountPath}/heartbeat.py`;
  return { exec: { command: ['python', '-IS', program, sign, String(seconds)] } };
}
