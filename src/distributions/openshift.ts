import { IIdentity } from '../capabilities/identity/identity';
import { ILogging, JsonLogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { ServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { OpenShiftRouteRouting } from '../capabilities/routing/openshift-route';
import { IRouting } from '../capabilities/routing/routing';
import { IPostgres } from '../capabilities/postgres/postgres';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity, NamespaceRangeSecurity } from '../capabilities/security/security';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of an OpenShift cluster. */
export interface OpenShiftProps extends DistributionProps {}

/** OpenShift Container Platform 4.19 and newer: Routes, users from the namespace's range, user-workload monitoring. */
export class OpenShiftDistribution implements IDistribution {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly routing: IRouting;
  readonly security: ISecurity;
  readonly network: INetwork;
  readonly storage: IStorage;
  readonly monitoring: IMonitoring;
  readonly logging: ILogging;
  readonly identity?: IIdentity;
  readonly secrets?: ISecrets;
  readonly objectStorage?: IObjectStorage;
  readonly postgres?: IPostgres;

  constructor(props: OpenShiftProps) {
    this.name = distributionName(props.name, 'openshift');
    this.kubernetesVersion = targetVersion(props.kubernetesVersion, '1.32', 'openshift');
    this.routing = props.routing ?? new OpenShiftRouteRouting();
    this.security = props.security ?? new NamespaceRangeSecurity();
    this.network =
      props.network ??
      new ClusterNetwork({
        monitoringNamespaceLabels: { 'network.openshift.io/policy-group': 'monitoring' },
        dnsPods: { namespaceLabels: namespaceLabels('openshift-dns') },
      });
    // The cluster's default class differs with what OpenShift runs on.
    this.storage = props.storage ?? new StorageClasses({});
    this.monitoring = props.monitoring ?? new ServiceMonitorMonitoring();
    this.logging = props.logging ?? new JsonLogging();
    this.identity = props.identity;
    this.secrets = props.secrets;
    this.postgres = props.postgres;
    this.objectStorage = props.objectStorage;
  }
}
