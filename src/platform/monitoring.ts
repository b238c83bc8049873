import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Resource } from '../kubernetes/resource';

/** What is to be scraped. */
export interface ScrapeRequest {
  /** Name of the resource. */
  readonly name: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** Labels of the pods, which are also those of their Service. */
  readonly selectorLabels: { [label: string]: string };

  /** Name of the port, of the Service and of the container. */
  readonly portName: string;

  /** Path of the metrics. */
  readonly path: string;

  /** Time between two scrapes, in whole seconds. */
  readonly interval: Duration;
}

/** How metrics are collected on a distribution. */
export interface IMonitoring {
  /** Makes the resource that has the pods scraped. */
  scrape(scope: Construct, request: ScrapeRequest): Resource;
}
