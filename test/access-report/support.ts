import { ApiObject, App, Chart } from 'cdk8s';
import { AccessReport, explainAccess } from 'cdk8s-django/access';

/** The report of objects as they are written. */
export function reportOf(objects: any[]): AccessReport {
  const chart = new Chart(new App(), 'chart');
  objects.forEach((object, index) => new ApiObject(chart, `object-${index}`, object));
  return explainAccess(chart);
}

export const metadata = (name: string, namespace = 'a') => ({ name, namespace });

/** A Deployment of pods with labels. */
export function deployment(name: string, spec: object, { namespace = 'a', labels = {} } = {}): any {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, namespace),
    spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'web' }], ...spec } } },
  };
}
