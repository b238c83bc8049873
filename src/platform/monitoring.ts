import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Resource } from '../kubernetes/resource';
import { RulesRequest } from './rules';
import { ISyntheticChecks } from './synthetic-checks';

/** What is to be scraped. */
export interface ScrapeRequest {
  /** Name of the resource. */
  readonly name: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** Labels of the pods, which are also those of their Service. With `podPort`, those of all that may have the port. */
  readonly selectorLabels: { [label: string]: string };

  /** Name of the port, of the container and, unless `podPort` says otherwise, of the Service. */
  readonly portName: string;

  /**
   * Whether the pods alone have the port, and no Service.
   *
   * @default false
   */
  readonly podPort?: boolean;

  /** Path of the metrics. */
  readonly path: string;

  /** Time between two scrapes, in whole seconds. */
  readonly interval: Duration;
}

/** How metrics are collected on a distribution. */
export interface IMonitoring {
  /** Makes the resource that has the pods scraped. */
  scrape(scope: Construct, request: ScrapeRequest): Resource;

  /**
   * How public pages are asked for.
   *
   * @default - they are not: `syntheticCheck` of HealthMonitoring throws
   */
  readonly syntheticChecks?: ISyntheticChecks;

  /** Makes the resource of recording rules and alerts. It is none where they are evaluated outside the cluster. */
  rules(scope: Construct, request: RulesRequest): Resource | undefined;
}
