import { SecretValue } from '../kubernetes/secret-values';
import { EgressTarget } from './egress-target';

/** Where the traces of an application go, and how many there are. */
export interface Telemetry {
  /**
   * The URL of what takes them, by OTLP over HTTP: a collector, or a vendor's service. `/v1/traces` is added to it.
   */
  readonly endpoint: string;

  /**
   * What the pods connect to for it, which LeastPrivilegeAccess lets them: `EgressTarget.pods` for a collector of the
   * cluster, with the ports of its pods.
   *
   * @default - the address or the public name in the endpoint, where the platform's policies can have it
   */
  readonly target?: EgressTarget;

  /**
   * The Secret that has the headers of each request to the endpoint, such as `api-key=…`. Its text is that of
   * `OTEL_EXPORTER_OTLP_HEADERS`.
   *
   * @default - no headers
   */
  readonly headers?: SecretValue;

  /**
   * Share of the traces that begin in this application, from 0 to 1. A request that belongs to a trace already is traced
   * if that is.
   *
   * @default 1
   */
  readonly ratio?: number;
}
