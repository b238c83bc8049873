import { DashboardSection, PanelUnit } from '../platform/dashboards';
import { Backups } from './backups';
import { panel } from './panels';

/** How old the last good backup is, and the last one that a drill has proven; none for a database without backups. */
export function backupSections(namespace: string, backups: Backups): DashboardSection[] {
  const since = (cronJobs: string[]) => {
    const selector = `namespace="${namespace}",cronjob=~"${cronJobs.join('|')}"`;
    return `time() - max(kube_cronjob_status_last_successful_time{${selector}})`;
  };
  const { cronJobs, drills, ofOperators } = backups;
  const queries = [
    ...(cronJobs.length ? [{ legend: 'last good', expression: since(cronJobs) }] : []),
    ...(drills.length ? [{ legend: 'last proven', expression: since(drills) }] : []),
    ...ofOperators.map(({ lastGood }) => ({
      legend: 'last good',
      expression: `time() - (${lastGood} > 0)`,
    })),
  ];
  if (!queries.length) return [];
  const description = 'The time since the last good backup, and since the last one that a drill has proven.';
  return [{ title: 'Backups', panels: [panel('Age of backups', PanelUnit.SECONDS, description, queries)] }];
}
