import { Construct, IConstruct } from 'constructs';
import { Resource } from '../kubernetes/resource';

/** What the numbers of a panel are. */
export enum PanelUnit {
  /** A number of things. */
  COUNT = 'count',

  /** Events in a second. */
  PER_SECOND = 'per-second',

  /** A time in seconds. */
  SECONDS = 'seconds',

  /** A share: 1 is all. */
  SHARE = 'share',
}

/** How a panel shows its numbers. */
export enum PanelForm {
  /** Lines over time. */
  LINES = 'lines',

  /** The number of now. */
  NUMBER = 'number',
}

/** What a panel asks. */
export interface PanelQuery {
  /** The query, in PromQL. */
  readonly expression: string;

  /** The name of each series, in which `{{status}}` is the value of the label `status`: `{{status}}`, `95 %`. */
  readonly legend: string;
}

/** A part of a dashboard. */
export interface DashboardPanel {
  /** What is shown. */
  readonly title: string;

  /** What the reader should know of it. */
  readonly description: string;

  /** What its numbers are. */
  readonly unit: PanelUnit;

  /** How it shows them. */
  readonly form: PanelForm;

  /** What it asks. */
  readonly queries: PanelQuery[];
}

/** Panels below one heading. */
export interface DashboardSection {
  /** The heading. */
  readonly title: string;

  /** Its panels. */
  readonly panels: DashboardPanel[];
}

/** What is to be seen of an application, in words of no platform. */
export interface Dashboard {
  /** Its title. */
  readonly title: string;

  /** What it is known by: the same for each release, another one for another application. At most 40 letters. */
  readonly uid: string;

  /** A query that finds, for a few minutes, each release that begins to run. Its label `release` names it. */
  readonly releases: string;

  /** Its parts, from above. */
  readonly sections: DashboardSection[];
}

/** Has a dashboard. */
export interface IDashboardSource {
  /** The dashboard. It is known at synth, not before. */
  dashboard(): Dashboard;
}

/** Which dashboard is to be shown. */
export interface DashboardRequest {
  /** Name of the application. */
  readonly name: string;

  /** Namespace of the application. */
  readonly namespace: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** Where the dashboard comes from. */
  readonly source: IDashboardSource;
}

/** Where dashboards are shown. */
export interface IDashboards {
  /** Makes the resource of a dashboard. It is none where they are kept outside the cluster. */
  dashboard(scope: Construct, request: DashboardRequest): Resource | undefined;
}

/** A dashboard in the platform's own words, for a file beside the manifests. */
export interface DashboardFile {
  readonly name: string;
  readonly text: string;
}

const FILES = 'cdk8s-django:dashboards-outside';

/** Notes a dashboard that is kept outside the cluster: `synthesize` writes it to a file beside the manifests. */
export function addDashboardOutside(scope: IConstruct, produce: () => DashboardFile): void {
  scope.node.addMetadata(FILES, produce);
}

/** The dashboards below a scope that are kept outside the cluster. */
export function dashboardsOutside(scope: IConstruct): DashboardFile[] {
  const entries = scope.node.findAll().flatMap(({ node }) => node.metadata);
  return entries.filter(({ type }) => type === FILES).map(({ data }): DashboardFile => data());
}
