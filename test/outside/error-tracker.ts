import { IDjangoApp, SecretValue } from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { Construct } from 'constructs';

/** Where the errors of an application go. */
export interface ErrorTrackerProps {
  /** The application. */
  readonly app: IDjangoApp;

  /** Where its errors are sent to: the key of a Secret. */
  readonly dsn: SecretValue;

  /** The addresses of the tracker's server. */
  readonly serverCidr: string;

  /** The image of the relay, and what runs in it. */
  readonly relayImage: string;
  readonly relayCommand?: string[];
}

const RELAY_PORT = 3000;

/**
 * Sends the errors of an application to a tracker, through a relay beside each of its pods: Jobs and workers too.
 *
 * It is written outside the library, with its public names alone.
 */
export class ErrorTracker extends Construct {
  constructor(scope: Construct, id: string, { app, dsn, serverCidr, ...relay }: ErrorTrackerProps) {
    super(scope, id);
    app.addSecretEnvironment('SENTRY_DSN', dsn);
    app.addEnvironment('SENTRY_RELAY', `http://127.0.0.1:${RELAY_PORT}`);
    app.allowEgressTo(EgressTarget.addresses([serverCidr], [{ port: 443 }]));
    app.addSidecar({
      name: 'error-relay',
      image: relay.relayImage,
      command: relay.relayCommand,
      secretEnvironment: { UPSTREAM_DSN: dsn },
      ports: [RELAY_PORT],
      healthCheck: { port: RELAY_PORT, path: '/' },
    });
  }
}
