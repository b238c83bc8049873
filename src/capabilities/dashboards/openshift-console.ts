import { Dashboard, DashboardPanel, PanelForm, PanelUnit } from '../../platform/dashboards';

const UNITS = {
  [PanelUnit.COUNT]: 'short',
  [PanelUnit.PER_SECOND]: 'short',
  [PanelUnit.SECONDS]: 's',
  [PanelUnit.SHARE]: 'percentunit',
};

/** A third of the 12 columns. */
const SPAN = 4;

/**
 * A dashboard as the console of OpenShift reads it: rows of panels of Grafana's old kinds, `graph` and `singlestat`.
 * It shows no other ones, and Grafana's SDK does not have them any more.
 *
 * @see https://github.com/openshift/monitoring-plugin/tree/main/web/src/components/dashboards/legacy
 */
export function consoleJson({ title, uid, sections }: Dashboard): string {
  let id = 0;
  const rows = sections.map((section) => ({
    title: section.title,
    showTitle: true,
    collapse: false,
    panels: section.panels.map((panel) => panelOf((id += 1), panel)),
  }));
  const dashboard = { title, uid, tags: ['django'], schemaVersion: 14, rows, templating: { list: [] } };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function panelOf(id: number, { title, description, unit, form, queries }: DashboardPanel) {
  const format = UNITS[unit];
  const shown =
    form === PanelForm.NUMBER
      ? { type: 'singlestat', format, decimals: 2 }
      : { type: 'graph', legend: { show: true }, yaxes: [{ format }, { format }] };
  const targets = queries.map(({ expression, legend }) => ({ expr: expression, legendFormat: legend }));
  return { id, title, description, ...shown, span: SPAN, targets };
}
