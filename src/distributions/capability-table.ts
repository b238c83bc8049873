import { IAdmission } from '../capabilities/admission/admission';
import { IAutoscaling } from '../capabilities/autoscaling/autoscaling';
import { IBackup } from '../capabilities/backup/backup';
import { IBuilds } from '../capabilities/builds/builds';
import { IIdentity } from '../capabilities/identity/identity';
import { IImages } from '../capabilities/images/images';
import { ILogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { INetwork } from '../capabilities/network/network';
import { IPostgres } from '../capabilities/postgres/postgres';
import { IRouting } from '../capabilities/routing/routing';
import { IScheduling } from '../capabilities/scheduling/scheduling';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity } from '../capabilities/security/security';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage } from '../capabilities/storage/storage';
import { IValkey } from '../capabilities/valkey/valkey';
import { IDistribution } from './distribution';
import { checkVersion, distributionName, DistributionProps } from './props';

/** A distribution that comes with the library: its own capabilities, and in their place those that a program gives. */
export abstract class CapabilityTable implements IDistribution {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly routing: IRouting;
  readonly security: ISecurity;
  readonly network: INetwork;
  readonly storage: IStorage;
  readonly monitoring: IMonitoring;
  readonly logging: ILogging;
  readonly autoscaling: IAutoscaling;
  readonly identity?: IIdentity;
  readonly secrets?: ISecrets;
  readonly objectStorage?: IObjectStorage;
  readonly postgres?: IPostgres;
  readonly valkey?: IValkey;
  readonly builds?: IBuilds;
  readonly backup?: IBackup;
  readonly admission?: IAdmission;
  readonly scheduling?: IScheduling;
  readonly images?: IImages;

  /**
   * @param own - the distribution as it is by itself
   * @param given - what a program gives
   */
  constructor(own: IDistribution, given: DistributionProps) {
    this.name = distributionName(given.name, own.name);
    this.kubernetesVersion = checkVersion(
      given.kubernetesVersion ?? own.kubernetesVersion,
      `Distribution.${own.name}`,
    );
    const table = { ...own, ...withoutUndefined(given) };
    this.routing = table.routing;
    this.security = table.security;
    this.network = table.network;
    this.storage = table.storage;
    this.monitoring = table.monitoring;
    this.logging = table.logging;
    this.autoscaling = table.autoscaling;
    this.identity = table.identity;
    this.secrets = table.secrets;
    this.objectStorage = table.objectStorage;
    this.postgres = table.postgres;
    this.valkey = table.valkey;
    this.builds = table.builds;
    this.backup = table.backup;
    this.admission = table.admission;
    this.scheduling = table.scheduling;
    this.images = table.images;
  }
}

/** A prop that is given as undefined is not given. */
function withoutUndefined<Props extends object>(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as Props;
}
