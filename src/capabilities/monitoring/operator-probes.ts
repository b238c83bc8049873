import { Lazy } from 'cdk8s';
import { Probe, toJson_ProbeSpec } from '../../../imports/monitoring.coreos.com';
import { Resource } from '../../kubernetes/resource';
import { ISyntheticChecks } from '../../platform/synthetic-checks';

/** The module of a blackbox exporter that asks for a page and wants a 2xx. */
const MODULE = 'http_2xx';

/**
 * Probes of the Prometheus operator, with the labels that it selects by.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Probe
 */
export function operatorProbes(own: { [label: string]: string } = {}): ISyntheticChecks {
  return {
    check(scope, { name, labels, namespace, page, prober, interval }) {
      const spec = () => ({
        jobName: name,
        module: MODULE,
        interval: `${interval.toSeconds()}s`,
        prober: { url: prober },
        targets: { staticConfig: { static: [page.url()], labels: { namespace } } },
      });
      return new Resource(scope, 'Probe', {
        ...Probe.manifest({ metadata: { name, labels: { ...labels, ...own } }, spec: {} }),
        spec: Lazy.any({ produce: () => toJson_ProbeSpec(spec()) }),
      });
    },
  };
}
