import { posix } from 'node:path';
import { isRq } from './needs';
import { ownImageFile, problemOfOwnImage } from './own-image';
import { Installer } from './packages';
import { Plan } from './plan';
import { packageOf } from './reading';
import { pathOf } from './settings-module';

/** What a user has to know about what was written, a sentence or two each. */
export function remarksOf(plan: Plan): string[] {
  return [
    ...aboutImage(plan),
    ...aboutPackages(plan),
    ...aboutDatabase(plan),
    ...aboutFiles(plan),
    ...aboutVariables(plan),
    ...aboutWork(plan),
    ...aboutResults(plan),
    ...aboutEgress(plan),
  ];
}

function aboutImage({ project, containerfile }: Plan): string[] {
  const { files } = project;
  const own = ownImageFile(files);
  if (!own) return [];
  if (own !== containerfile) {
    return [`${own} is not used: ${problemOfOwnImage(project)}. ${containerfile} takes its place.`];
  }
  const ignored = files.first('.containerignore', '.dockerignore')?.text ?? '';
  return /^(\*{1,2}(\/\*)?|\/?(\*\*\/)?deploy(\/(\*\*?)?)?)\s*$/m.test(ignored)
    ? []
    : [`${own} may copy deploy/ into the image: leave it out by a line "deploy" in .dockerignore.`];
}

/** Without a file of packages, nothing says what the apps of others are installed by. */
function aboutPackages({ project: { files, layout, settings, packages } }: Plan): string[] {
  if (packages.installer !== Installer.NONE) return [];
  const others = settings
    .strings('INSTALLED_APPS')
    .filter(({ value }) => /^\w+(\.\w+)*$/.test(value) && !value.startsWith('django.'))
    .filter(({ value }) => pathOf(files, layout, value.split('.')[0]) === undefined)
    .filter(({ value }) => !files.isFolder(posix.join(layout.code, value.split('.')[0])));
  if (!others.length) return [];
  return [
    `No file names packages, and the settings have apps that are not of this project: ${others.map(({ value }) => value).join(', ')} ` +
      `(${others[0].source}). Name their packages in deploy/requirements.txt, or pods end with ModuleNotFoundError.`,
  ];
}

function aboutDatabase({ project: { database } }: Plan): string[] {
  if (!database.isPostgres) {
    return [
      `The database is ${database.engine}: the settings keep theirs, and nothing migrates it by itself.`,
    ];
  }
  return database.engine === 'sqlite3'
    ? ['Data in SQLite stays where it is: the pods begin with an empty database.']
    : [];
}

function aboutFiles({ project: { staticFiles, media: found }, media }: Plan): string[] {
  return [
    ...(staticFiles.root
      ? []
      : ['Without STATIC_ROOT static files do not have hashed names: chapter 6 of the guide.']),
    ...(media && !media.storageClass
      ? [
          'Uploads are on a volume of one node, so one replica runs. --media-class or `mediaBucket` allow several.',
        ]
      : []),
    ...(media && found?.served
      ? [`Uploads are served to everybody who knows a path, as ${found.served} does.`]
      : []),
    ...(found && !media && !found.bucket
      ? [
          `Uploaded files (${found.source}) have no volume, and pods cannot write elsewhere: an upload ends with an error until ` +
            'you give `media` or `mediaBucket`.',
        ]
      : []),
    ...(found?.bucket
      ? [`Uploads stay with ${found.bucket}: give its variables, or use \`mediaBucket\`.`]
      : []),
  ];
}

function aboutVariables({ name, variables: { secret, files } }: Plan): string[] {
  return [
    ...(secret.length
      ? [
          `The settings demand ${secret.join(', ')}: they come from Secret ${name}-settings, which is yours. ` +
            '--env NAME=VALUE is for values that are not secret.',
        ]
      : []),
    ...(files.size
      ? [`The settings read files: Secret ${name}-files, mounted at /etc/${name}, is yours.`]
      : []),
  ];
}

/** Servers that the library runs, or that the chart names. */
const KNOWN = /postgres|postgis|pgvector|timescale|redis|valkey|rabbitmq|memcached/;

function aboutWork({ name, project: { celery, tasks, others } }: Plan): string[] {
  return [
    ...(tasks && isRq(tasks.value)
      ? ['Tasks wait in Redis: run their worker by `addProcess`, chapter 10.']
      : []),
    ...(celery?.localRabbitMq
      ? [
          `Valkey takes the place of the RabbitMQ of ${celery.localRabbitMq}, which is a developer's own. ` +
            '`rabbitMq` of `celery` is for one of yours.',
        ]
      : []),
    ...(celery?.rabbitMq
      ? [`RabbitMQ is yours: Secret ${name}-rabbitmq has its URL under the key url.`]
      : []),
    ...others.services
      .filter(({ image }) => !KNOWN.test(image))
      .map(({ name: service, source }) => `${service} of ${source} is not deployed.`),
    ...others.release
      .filter(({ command }) => !/manage\.py/.test(command))
      .map(
        ({ command, source }) =>
          `"${command}" of ${source} is not a command of manage.py: it is not deployed.`,
      ),
  ];
}

/** Results of tasks in a file are lost, and the pods cannot even write it. */
function aboutResults({ project: { celery }, variables }: Plan): string[] {
  if (!celery?.fileResults) return [];
  const better = '`CELERY_RESULT_BACKEND = "django-db"` of django-celery-results keeps them in the database.';
  return variables.redis.has('CELERY_RESULT_BACKEND')
    ? [
        `Results of tasks are in the cache's server in place of the file of ${celery.fileResults}, which pods cannot ` +
          `write, and are lost with its pod. ${better}`,
      ]
    : [
        `Results of tasks are in a file (${celery.fileResults}), which pods cannot write: each task that keeps its ` +
          `result ends with an error. ${better}`,
      ];
}

/** Packages that connect to servers which the library does not know. */
const CLIENTS = [
  'boto3',
  'django-anymail',
  'elasticsearch',
  'google-cloud-storage',
  'httpx',
  'openai',
  'opensearch-py',
  'requests',
  'sentry-sdk',
  'stripe',
  'twilio',
];

function aboutEgress({ project }: Plan): string[] {
  const mail = project.settings.last('EMAIL_HOST') ? ['EMAIL_HOST'] : [];
  const clients = [...CLIENTS.filter((name) => packageOf(project, name)), ...mail];
  if (!clients.length) return [];
  return [
    `Network policies let the pods out to their own servers only: add \`egress\` for those of ${clients.join(', ')}.`,
  ];
}
