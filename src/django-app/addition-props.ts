import { SecretValue } from '../kubernetes/secret-values';
import { ContainerResources } from '../kubernetes/resources';
import { PodSelection } from './pod-kinds';
import { VolumeSource } from './volume-source';

/** A volume of an application's pods. */
export interface VolumeProps extends PodSelection {
  /** Name of the volume: a DNS label. */
  readonly name: string;

  /** Where its files come from. */
  readonly source: VolumeSource;

  /**
   * Where the application's own containers mount it: an absolute path, neither in nor around a folder that they mount
   * already.
   *
   * @default - they do not: the volume is for sidecars alone
   */
  readonly mountPath?: string;
}

/** How a sidecar says that it works. */
export interface SidecarHealthCheck {
  /** Port of the sidecar that is asked. */
  readonly port: number;

  /**
   * Path that answers with a status from 200 to 399.
   *
   * @default - it is enough that the port takes connections
   */
  readonly path?: string;
}

/** A container that runs in an application's pods from before their own containers until after them. */
export interface SidecarProps extends PodSelection {
  /** Name of the container: a DNS label. */
  readonly name: string;

  /** The image, by tag or digest. It is pulled as the application's is. */
  readonly image: string;

  /**
   * The program and its arguments.
   *
   * @default - the image's
   */
  readonly command?: string[];

  /**
   * Arguments of the program.
   *
   * @default - the image's
   */
  readonly args?: string[];

  /**
   * Its variables. The application's are not among them.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Its variables that come from Secrets.
   *
   * @default - none
   */
  readonly secretEnvironment?: { [name: string]: SecretValue };

  /**
   * Ports that it listens on. The containers of a pod share them: none may be another container's.
   *
   * @default - none
   */
  readonly ports?: number[];

  /**
   * Where it mounts volumes that `addVolume` has added, by their names: `{ cache: '/var/cache' }`. Its own file system
   * is read-only.
   *
   * @default - it mounts none
   */
  readonly volumeMounts?: { [volume: string]: string };

  /**
   * CPU and memory.
   *
   * @default - 100m CPU, 64Mi memory set aside and 128Mi as the limit
   */
  readonly resources?: ContainerResources;

  /**
   * What its startup, readiness and liveness probes ask for. The next container starts once the check has succeeded.
   *
   * @default - no probes: the next container starts once this one runs. AKS Automatic demands probes
   */
  readonly healthCheck?: SidecarHealthCheck;
}

/** What a taint of a node does to pods that do not tolerate it. */
export enum TaintEffect {
  /** They are not scheduled to the node. */
  NO_SCHEDULE = 'NoSchedule',

  /** They are scheduled to other nodes if possible. */
  PREFER_NO_SCHEDULE = 'PreferNoSchedule',

  /** They are not scheduled to the node, and those on it are ended. */
  NO_EXECUTE = 'NoExecute',
}

/** A taint of nodes that an application's pods tolerate. */
export interface TolerationProps extends PodSelection {
  /** Key of the taint. */
  readonly key: string;

  /**
   * Value of the taint.
   *
   * @default - any
   */
  readonly value?: string;

  /**
   * Effect of the taint.
   *
   * @default - any
   */
  readonly effect?: TaintEffect;
}

/** Names that an application's pods find at an address, without asking a name server. */
export interface HostAliasProps extends PodSelection {
  /** The address, of IPv4 or IPv6. */
  readonly ip: string;

  /** The names: DNS names. */
  readonly hostnames: string[];
}

/** How an application's pods look up names, beyond what the cluster says. */
export interface DnsConfigurationProps extends PodSelection {
  /**
   * Addresses of further name servers, at most 3.
   *
   * @default - none
   */
  readonly nameservers?: string[];

  /**
   * Further domains that short names are looked up in, at most 32.
   *
   * @default - none
   */
  readonly searches?: string[];

  /**
   * Options of the resolver, such as `{ ndots: '2' }`; an empty value means none, as in `{ edns0: '' }`.
   *
   * @default - the cluster's
   */
  readonly options?: { [name: string]: string };
}
