import { Duration } from 'cdk8s';
import { Probes } from './probes';

/** A request takes at most this long, unless the application says so or a route allows more. */
const DEFAULT_REQUEST_TIMEOUT = Duration.seconds(30);

/** What other constructs tell an application, in whatever order they are made: it is read at synth. */
export class Surroundings {
  /** Hosts of its routes. */
  readonly hosts: string[] = [];

  /** Paths that only the cluster may ask for, and may by the pod's address: metrics, health views of its own. */
  readonly internalPaths: string[] = [];

  probes: Probes = {};
  hasMetrics = false;
  hasCommands = false;
  requestTimeout: Duration;

  constructor(requestTimeout = DEFAULT_REQUEST_TIMEOUT) {
    this.requestTimeout = requestTimeout;
  }

  addHost(host: string): void {
    if (!this.hosts.includes(host)) this.hosts.push(host);
  }

  addInternalPath(path: string): void {
    if (!this.internalPaths.includes(path)) this.internalPaths.push(path);
  }

  allowRequestTime(timeout: Duration): void {
    if (timeout.toSeconds() > this.requestTimeout.toSeconds()) this.requestTimeout = timeout;
  }
}
