import { ApiObject, App, Chart } from 'cdk8s';
import { synthesize } from 'cdk8s-django';
import { PollsChart } from '../../examples/polls/deploy/polls-chart';
import { sample } from '../support/distributions';

/** Texts that Helm would read as its own, and that it leaves alone. */
export const TEXTS = {
  'alerts.yaml':
    'summary: Pod {{ $labels.pod }} of {{- range .Values }}{{{x}}} and {{`raw`}} {{"{{"}} }} {{/* no */}}',
  'dashboard.json': '{"legendFormat": "{{pod}}", "a": {"b": {"c": 1}}}',
  '{{ key }}': '- {{ include "a" . }}\n  {{- end -}}  \n{{{{',
};

export function define(app: App): void {
  const chart = new PollsChart(app, 'polls', { image: 'docker.io/example/polls:1.4.2' });
  text(chart);
}

function text(chart: Chart): void {
  const metadata = { name: 'texts' };
  new ApiObject(chart, 'Texts', { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...{ data: TEXTS } });
}

// As `cdk8s synth` runs it; the test itself only reads what is above.
if (require.main === module) synthesize([sample(process.env.DISTRIBUTION!)], define);
