import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { EnvironmentVariable, envVar } from '../kubernetes/environment';
import { TMP_MOUNT, TMP_VOLUME } from '../kubernetes/pods';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { RUNTIME_MOUNT, runtimeCommand, runtimeVolume } from '../runtime/runtime';
import { MediaVolume } from './media';

/** CPU and memory of an instance, where a program does not say. */
export const DEFAULT_RESOURCES = { cpuRequest: '250m', memoryRequest: '256Mi', memoryLimit: '512Mi' };

/** What all containers of an application share. */
export interface DjangoContainers {
  readonly image: string;
  readonly configMapName: string;
  readonly runtimeConfigMapName: string;
  readonly variables: EnvironmentVariable[];
  readonly resources: ContainerResources;
  readonly media?: MediaVolume;
  readonly mediaClaimName: string;
}

/** A container of the application: its image, environment and volumes, with a command. */
export function djangoContainer(
  app: DjangoContainers,
  own: { name: string; command: string[] } & Partial<k8s.Container>,
): k8s.Container {
  return {
    image: app.image,
    envFrom: [{ configMapRef: { name: app.configMapName } }],
    env: app.variables.map(envVar),
    resources: resourceRequirements(app.resources),
    volumeMounts: [
      RUNTIME_MOUNT,
      TMP_MOUNT,
      ...(app.media ? [{ name: 'media', mountPath: app.media.mountPath }] : []),
    ],
    ...own,
  };
}

/** The volumes of those containers. */
export function djangoVolumes(app: DjangoContainers): k8s.Volume[] {
  return [
    runtimeVolume(app.runtimeConfigMapName),
    TMP_VOLUME,
    ...(app.media ? [{ name: 'media', persistentVolumeClaim: { claimName: app.mediaClaimName } }] : []),
  ];
}

/** The container that holds a pod back until the database has the schema that its code needs. */
export function waitForSchema(app: DjangoContainers): k8s.Container {
  return djangoContainer(app, { name: 'wait-for-schema', command: runtimeCommand('migrate', '--wait') });
}
