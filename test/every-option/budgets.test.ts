import { documentsOf } from './documents';
import { PLATFORMS } from './platforms';

/** What has pods of a template: a CronJob's and a Job's too, which no budget is to count. */
const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

/** The labels of a workload's pods. */
function podLabels({ kind, spec }: any): Record<string, string> {
  const { template } = kind === 'CronJob' ? spec.jobTemplate.spec : spec;
  return template.metadata.labels;
}

/** Of the workloads of a part, those whose pods a budget counts. */
function counted(budget: any, manifests: any[]): string[] {
  const wanted = Object.entries(budget.spec.selector.matchLabels);
  return manifests
    .filter(
      ({ kind, metadata }) => WORKLOADS.includes(kind) && metadata.namespace === budget.metadata.namespace,
    )
    .filter((workload) => wanted.every(([label, value]) => podLabels(workload)[label] === value))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe.each(Object.entries(PLATFORMS))(
  'no budget that any option leads to blocks a drain on %s',
  (_, platform) => {
    const parts = Object.entries(documentsOf(platform).parts);
    const budgets = parts.flatMap(([part, manifests]) =>
      manifests
        .filter(({ kind }) => kind === 'PodDisruptionBudget')
        .map((budget): [string, any, any[]] => [part, budget, manifests]),
    );

    test('there are some', () => {
      expect(new Set(budgets.map(([, budget]) => budget.metadata.name)).size).toBeGreaterThan(1);
    });

    test.each(budgets)('%s', (_part, budget, manifests) => {
      const { selector, ...rules } = budget.spec;
      // Never the number of those that stay, which may be as many as there are.
      expect(rules).toEqual({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
      expect(Object.keys(selector)).toEqual(['matchLabels']);
      // Three servers with Sentinels are the one StatefulSet that has a budget.
      const kind = budget.metadata.name === 'polls-queue' ? 'StatefulSet' : 'Deployment';
      expect(counted(budget, manifests)).toEqual([`${kind} ${budget.metadata.name}`]);
    });
  },
);
