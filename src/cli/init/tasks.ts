import { Found, lineWith, placeOf } from './found';
import { CommandKind, kindOf } from './processes';
import { Reading } from './reading';

const IMPORT = /^\s*from (django\.tasks|django_tasks) import .*\btask\b/;

/** The backend of Django's own Tasks: of the settings, else the database if the code has tasks. */
export function findTasks({ settings, files, layout, has, others }: Reading): Found<string> | undefined {
  const entry = settings.entry('TASKS', 'default');
  if (entry) {
    const backend = settings.textIn(entry.value, 'BACKEND') ?? 'the default';
    return { value: backend, source: placeOf(entry.path, entry.value.line) };
  }
  const app = has('django_tasks', 'django_tasks_db');
  if (app) return { value: 'the database', source: app.source };
  const worker = others.processes.find(({ command }) => kindOf(command) === CommandKind.TASK_WORKER);
  if (worker) return { value: 'the database', source: worker.source };
  for (const path of files.find(/\.py$/, layout.folder)) {
    const line = lineWith(files.read(path)!, IMPORT);
    if (line) return { value: 'the database', source: placeOf(path, line) };
  }
  return undefined;
}
