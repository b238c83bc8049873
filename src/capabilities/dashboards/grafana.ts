import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { Dashboard, DashboardPanel, PanelForm, PanelUnit } from '../../platform/dashboards';

/** The reader's choice among the Prometheus that Grafana knows; at first its default. */
const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

const UNITS = {
  [PanelUnit.COUNT]: 'short',
  [PanelUnit.PER_SECOND]: 'ops',
  [PanelUnit.SECONDS]: 's',
  [PanelUnit.SHARE]: 'percentunit',
};

/** By them, the queries of a panel are told apart. */
const REFERENCES = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const HEIGHT = 8;
/** A third of the 24 columns. */
const WIDTH = 8;

/**
 * A dashboard as Grafana imports it. This module alone loads Grafana's SDK, and is itself loaded when a dashboard is
 * asked for.
 */
export function grafanaJson({ title, uid, releases, sections }: Dashboard): string {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['django'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .annotation(
      new AnnotationQueryBuilder()
        .name('Releases')
        .datasource(DATA_SOURCE)
        .enable(true)
        .iconColor('blue')
        .expr(releases)
        .step('60s')
        .titleFormat('Release {{release}}'),
    );
  let id = 0;
  const next = () => (id += 1);
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title).id(next()));
    for (const panel of section.panels) builder.withPanel(panelOf(panel).id(next()));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function panelOf({ title, description, unit, form, queries }: DashboardPanel) {
  const isNumber = form === PanelForm.NUMBER;
  const builder = isNumber ? numberOf() : linesOf();
  builder.title(title).description(description).datasource(DATA_SOURCE).unit(UNITS[unit]);
  builder.height(HEIGHT).span(WIDTH);
  queries.forEach(({ expression, legend }, index) => {
    const query = new DataqueryBuilder().refId(REFERENCES[index]).expr(expression).legendFormat(legend);
    builder.withTarget(isNumber ? query.instant() : query.range());
  });
  return builder;
}

function numberOf() {
  return new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

/** The SDK's own lines have no legend. */
function linesOf() {
  return new TimeSeriesBuilder()
    .fillOpacity(10)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}
