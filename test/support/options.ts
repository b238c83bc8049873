import { Chart } from 'cdk8s';
import { Architecture, ContainerResources, IDistribution, Scheduling } from 'cdk8s-django';
import { ServerMetrics } from 'cdk8s-django/monitoring';
import { MODES } from '../capabilities/admission/modes';
import { synth } from './synth';

const plain = (mode: string) => () => MODES[mode].make(undefined, false);

/** The five distributions, each with the facts that every option needs. */
export const FIVE = {
  gke: plain('GKE Autopilot'),
  eks: plain('EKS Auto Mode'),
  aks: plain('AKS Automatic'),
  openshift: plain('OpenShift'),
  upstream: plain('upstream'),
};

type OnEach = Record<keyof typeof FIVE, unknown>;

/** What an option leads to. */
export interface Row<Props> {
  /** The option, with what it needs; a function makes what belongs into the chart. */
  readonly given: Partial<Props> | ((chart: Chart) => Partial<Props>);
  /** What of the manifests carries it. */
  readonly where: (manifests: any[]) => unknown;
  /** What that is, on each of the distributions. */
  readonly expected: OnEach;
}

/** An option whose content is the same on every distribution. */
export function row<Props>(
  given: Row<Props>['given'],
  where: Row<Props>['where'],
  expected: unknown,
): Row<Props> {
  const names = Object.keys(FIVE) as (keyof typeof FIVE)[];
  return {
    given,
    where,
    expected: Object.fromEntries(names.map((name) => [name, expected])) as OnEach,
  };
}

/** The resources of a container, as its option gives them. */
export function resourcesRow(container: (manifests: any[]) => any): Row<{ resources?: ContainerResources }> {
  return row(
    {
      resources: {
        cpuRequest: '1',
        cpuLimit: '2',
        memoryRequest: '300Mi',
        memoryLimit: '1Gi',
        ephemeralStorage: '2Gi',
      },
    },
    (manifests) => container(manifests).resources,
    {
      requests: { cpu: '1', memory: '300Mi', 'ephemeral-storage': '2Gi' },
      limits: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '2Gi' },
    },
  );
}

/** The exporter beside a server, as `metrics` gives it. */
export function exporterRows(
  pod: (manifests: any[]) => any,
  image: string,
  port: number,
): Row<{ metrics?: ServerMetrics }>[] {
  const exporter = (manifests: any[]) =>
    pod(manifests).containers.find(({ name }: any) => name === 'exporter');
  const own = { cpuRequest: '20m', cpuLimit: '1', memoryRequest: '40Mi', memoryLimit: '80Mi' };
  const ownImage = 'registry.example.com/exporter:1.0.0';
  return [
    row({ metrics: {} }, (manifests) => exporter(manifests).image, image),
    row({ metrics: { image: ownImage } }, (manifests) => exporter(manifests).image, ownImage),
    row({ metrics: { resources: own } }, (manifests) => exporter(manifests).resources, {
      requests: { cpu: '20m', memory: '40Mi' },
      limits: { cpu: '1', memory: '80Mi' },
    }),
    row({ metrics: {} }, (manifests) => exporter(manifests).ports, [
      { name: 'metrics', containerPort: port },
    ]),
  ];
}

/** The processors of a pod's nodes, as its option gives them. */
export function architectureRow(pod: (manifests: any[]) => any): Row<{ scheduling?: Scheduling }> {
  return row(
    { scheduling: { architecture: Architecture.ARM64 } },
    (manifests) => pod(manifests).nodeSelector,
    {
      'kubernetes.io/arch': 'arm64',
    },
  );
}

/** An option whose content differs with the distribution. */
export function rowOnEach<Props>(
  given: Row<Props>['given'],
  where: Row<Props>['where'],
  expected: OnEach,
): Row<Props> {
  return { given, where, expected };
}

class Refusal {
  constructor(readonly message: string) {}
}

/** The message of the error that an option is refused with, in place of content. */
export function refused(message: string): Refusal {
  return new Refusal(message);
}

/** In place of content: the option changes nothing on this distribution. */
export const UNCHANGED = Symbol('unchanged');

/** Rows for each option of a construct: the compiler refuses a table that leaves one out. */
export type Table<Props> = { [Property in keyof Required<Props>]: Row<Props>[] };

/** Tests each row on each distribution, and that the content is not there without the option. */
export function testOptions<Props>(
  define: (chart: Chart, changes: Partial<Props>) => void,
  table: Table<Props>,
): void {
  const manifests = (given: Row<Props>['given'], distribution: IDistribution) =>
    synth((chart) => define(chart, typeof given === 'function' ? given(chart) : given), distribution);

  describe.each(Object.entries<Row<Props>[]>(table))('%s', (_property, rows) => {
    const cases = rows.flatMap(({ given, where, expected }, index) =>
      Object.entries(expected).map(([name, value]) => ({ name, index, given, where, value })),
    );
    test.each(cases)('on $name ($index)', ({ name, given, where, value }) => {
      const make = FIVE[name as keyof typeof FIVE];
      if (value instanceof Refusal) {
        expect(() => manifests(given, make())).toThrow(new Error(value.message));
        return;
      }
      if (value === UNCHANGED) {
        expect(where(manifests(given, make()))).toEqual(where(manifests({}, make())));
        return;
      }
      expect(where(manifests(given, make()))).toEqual(value);
      expect(withoutIt(() => where(manifests({}, make())))).not.toEqual(value);
    });
  });
}

/** What there is without an option. Nothing, where the resource that would have it is missing. */
function withoutIt(where: () => unknown): unknown {
  try {
    return where();
  } catch {
    return undefined;
  }
}
