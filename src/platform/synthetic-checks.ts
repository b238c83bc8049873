import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Resource } from '../kubernetes/resource';

/** Where the URL of a public page comes from: it is asked for at synth, when the hosts are known. */
export interface IPublicPage {
  /** The URL. */
  url(): string;
}

/** A public page that is to be asked for. */
export interface SyntheticCheckRequest {
  /** Name of the resource, and of the job by which Prometheus knows the answers. */
  readonly name: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** The label `namespace` of the answers. */
  readonly namespace: string;

  /** The page. */
  readonly page: IPublicPage;

  /** The blackbox exporter that asks for it, as `host:port`. */
  readonly prober: string;

  /** Time between two checks, in whole seconds. */
  readonly interval: Duration;
}

/** How a public page is asked for again and again. */
export interface ISyntheticChecks {
  /** Makes the resource that has the page asked for. */
  check(scope: Construct, request: SyntheticCheckRequest): Resource;
}
