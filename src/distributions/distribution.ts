import { IConstruct } from 'constructs';
import { bindDistribution, distributionOf } from '../platform/binding';
import { DistributionProps, IDistribution } from '../platform/distribution';
import { identityCommands } from '../platform/identity-commands';
import { aks, AksDistributionProps } from './aks';
import { customized } from './customized';
import { eks, EksDistributionProps } from './eks';
import { gke, GkeDistributionProps } from './gke';
import { openshift, OpenShiftDistributionProps } from './openshift';
import { upstream, UpstreamDistributionProps } from './upstream';

/** The distributions that come with this library, and the one that a construct is made for. */
export class Distribution {
  /** Google Kubernetes Engine, Standard and Autopilot: GKE Gateway, persistent disks, Managed Service for Prometheus. */
  static gke(props: GkeDistributionProps = {}): IDistribution {
    return gke(props);
  }

  /**
   * Amazon Elastic Kubernetes Service with the AWS Load Balancer Controller: Application Load Balancer, EBS volumes,
   * the Prometheus operator.
   */
  static eks(props: EksDistributionProps = {}): IDistribution {
    return eks(props);
  }

  /** Azure Kubernetes Service with its managed Gateway API, Azure disks and Azure Monitor. */
  static aks(props: AksDistributionProps = {}): IDistribution {
    return aks(props);
  }

  /** OpenShift Container Platform 4: its Routes, its builds and its monitoring of user workloads. */
  static openshift(props: OpenShiftDistributionProps = {}): IDistribution {
    return openshift(props);
  }

  /** Upstream Kubernetes with a Gateway API controller such as Contour, and the Prometheus operator. */
  static upstream(props: UpstreamDistributionProps = {}): IDistribution {
    return upstream(props);
  }

  /**
   * A distribution of your own, or one of the others with other capabilities: its table, in which what a program gives
   * takes the place of what the table has.
   *
   * Throws when:
   * - the name is not a DNS label;
   * - the version is older than 1.30.
   *
   * @param table - the distribution as it is by itself
   * @param props - what a program gives
   *
   * @example
   * const staging = Distribution.custom(Distribution.gke(), {
   *   name: 'staging',
   *   storage: new StorageClasses({ storageClassName: 'premium-rwo' }),
   * });
   */
  static custom(table: IDistribution, props: DistributionProps = {}): IDistribution {
    return customized(table, props);
  }

  /**
   * Makes everything below `scope` for a distribution.
   *
   * @param scope - an App, a Chart or any construct
   */
  static bind(scope: IConstruct, distribution: IDistribution): void {
    bindDistribution(scope, distribution);
  }

  /**
   * The commands that have to be run once, outside the cluster, for what is below a scope to use the platform: what
   * `synthesize` writes to `identity.txt`.
   *
   * @param scope - an App, a Chart or any construct
   */
  static identityCommands(scope: IConstruct): string | undefined {
    return identityCommands(scope);
  }

  /** The distribution that a construct is made for: the one bound to the nearest scope around it. */
  static of(scope: IConstruct): IDistribution {
    return distributionOf(scope);
  }
}
