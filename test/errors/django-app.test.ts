import { Distribution, DjangoAppProps } from 'cdk8s-django';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { sample } from '../support/distributions';
import { django, postgres } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const IMAGE_REMEDY =
  'Give an image with a version tag or a digest, such as "registry.example.com/polls:1.4.2".';
const NAME_REMEDY = 'Use lower-case letters, digits and "-", a letter first and no "-" at the end.';
const MODULE_REMEDY = 'Give its dotted path, such as "mysite.settings".';

/** An application with one bad prop; the message without its path. */
function app(what: string, changes: { [prop in keyof DjangoAppProps]?: any }, message: string): BadInput {
  const define: BadInput['define'] = (chart) => django(chart, changes);
  return { what, define, message: `polls/Polls: ${message}` };
}

describe('a name of a DjangoApp', () => {
  eachGivesItsMessage([
    app('upper case', { name: 'Polls' }, `name "Polls" is not a DNS label. ${NAME_REMEDY}`),
    app('an underscore', { name: 'my_polls' }, `name "my_polls" is not a DNS label. ${NAME_REMEDY}`),
    app('a digit first', { name: '1polls' }, `name "1polls" is not a DNS label. ${NAME_REMEDY}`),
    app('a hyphen last', { name: 'polls-' }, `name "polls-" is not a DNS label. ${NAME_REMEDY}`),
    app('nothing', { name: '' }, `name "" is not a DNS label. ${NAME_REMEDY}`),
    app('none', { name: undefined }, `name (not given) is not a DNS label. ${NAME_REMEDY}`),
    app(
      'too long',
      { name: 'a'.repeat(41) },
      `name "${'a'.repeat(41)}" has 41 characters, and resources whose names are made from it would be too long. ` +
        'Use at most 40 characters.',
    ),
  ]);
});

describe('what a release is called', () => {
  const name =
    'is not a name of a release. Give 1 to 63 letters, digits, ".", "_", "+" and "-", such as "2026.11".';
  const commit = 'is not a commit. Give its 7 to 64 hexadecimal digits, as `git rev-parse HEAD` prints them.';
  eachGivesItsMessage([
    app('nothing', { release: '' }, `release "" ${name}`),
    app('a space', { release: 'a b' }, `release "a b" ${name}`),
    app('a line break', { release: 'a\n' }, `release "a\\n" ${name}`),
    app('a dot first', { release: '.1' }, `release ".1" ${name}`),
    app('too long', { release: 'a'.repeat(64) }, `release "${'a'.repeat(64)}" ${name}`),
    app('a branch', { commit: 'main' }, `commit "main" ${commit}`),
    app('six digits', { commit: '3f1c2a' }, `commit "3f1c2a" ${commit}`),
    app('upper case', { commit: '3F1C2AB' }, `commit "3F1C2AB" ${commit}`),
  ]);
});

describe('an image', () => {
  eachGivesItsMessage([
    app(
      'no tag',
      { image: 'registry.example.com/polls' },
      `image "registry.example.com/polls" has no tag, which means "latest". ${IMAGE_REMEDY}`,
    ),
    app(
      'the tag latest',
      { image: 'polls:latest' },
      `image "polls:latest" has the tag "latest", which changes under a running release. ${IMAGE_REMEDY}`,
    ),
    app(
      'a bad digest',
      { image: 'polls@sha256:abc' },
      `image "polls@sha256:abc" is not an image reference. ${IMAGE_REMEDY}`,
    ),
    app(
      'the latest to make the SECRET_KEY',
      { pythonImage: 'python:latest' },
      `pythonImage "python:latest" has the tag "latest", which changes under a running release. ${IMAGE_REMEDY}`,
    ),
    app('none', { image: undefined }, `image (not given) is not an image reference. ${IMAGE_REMEDY}`),
  ]);
});

describe('a Python module', () => {
  const REASON = 'is needed, as the settings module "settings" is in no package to look in';
  eachGivesItsMessage([
    app(
      'a server without a package to look in',
      { settingsModule: 'settings' },
      `wsgiModule (not given) ${REASON}. Give it, or asgiModule.`,
    ),
    app(
      'Celery without a package to look in',
      { settingsModule: 'settings', asgiModule: 'asgi', celery: { broker: { url: 'redis://queue' } } },
      `celery.application (not given) ${REASON}. Give it.`,
    ),
    app(
      'a path',
      { settingsModule: 'mysite/settings.py' },
      `settingsModule "mysite/settings.py" is not a Python module. ${MODULE_REMEDY}`,
    ),
    app(
      'a call in a module',
      { wsgiModule: 'mysite.wsgi:make()' },
      'wsgiModule "mysite.wsgi:make()" names neither a Python module nor a variable of one. Give its dotted path, such ' +
        'as "mysite.wsgi", or "mysite.wsgi:app" if it has no "application".',
    ),
    app(
      'both WSGI and ASGI',
      { wsgiModule: 'mysite.wsgi', asgiModule: 'mysite.asgi' },
      'asgiModule "mysite.asgi" is given together with wsgiModule "mysite.wsgi". Give one of them.',
    ),
  ]);
});

describe('an option of the server', () => {
  eachGivesItsMessage([
    app(
      'threads under ASGI',
      { asgiModule: 'mysite.asgi', threads: 2 },
      'threads 2 has no meaning for uvicorn. Leave it out.',
    ),
    app(
      'threads of a worker class that has none [F20]',
      { workerClass: 'sync', threads: 2 },
      'threads 2 has no meaning for workers of class sync. Leave it out, or leave workerClass out.',
    ),
    app(
      'replaced workers of granian',
      { wsgiServer: 'granian', maxRequests: 100 },
      'maxRequests 100 has no meaning for granian. Leave it out.',
    ),
    app(
      'a WSGI server for an ASGI module',
      { asgiModule: 'mysite.asgi', wsgiServer: 'gunicorn' },
      'wsgiServer "gunicorn" has no meaning for uvicorn. Leave it out.',
    ),
    app(
      'an unknown WSGI server',
      { wsgiServer: 'waitress' },
      'wsgiServer "waitress" is not a WSGI server that the library can start. Use one of gunicorn, granian.',
    ),
    app(
      'a readiness service that is none [F41]',
      { settingsOverlay: { readinessServices: ['database', 'broker'] } },
      'settingsOverlay.readinessServices "broker" is not a service that readiness asks. Use "database", "database:NAME" or "cache".',
    ),
    app(
      'workers of daphne',
      { asgiModule: 'mysite.asgi', asgiServer: 'daphne', processes: 2 },
      'processes 2 has no meaning for daphne. Leave it out.',
    ),
    app(
      'an ASGI server without an ASGI module',
      { asgiServer: 'daphne' },
      'asgiServer "daphne" has no meaning for gunicorn. Leave it out.',
    ),
    app(
      'an unknown ASGI server',
      { asgiModule: 'mysite.asgi', asgiServer: 'hypercorn' },
      'asgiServer "hypercorn" is not an ASGI server that the library can start. Use one of uvicorn, daphne, gunicorn, granian.',
    ),
    app(
      'no workers',
      { processes: 0 },
      'processes 0 is not a whole number from 1 to 64. Give a whole number from 1 to 64.',
    ),
    app(
      'part of a thread',
      { threads: 1.5 },
      'threads 1.5 is not a whole number from 1 to 64. Give a whole number from 1 to 64.',
    ),
    app(
      'workers that are always replaced',
      { maxRequests: 1 },
      'maxRequests 1 is not a whole number of at least 10. Give a whole number of at least 10.',
    ),
    app(
      'a privileged port',
      { port: 80 },
      'port 80 is not a whole number from 1024 to 65535. Give a whole number from 1024 to 65535.',
    ),
    app(
      'a port that there is not',
      { port: 70000 },
      'port 70000 is not a whole number from 1024 to 65535. Give a whole number from 1024 to 65535.',
    ),
    app(
      'root',
      { runAsUser: 0 },
      'runAsUser 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    app(
      'a user that Linux cannot have',
      { runAsUser: 2 ** 31 },
      'runAsUser 2147483648 is not a whole number from 1 to 2147483647. Give a whole number from 1 to 2147483647.',
    ),
    app(
      'no number',
      { replicas: NaN },
      'replicas NaN is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    app(
      'more than all numbers',
      { replicas: Infinity },
      'replicas Infinity is not a whole number from 1 to 2147483647. Give a whole number from 1 to 2147483647.',
    ),
  ]);
});

describe('numbers of replicas', () => {
  eachGivesItsMessage([
    app(
      'none',
      { replicas: 0 },
      'replicas 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    app(
      'more at least than at most',
      { scaling: { minReplicas: 5, maxReplicas: 3 } },
      'scaling.minReplicas 5 is above scaling.maxReplicas 3. Lower it, or raise scaling.maxReplicas.',
    ),
    app(
      'fixed and scaled',
      { replicas: 2, scaling: { minReplicas: 1, maxReplicas: 3 } },
      'replicas 2 is given together with scaling, which would be undone by each apply. Give one of them.',
    ),
    app(
      'no use of the CPU',
      { scaling: { minReplicas: 1, maxReplicas: 3, targetCpuUtilization: 0 } },
      'scaling.targetCpuUtilization 0 is not a whole number from 1 to 1000. Give a whole number from 1 to 1000.',
    ),
    app(
      'several with a volume of one node',
      { replicas: 2, media: { mountPath: '/media', size: '1Gi', accessMode: 'ReadWriteOnce' } },
      'replicas 2 does not go with a media volume of access mode "ReadWriteOnce", which only one node can mount. ' +
        'Use media.accessMode "ReadWriteMany", or one replica.',
    ),
    app(
      'scaling with a volume of one node',
      {
        scaling: { minReplicas: 1, maxReplicas: 4 },
        media: { mountPath: '/media', size: '1Gi', accessMode: 'ReadWriteOnce' },
      },
      'scaling.maxReplicas 4 does not go with a media volume of access mode "ReadWriteOnce", which only one node ' +
        'can mount. Use media.accessMode "ReadWriteMany", or one replica.',
    ),
  ]);
});

describe('a quantity', () => {
  const CPU_REMEDY = 'Give millicores such as "250m" or cores such as "0.5", at least "1m".';
  const BYTES_REMEDY = 'Give a number with a unit such as "512Mi" or "20Gi".';
  eachGivesItsMessage([
    app(
      'not one of CPU',
      { resources: { cpuRequest: '1 core' } },
      `resources.cpuRequest "1 core" is not a CPU quantity. ${CPU_REMEDY}`,
    ),
    app(
      'not one of memory',
      { resources: { memoryLimit: '512MB' } },
      `resources.memoryLimit "512MB" is not a quantity of bytes. ${BYTES_REMEDY}`,
    ),
    app(
      'a request above its limit',
      { resources: { memoryRequest: '2Gi', memoryLimit: '1Gi' } },
      'resources.memoryRequest "2Gi" is above resources.memoryLimit "1Gi". Lower the request or raise the limit.',
    ),
    app(
      'a CPU request above its limit',
      { resources: { cpuRequest: '2', cpuLimit: '1500m' } },
      'resources.cpuRequest "2" is above resources.cpuLimit "1500m". Lower the request or raise the limit.',
    ),
    app(
      'disk in which nothing is left beside a log',
      { resources: { ephemeralStorage: '100Mi' } },
      'resources.ephemeralStorage "100Mi" is less than 128Mi, of which a log may take 64Mi. Give more, or leave it out.',
    ),
    app(
      'not one of disk',
      { resources: { ephemeralStorage: '1GB' } },
      `resources.ephemeralStorage "1GB" is not a quantity of bytes. ${BYTES_REMEDY}`,
    ),
    app(
      'not one of a volume',
      { media: { mountPath: '/media', size: 'big' } },
      `media.size "big" is not a quantity of bytes. ${BYTES_REMEDY}`,
    ),
  ]);
});

describe('secrets as files', () => {
  eachGivesItsMessage([
    app(
      'without the settings overlay, which reads them',
      { secretsAsFiles: true, settingsOverlay: { enabled: false } },
      'secretsAsFiles true has no meaning with settingsOverlay.enabled false. Leave one of them out.',
    ),
  ]);
});

describe('the serving of uploaded files [F31]', () => {
  const media = { mountPath: '/media', size: '1Gi', storageClassName: 'nfs', serve: true };
  eachGivesItsMessage([
    app(
      'without the settings overlay',
      { media, settingsOverlay: { enabled: false } },
      'media.serve true has no meaning with settingsOverlay.enabled false. Leave one of them out.',
    ),
  ]);
});

describe('a media volume', () => {
  const media = { mountPath: '/media', size: '1Gi' };
  eachGivesItsMessage([
    app(
      'a relative path',
      { media: { ...media, mountPath: 'media' } },
      'media.mountPath "media" is not an absolute path that a volume can be mounted at. Give a path such as "/app/media".',
    ),
    app(
      'over /tmp',
      { media: { ...media, mountPath: '/tmp' } },
      'media.mountPath "/tmp" overlaps "/tmp", where the pods have something else. Give a path such as "/app/media".',
    ),
    app(
      'a path to the modules of the runtime',
      { media: { ...media, mountPath: '/opt/cdk8s-django/cdk8s_django' } },
      'media.mountPath "/opt/cdk8s-django/cdk8s_django" overlaps "/opt/cdk8s-django", where the pods have something ' +
        'else. Give a path such as "/app/media".',
    ),
    app(
      'a path around them',
      { media: { ...media, mountPath: '/opt' } },
      'media.mountPath "/opt" overlaps "/opt/cdk8s-django", where the pods have something else. ' +
        'Give a path such as "/app/media".',
    ),
    {
      what: 'the path of the certificates of its database',
      define: (chart) =>
        django(chart, {
          database: postgres(chart),
          media: { ...media, mountPath: '/etc/cdk8s-django/polls-db' },
        }),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
      message:
        'polls/Polls: media.mountPath "/etc/cdk8s-django/polls-db" overlaps "/etc/cdk8s-django/polls-db", where the ' +
        'pods have something else. Give a path such as "/app/media".',
    },
    ...['/', '//media', '/media/', '/app/../tmp', '/app/.', '/my media', '/media\n', 'C:/media'].map(
      (mountPath) =>
        app(
          `the path ${JSON.stringify(mountPath)}`,
          { media: { ...media, mountPath } },
          `media.mountPath ${JSON.stringify(mountPath)} is not an absolute path that a volume can be mounted at. ` +
            'Give a path such as "/app/media".',
        ),
    ),
    app(
      'a class that there cannot be',
      { media: { ...media, storageClassName: 'Bad Name' } },
      'media.storageClassName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    app(
      'an access mode that nobody writes with',
      { media: { ...media, accessMode: 'ReadOnlyMany' } },
      'media.accessMode "ReadOnlyMany" is not an access mode for uploaded files. ' +
        'Use "ReadWriteMany", or "ReadWriteOnce" with one replica.',
    ),
    {
      ...app(
        'no class where none is known',
        { media },
        'media.storageClassName (not given) is needed: no class for "ReadWriteMany" is known on gke. ' +
          'Use mediaBucket, or name a StorageClass that many nodes can mount, such as one of Filestore (GKE), EFS (EKS) ' +
          'or CephFS; with one replica, accessMode "ReadWriteOnce" will do.',
      ),
      distribution: sample('gke'),
    },
  ]);
});
