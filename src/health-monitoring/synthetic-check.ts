import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { InvalidInputError } from '../kubernetes/errors';
import { resourceLabels } from '../kubernetes/labels';
import { namespaceOf } from '../kubernetes/namespaces';
import { checkPattern } from '../kubernetes/names';
import { checkPath } from '../kubernetes/paths';
import { addProblems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { distributionOf } from '../platform/binding';
import { AlertingRule, AlertSeverity } from '../platform/rules';
import { alertOf } from './alerts';

/** A page of the public host that is asked for as users do: through DNS, the certificate and the router. */
export interface SyntheticCheck {
  /**
   * The blackbox exporter that asks, as `host:port`, such as `blackbox-exporter.monitoring:9115`. It has the module
   * `http_2xx`, as its own example of a configuration does, and finds the public host by DNS.
   */
  readonly prober: string;

  /**
   * Path of the page, which answers 200 without a login.
   *
   * @default /
   */
  readonly path?: string;
}

const INTERVAL = Duration.minutes(1);
const PROBER = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?:([1-9]\d{0,4})$/;

/** The job of the answers. The job of the application is for its pods. */
const jobOf = (app: IDjangoApp) => `${app.name}-public`;

/** Has a page of the public host asked for. */
export function syntheticCheck(
  scope: Construct,
  app: IDjangoApp,
  { prober, path = '/' }: SyntheticCheck,
): Resource {
  checkPattern(scope, 'syntheticCheck.prober', prober, PROBER, 'is not the address of a blackbox exporter', {
    remedy: 'Give host and port, such as "blackbox-exporter.monitoring:9115"',
  });
  checkPath(scope, 'syntheticCheck.path', path);
  const { name, monitoring } = distributionOf(scope);
  if (!monitoring.syntheticChecks) {
    throw new InvalidInputError(scope, {
      property: 'syntheticCheck',
      value: { prober },
      reason: `has nobody who makes it: no Prometheus operator looks at Probes on ${name}`,
      remedy:
        "Leave it out, and make a check of the platform's own: an uptime check of Google Cloud, or an availability " +
        'test of Application Insights. With an operator of your own give the distribution monitoring: new ' +
        'PrometheusOperator()',
    });
  }
  addProblems(scope, () =>
    app.isPublic
      ? []
      : [
          {
            property: 'syntheticCheck',
            value: { prober },
            reason: 'has no page to ask for: no route leads to the application',
            remedy: 'Make a PublicRoute for it, or leave it out',
          },
        ],
  );
  return monitoring.syntheticChecks.check(scope, {
    name: jobOf(app),
    labels: resourceLabels(app.selector),
    namespace: namespaceOf(scope, 'is needed: answers tell applications apart by it'),
    page: { url: () => `https://${app.probeHost}${path}` },
    prober,
    interval: INTERVAL,
  });
}

/** The alert of that page. */
export function syntheticAlerts(namespace: string, app: IDjangoApp): AlertingRule[] {
  const success = `probe_success{namespace="${namespace}",job="${jobOf(app)}"}`;
  return [
    alertOf({
      name: 'DjangoPublicHostUnreachable',
      expression: `max by (namespace, job) (max_over_time(${success}[5m])) == 0\nor\nabsent_over_time(${success}[10m])`,
      pending: Duration.minutes(1),
      severity: AlertSeverity.CRITICAL,
      summary: 'Nobody reaches the public host, or nobody asks whether it can be reached',
    }),
  ];
}
