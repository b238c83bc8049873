import { Duration } from 'cdk8s';
import * as k8s from '../kubernetes/api';
import { EnvironmentVariable, envVar } from '../kubernetes/environment';
import { quantity } from '../kubernetes/quantities';
import { TMP_MOUNT } from '../workloads/disk';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { RUNTIME_MOUNT, runtimeCommand } from '../runtime/runtime';
import { DEFAULT_DEADLINE } from './commands';
import { DjangoAppProps } from './django-app-props';
import { MediaVolume } from './media';
import { VolumeProps } from './addition-props';
import { DatabaseConnector } from '../platform/database-connector';
/** CPU and memory of a replica, a Job or a worker, where a program does not say. */
export const DEFAULT_RESOURCES = { cpuRequest: '250m', memoryRequest: '256Mi', memoryLimit: '512Mi' };

/** What a container requests that only waits, or makes one row: the least that no platform raises. */
const SMALL = { cpu: '100m', memory: '128Mi' };

/** The same limits with small requests. */
export function waitingResources(resources: ContainerResources): ContainerResources {
  return {
    ...resources,
    cpuRequest: smaller(resources.cpuRequest, SMALL.cpu),
    memoryRequest: smaller(resources.memoryRequest, SMALL.memory),
  };
}

function smaller(one: string | undefined, other: string): string {
  return one !== undefined && quantity(one)! < quantity(other)! ? one : other;
}

/** What all containers of an application share, regardless of the kind of pods they are in. */
export interface DjangoContainers {
  readonly image: string;
  readonly workingDirectory?: string;
  readonly configMapName: string;
  readonly resources: ContainerResources;
  readonly media?: MediaVolume;
  readonly mediaClaimName: string;
  readonly connector?: DatabaseConnector;
  /** Whether replicas serve the static files of other releases too. */
  readonly keepsStatic: boolean;
  /** How long a migration may take: those who wait for one wait as long. */
  readonly migrationDeadline: Duration;
}

/** What the containers of one kind of pods share. */
export interface KindContainers extends DjangoContainers {
  readonly variables: EnvironmentVariable[];
  /** Volumes that other constructs have added. */
  readonly volumes: VolumeProps[];
  /** Sidecars, as Kubernetes writes containers. */
  readonly sidecars: any[];
}

/** What the containers of an application share, by its props. */
export function appContainers(props: DjangoAppProps, resources: ContainerResources): DjangoContainers {
  return {
    image: props.image,
    workingDirectory: props.workingDirectory,
    configMapName: props.name,
    resources,
    media: props.media,
    mediaClaimName: `${props.name}-media`,
    connector: props.database?.connector,
    keepsStatic: props.settingsOverlay?.keepStatic ?? false,
    migrationDeadline: props.migrationDeadline ?? DEFAULT_DEADLINE,
  };
}

/** A container of the application: its image, environment and volumes, with a command. */
export function djangoContainer(
  app: KindContainers,
  own: { name: string; command: string[] } & Partial<k8s.Container>,
): k8s.Container {
  return {
    image: app.image,
    workingDir: app.workingDirectory,
    envFrom: [{ configMapRef: { name: app.configMapName } }],
    env: app.variables.map(envVar),
    resources: resourceRequirements(app.resources),
    volumeMounts: [
      RUNTIME_MOUNT,
      TMP_MOUNT,
      ...(app.media ? [{ name: 'media', mountPath: app.media.mountPath }] : []),
      ...(app.connector?.volumeMounts ?? []),
      ...app.volumes.flatMap(mountsOf),
    ],
    ...own,
  };
}

function mountsOf({ name, mountPath, source }: VolumeProps): k8s.VolumeMount[] {
  return mountPath === undefined ? [] : [{ name, mountPath, readOnly: source.isReadOnly || undefined }];
}

/** The command that migrates. It waits for another migration to end, which may take as long as its own. */
export function migrateCommand({ migrationDeadline }: DjangoContainers): string[] {
  return runtimeCommand('migrate', '--timeout', String(migrationDeadline.toSeconds()));
}
