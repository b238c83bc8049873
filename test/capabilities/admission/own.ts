import { ApiObject, Chart } from 'cdk8s';
import { IDistribution } from 'cdk8s-django';
import { errorOf } from '../../support/synth';
import { MODES } from './modes';

/** A container that no platform refuses. */
export const GOOD = {
  name: 'web',
  image: 'registry.example.com/proxy:2',
  resources: { requests: { cpu: '100m', memory: '100Mi' } },
  readinessProbe: { tcpSocket: { port: 80 } },
  livenessProbe: { tcpSocket: { port: 80 } },
};

/** A resource of a user, as a construct `Own`. */
export function own(chart: Chart, manifest: any, id = 'Own'): ApiObject {
  return new ApiObject(chart, id, { apiVersion: 'v1', metadata: { name: id.toLowerCase() }, ...manifest });
}

/** A Deployment of a user, with what a test changes. */
export function deployment(chart: Chart, pod: any = {}, container: any = {}, replicas = 1): ApiObject {
  const template = { metadata: {}, spec: { containers: [{ ...GOOD, ...container }], ...pod } };
  return own(chart, { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas, template } });
}

/** The complaints of a chart, without cdk8s' heading. */
export function complaints(mode: string | IDistribution, define: (chart: Chart) => void): string[] {
  const distribution = typeof mode === 'string' ? MODES[mode].make() : mode;
  const [, ...lines] = errorOf(define, distribution).split('\n');
  return lines.map((line) => line.trim());
}
