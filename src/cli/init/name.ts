import { basename, resolve } from 'node:path';
import { Found } from './found';
import { Remote } from './git';
import { readToml, tableOf } from './packages';
import { Project } from './project';

/** Names of packages and folders that say nothing about an application. */
const GENERAL = /^(config|conf|core|settings|project|src|app|apps|backend|server|api|web|django|main|code)$/;

/** The name of the application: of the package of its settings, unless that is a general word. */
export function findName({ files, settings, layout }: Project, remote: Remote | undefined): Found<string> {
  const [top] = settings.module.value.split('.');
  const pyproject = ['pyproject.toml', `${layout.folder}/pyproject.toml`].map((path) => {
    const table = readToml(files, path);
    const name = tableOf(table?.project)?.name ?? tableOf(tableOf(table?.tool)?.poetry)?.name;
    return { value: typeof name === 'string' ? name : '', source: path };
  });
  const candidates: Found<string>[] = [
    { value: top, source: settings.module.source },
    ...pyproject,
    { value: remote?.path.split('/').at(-1) ?? '', source: remote?.source ?? '' },
    { value: basename(resolve(files.root)), source: 'the name of the folder' },
  ];
  const names = candidates.map(({ value, source }) => ({ value: dnsLabel(value), source }));
  return (
    names.find(({ value }) => value && !GENERAL.test(value)) ?? { value: 'django', source: 'no other name' }
  );
}

function dnsLabel(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30);
  return label.replace(/-+$/, '');
}
