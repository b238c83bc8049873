import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { checkDerivedName } from '../kubernetes/names';
import { NetworkPeer } from '../kubernetes/peers';
import { quantity } from '../kubernetes/quantities';
import { podsOf, Traffic } from '../kubernetes/traffic';
import { IMeasuredServer } from '../platform/measured-server';
import { Resource } from '../kubernetes/resource';
import { POSTGRES_PORT } from '../platform/postgres';
import { IPythonImage } from '../platform/python-image';
import { serverPassword } from '../secrets/client-image';
import { GeneratedSecret } from '../secrets/generated-secret';
import { dnsTraffic, networkPolicy } from '../workloads/network-policies';
import { LaterRole } from './later-roles';
import { REPLICA_ROLE } from './replica-scripts';
import { replicationRole } from './replication-role';

const MEBIBYTE = 2 ** 20;
/** The share of the volume of the primary that keeps its log for a replica that was away. */
const KEPT_SHARE = 0.1;

/** What the replica of a server follows. */
export interface ReplicaOptions {
  readonly name: string;
  readonly database: string;
  readonly imagePullSecrets: string[];
  readonly selector: Selector;
  readonly storage: string;
  readonly clients: IPythonImage[];
  readonly pythonImage?: string;
}

/** What a replica changes in its server, and what lets the two talk. Its own pod is that of `replicaServer`. */
export class ServerReplica extends Construct implements IMeasuredServer {
  /** Its name, which is also its host. */
  readonly name: string;
  readonly selector: Selector;
  readonly replicaOf: string;
  /** Those of the primary. */
  readonly parameters: Record<string, string>;
  /** What its script sets, and what would keep it from following. */
  readonly kept: Record<string, string> = {
    ...{ hot_standby: 'on', primary_conninfo: '', primary_slot_name: '', recovery_min_apply_delay: '0' },
  };
  private readonly password: GeneratedSecret;
  private networkPolicy?: Resource;

  constructor(
    scope: Construct,
    private readonly options: ReplicaOptions,
  ) {
    super(scope, 'Replica');
    const { clients, selector, storage } = options;
    this.name = checkDerivedName(scope, 'readReplicas', { name: options.name, suffix: '-ro' });
    this.selector = { ...selector, instance: this.name };
    this.replicaOf = options.name;
    const kept = Math.floor(((quantity(storage) ?? 0) * KEPT_SHARE) / MEBIBYTE);
    this.parameters = { wal_keep_size: `${kept}MB` };
    this.password = serverPassword(this, this.selector, 'database', clients, options);
  }

  /** Its role, for the pod of the primary. */
  get role(): LaterRole {
    const lines = (password: string) => replicationRole(this.options.database, REPLICA_ROLE, password);
    return { name: REPLICA_ROLE, password: this.password.value, lines };
  }

  /** The password of that for its own pod, where libpq finds it. */
  get ownEnvironment(): k8s.EnvVar {
    return envVar({ name: 'PGPASSWORD', ...this.password.value });
  }

  /** On another node than the primary, if there is one. */
  get affinity(): k8s.Affinity {
    const labelSelector = { matchLabels: selectorLabels(this.options.selector) };
    const podAffinityTerm = { labelSelector, topologyKey: 'kubernetes.io/hostname' };
    return {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
      },
    };
  }

  /** Lets its readers in, and itself to its primary. */
  restrictNetwork(readers: () => NetworkPeer[], scraper: Traffic[]): void {
    this.password.restrictNetwork();
    const ports = [{ port: POSTGRES_PORT }];
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: this.name,
      selector: this.selector,
      allowed: () => ({
        ingress: [{ peers: readers(), ports }, ...scraper],
        egress: [...dnsTraffic(this), { peers: [podsOf(this.options.selector)], ports }],
      }),
    });
  }
}
