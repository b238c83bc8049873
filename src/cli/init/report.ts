import { Terminal } from '../terminal';
import { Celery } from './celery';
import { Database } from './database';
import { Decisions } from './decisions';
import { Found } from './found';
import { Plan } from './plan';
import { VariablePlan } from './plan-variables';
import { remarksOf } from './remarks';
import { WrittenFiles } from './write-files';

/** What was found, and from where. */
export function reportText(plan: Plan, decisions: Decisions, terminal: Terminal): string {
  const rows = [...foundRows(plan), ...decisionRows(decisions), ...distributionRows(plan)];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(([what, value, source]) =>
    `  ${what.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${source}`.trimEnd(),
  );
  return [terminal.bold('Found'), ...lines].join('\n');
}

type Row = [what: string, value: string, source: string];

const optional = (what: string, found: Found<string> | undefined): Row[] =>
  found ? [[what, found.value, found.source]] : [];

function foundRows(plan: Plan): Row[] {
  const { settings, server, packages, django, python } = plan.project;
  const { chooser } = settings;
  return [
    ['settings', `${settings.module.value} (${plan.project.form})`, settings.module.source],
    ...optional('  class', settings.configuration),
    ...optional('  part', chooser && { value: chooser.value.part, source: chooser.source }),
    ['server', `${server.kind} by ${server.program}, ${server.module}`, server.source],
    ...optional('Django', django),
    ['Python', python.value, python.source],
    ['packages', packages.installer, packages.files.join(', ')],
    ...storageRows(plan),
    ...workRows(plan),
  ];
}

function storageRows({ project, workingDirectory, media: volume }: Plan): Row[] {
  const { database, staticFiles, media, cache, channelLayer } = project;
  const place = volume ? `a volume at ${workingDirectory}/media` : 'no volume';
  return [
    ['database', databaseOf(database), database.source],
    ...database.extensions.flatMap((extension) => optional('  extension', extension)),
    ['static files', staticFiles.root ? 'STATIC_ROOT' : 'without STATIC_ROOT', staticFiles.source],
    ...optional('uploads', media && { value: media.bucket ?? place, source: media.source }),
    ...optional('cache', cache),
    ...optional('channel layer', channelLayer),
  ];
}

function workRows({ project: { celery, tasks, processes, metrics }, variables }: Plan): Row[] {
  return [
    ...optional('Celery', celery?.application),
    ...(celery?.workers ?? []).map(({ name, source }): Row => ['  worker', name, source]),
    ...optional('  beat', celery?.beat ? { value: 'one', source: celery.beat } : undefined),
    ...optional('  broker', brokerOf(celery)),
    ...optional('  results', resultsOf(celery, variables)),
    ...optional('Tasks', tasks),
    ...processes.map(({ name, command, source }): Row => ['process', `${name}: ${command}`, source]),
    ...optional('metrics', metrics),
  ];
}

function brokerOf(celery: Celery | undefined): Found<string> | undefined {
  if (celery?.rabbitMq) return { value: 'RabbitMQ', source: celery.rabbitMq };
  if (!celery?.localRabbitMq) return undefined;
  return { value: 'Valkey in place of RabbitMQ', source: celery.localRabbitMq };
}

function resultsOf(celery: Celery | undefined, { redis }: VariablePlan): Found<string> | undefined {
  if (!celery?.fileResults || !redis.has('CELERY_RESULT_BACKEND')) return undefined;
  return { value: 'Valkey in place of a file', source: celery.fileResults };
}

function databaseOf({ engine, isPostgres }: Database): string {
  if (!isPostgres) return engine;
  return engine === 'postgresql'
    ? 'PostgreSQL'
    : engine === 'postgis'
      ? 'PostGIS'
      : `PostgreSQL in place of ${engine}`;
}

function decisionRows({ name, host, image, pipeline }: Decisions): Row[] {
  return [
    ['name', name.value, name.source],
    ['host', host.value, host.source],
    ['image', image.value, image.source],
    ['pipeline', pipeline.value, pipeline.source],
  ];
}

/** The facts of clusters, which no project has. */
function distributionRows({ distributions }: Plan): Row[] {
  return distributions.flatMap(({ platform, source, facts }): Row[] => [
    ['cluster', platform, source],
    ...facts.flatMap(({ what, found }) => optional(`  ${what}`, found)),
  ]);
}

/** What was written, what to know about it, and the commands that follow. */
export function nextText(plan: Plan, files: WrittenFiles, terminal: Terminal): string {
  const list = (lines: string[]) => lines.map((line) => `  ${line}`);
  const remarks = remarksOf(plan);
  return [
    '',
    terminal.bold('Written'),
    ...list(files.written),
    ...(files.kept.length ? ['', terminal.bold('Kept, because they exist'), ...list(files.kept)] : []),
    ...(remarks.length
      ? ['', terminal.bold('To know'), ...list(remarks.map((remark) => `- ${remark}`))]
      : []),
    '',
    terminal.bold('Next'),
    ...list(commandsOf(plan)),
    '',
    terminal.bold('To look'),
    ...list(lookingCommandsOf(plan)),
  ].join('\n');
}

/** The commands after this one, in order. */
function commandsOf(plan: Plan): string[] {
  const { name, image, containerfile, distributions, variables, project } = plan;
  const literals = (names: Iterable<string>) => [...names].map((one) => `--from-literal=${one}=…`).join(' ');
  const secrets = [
    ...(variables.secret.length
      ? [`kubectl -n ${name} create secret generic ${name}-settings ${literals(variables.secret)}`]
      : []),
    ...(variables.files.size
      ? [`kubectl -n ${name} create secret generic ${name}-files ${fileArguments(variables.files)}`]
      : []),
    ...(project.celery?.rabbitMq
      ? [`kubectl -n ${name} create secret generic ${name}-rabbitmq ${literals(['url'])}`]
      : []),
  ];
  return [
    `docker build -t ${image} -f ${containerfile} .`,
    `docker push ${image}`,
    'npm install --prefix deploy',
    'npm run synth --prefix deploy',
    ...(secrets.length ? [`kubectl create namespace ${name} --save-config`, ...secrets] : []),
    `kubectl apply -f deploy/dist/${distributions[0].platform}`,
    `kubectl -n ${name} rollout status deployment/${name}`,
  ];
}

/** Commands of this program, from the folder of the project: without `--prefix` npx would look for it in a registry. */
function lookingCommandsOf({ name, distributions }: Plan): string[] {
  const program = 'npx --prefix deploy cdk8s-django';
  return [
    `${program} doctor deploy/dist/${distributions[0].platform}    # before you apply: what the cluster lacks`,
    `${program} status ${name} -n ${name}    # after it: why a pod is not ready`,
  ];
}

function fileArguments(files: Map<string, string>): string {
  return [...files.values()].map((path) => `--from-file=${path.split('/').at(-1)}=…`).join(' ');
}
