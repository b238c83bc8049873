import { Duration } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { EnvironmentVariable, envVar } from '../kubernetes/environment';
import { TMP_MOUNT } from '../workloads/pods';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { RUNTIME_MOUNT, runtimeCommand } from '../runtime/runtime';
import { DEFAULT_DEADLINE } from './commands';
import { secretVariables } from './configuration';
import { DjangoAppProps } from './django-app-props';
import { MediaVolume } from './media';
import { Platform } from './platform';
import { SecretValue } from '../kubernetes/secret-values';
import { DatabaseConnector } from '../platform/database-connector';
/** CPU and memory of an instance, a Job or a worker, where a program does not say. */
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
  readonly connector?: DatabaseConnector;
  /** Whether instances serve the static files of other releases too. */
  readonly keepsStatic: boolean;
  /** How long a migration may take: whoever waits for one waits as long. */
  readonly migrationDeadline: Duration;
}

/** What the containers of an application share, by its props and what it uses of its platform. */
export function appContainers(
  props: DjangoAppProps,
  platform: Platform,
  resources: ContainerResources,
  secretKey: SecretValue,
): DjangoContainers {
  return {
    image: props.image,
    configMapName: props.name,
    runtimeConfigMapName: `${props.name}-runtime`,
    variables: [...secretVariables(props, secretKey), ...(platform.media?.environment ?? [])],
    resources,
    media: props.media,
    mediaClaimName: `${props.name}-media`,
    connector: props.database?.connector,
    keepsStatic: props.overlay?.keepStatic ?? false,
    migrationDeadline: props.migrationDeadline ?? DEFAULT_DEADLINE,
  };
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
      ...(app.connector?.volumeMounts ?? []),
    ],
    ...own,
  };
}

/** The command that migrates. It waits for another migration to end, which may take as long as its own. */
export function migrateCommand({ migrationDeadline }: DjangoContainers): string[] {
  return runtimeCommand('migrate', '--timeout', String(migrationDeadline.toSeconds()));
}
