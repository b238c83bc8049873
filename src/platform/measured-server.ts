import { IConstruct } from 'constructs';
import { Selector } from '../kubernetes/labels';

/**
 * A server in the cluster that has an exporter beside it, at a port of its pods named `metrics`: `HealthMonitoring` has
 * it scraped, once for all applications.
 */
export interface IMeasuredServer extends IConstruct {
  /**
   * The labels of its pods. Its instance is the job by which Prometheus knows it. Alerts and panels are there for the
   * names `postgresql`, `pgbouncer` and `valkey`.
   */
  readonly selector: Selector;

  /**
   * What its metrics are those of, where that is not the name of its selector: `cloudnativepg` has alerts and panels of
   * its own.
   *
   * @default - the name of its selector
   */
  readonly metricsOf?: string;

  /**
   * Name of the server that it repeats: an alert says when it is late, or receives nothing.
   *
   * @default - it repeats none
   */
  readonly replicaOf?: string;
}
