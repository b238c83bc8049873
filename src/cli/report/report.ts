import { accessFacts } from '../../access-report/facts';
import { wholeCatalog } from '../explain/whole-catalog';
import { ExitCode } from '../problem';
import { Terminal } from '../terminal';
import { compared } from './comparison';
import { manifestSets } from './manifest-sets';
import { markdownOf } from './markdown';
import { Notes } from './notes';
import { pageOf } from './page';
import { Examined } from './sections';
import { sumsOf } from './sums';
import { topologiesOf } from './topology';

/** What `report` is given. */
export interface ReportOptions {
  readonly format: 'html' | 'markdown';
}

/** Writes a report on manifests: those of a folder, or of several that are compared. */
export function report(paths: string[], { format }: ReportOptions, terminal: Terminal): number {
  const sets = manifestSets(paths).map((set): Examined => ({
    ...set,
    facts: accessFacts(set.objects, []),
    sums: sumsOf(set.objects),
  }));
  const parts = {
    title: titleOf(sets),
    sets,
    objects: compared(sets),
    topologies: sets.map(({ objects, facts }) => topologiesOf(objects, facts)),
  };
  const text =
    format === 'markdown' ? markdownOf(parts) : pageOf({ ...parts, notes: new Notes(wholeCatalog()) });
  terminal.write(text.replace(/\n$/, ''));
  return ExitCode.SUCCESS;
}

/** The namespaces that the manifests are for, if these are few. */
function titleOf(sets: Examined[]): string {
  const namespaces = [
    ...new Set(sets.flatMap(({ objects }) => objects.map(({ metadata }) => metadata.namespace))),
  ].filter((one) => typeof one === 'string');
  if (namespaces.length > 3) return `${namespaces.length} namespaces`;
  return namespaces.join(', ') || sets[0].name;
}
