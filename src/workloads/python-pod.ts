import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Selector } from '../kubernetes/labels';
import { podTemplate, pullSecrets } from './pods';
import { resourceRequirements } from '../kubernetes/resources';
import { pythonPath, RUNTIME_MOUNT } from '../runtime/runtime';
import { HashedConfigMap } from '../kubernetes/resource';
import { runtimeVolume } from './runtime-config-maps';
import { IPythonImage } from '../platform/python-image';
import { placementFields } from './placement';

/** A program of the runtime that asks the API server, in a pod without Django. It writes no files. */
export interface PythonPod {
  readonly selector: Selector;
  readonly python: IPythonImage;
  /** Name of the container. */
  readonly name: string;
  readonly command: string[];
  readonly serviceAccountName: string;
  /** The ConfigMaps of its modules. */
  readonly runtime: HashedConfigMap[];
  readonly restartPolicy: 'Never' | 'OnFailure';
  readonly priorityClassName?: string;
}

/**
 * More than it needs, but the least that no platform raises: AKS' safeguards want 100m and 100Mi, Autopilot 1Gi for
 * each core (https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests).
 */
const RESOURCES = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '128Mi' };

/** The pod of such a program. */
export function pythonPodTemplate(scope: Construct, pod: PythonPod): k8s.PodTemplateSpec {
  const { image, imagePullSecrets, runAsUser, architecture } = pod.python;
  return podTemplate(scope, {
    selector: pod.selector,
    user: { id: runAsUser },
    apiAccess: true,
    spec: {
      serviceAccountName: pod.serviceAccountName,
      imagePullSecrets: pullSecrets(imagePullSecrets),
      ...placementFields(scope, { architecture }),
      restartPolicy: pod.restartPolicy,
      ...(pod.priorityClassName && { priorityClassName: pod.priorityClassName }),
      containers: [
        {
          name: pod.name,
          image,
          command: pod.command,
          env: [
            // Its lines are there as soon as it writes them. Its own programs need no home and no name of a user.
            { name: 'PYTHONUNBUFFERED', value: '1' },
            pythonPath(),
          ],
          resources: resourceRequirements(RESOURCES),
          volumeMounts: [RUNTIME_MOUNT],
        },
      ],
      volumes: [runtimeVolume(pod.runtime)],
    },
  });
}
