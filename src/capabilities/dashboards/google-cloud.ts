import {
  Dashboard,
  DashboardPanel,
  DashboardSection,
  PanelForm,
  PanelQuery,
  PanelUnit,
} from '../../platform/dashboards';

/** As the Unified Code for Units of Measure writes them. */
const UNITS = {
  [PanelUnit.COUNT]: '1',
  [PanelUnit.PER_SECOND]: '1/s',
  [PanelUnit.SECONDS]: 's',
  [PanelUnit.SHARE]: '10^2.%',
};

const COLUMNS = 48;
const WIDTH = 16;
const HEIGHT = 16;
const HEADING = 4;

/**
 * A dashboard of Cloud Monitoring, whose queries ask the Managed Service for Prometheus. Its own events mark rollouts.
 *
 * @see https://docs.cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
 */
export function googleJson({ title, sections }: Dashboard): string {
  const dashboard = {
    displayName: title,
    labels: { django: '' },
    annotations: { eventAnnotations: [{ eventType: 'GKE_WORKLOAD_DEPLOYMENT', enabled: true }] },
    mosaicLayout: { columns: COLUMNS, tiles: tilesOf(sections) },
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function tilesOf(sections: DashboardSection[]) {
  let top = 0;
  return sections.flatMap(({ title, panels }) => {
    const below = top + HEADING;
    const heading = { ...at(0, top), width: COLUMNS, height: HEADING, widget: { title, sectionHeader: {} } };
    const perRow = COLUMNS / WIDTH;
    const tiles = panels.map((panel, index) => ({
      ...at((index % perRow) * WIDTH, below + Math.floor(index / perRow) * HEIGHT),
      width: WIDTH,
      height: HEIGHT,
      widget: widgetOf(panel),
    }));
    top = below + Math.ceil(panels.length / perRow) * HEIGHT;
    return [heading, ...tiles];
  });
}

/** Without zeros, which the API leaves out when it is asked for a dashboard. */
function at(xPos: number, yPos: number) {
  return { ...(xPos ? { xPos } : {}), ...(yPos ? { yPos } : {}) };
}

function widgetOf({ title, unit, form, queries }: DashboardPanel) {
  const query = ({ expression }: PanelQuery) => ({ prometheusQuery: expression, unitOverride: UNITS[unit] });
  if (form === PanelForm.NUMBER) return { title, scorecard: { timeSeriesQuery: query(queries[0]) } };
  return {
    title,
    xyChart: {
      dataSets: queries.map((one) => ({ plotType: 'LINE', timeSeriesQuery: query(one), ...legendOf(one) })),
    },
  };
}

/** Fixed words alone: Google shows the labels of a series by itself, and has other marks for them. */
function legendOf({ legend }: PanelQuery) {
  return legend.includes('{{') ? {} : { legendTemplate: legend };
}
