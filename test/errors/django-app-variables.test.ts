import { Chart, Duration } from 'cdk8s';
import { Distribution, DjangoApp, DjangoAppProps, PodKind } from 'cdk8s-django';
import { S3Storage } from 'cdk8s-django/storage';
import { configOf, django, djangoManifests, IMAGE, synth } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const HOST_REMEDY =
  'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path.';

const PATH = 'Give a path such as "/health", without host, query or spaces.';
const OPEN =
  'Leave it out, or set one of CDK8S_DJANGO_SSL_REDIRECT, CDK8S_DJANGO_HSTS_INCLUDE_SUBDOMAINS, ' +
  'CDK8S_DJANGO_HSTS_PRELOAD, CDK8S_DJANGO_STATIC_ROOT, CDK8S_DJANGO_MEDIA_URL, CDK8S_DJANGO_TRUSTED_PROXIES, ' +
  'CDK8S_DJANGO_LOG_LEVEL, ' +
  'CDK8S_DJANGO_READY_CHECKS, CDK8S_DJANGO_READY_TIMEOUT, CDK8S_DJANGO_MIGRATE_DATABASES, ' +
  'CDK8S_DJANGO_LOCK_TIMEOUT, CDK8S_DJANGO_DEBUG.';

/** An application with one bad prop; the message without its path. */
function app(what: string, changes: { [prop in keyof DjangoAppProps]?: any }, message: string): BadInput {
  const define: BadInput['define'] = (chart) => django(chart, changes);
  return { what, define, message: `polls/Polls: ${message}` };
}

describe('a variable', () => {
  const secret = { secretName: 'stripe', key: 'api-key' };
  eachGivesItsMessage([
    app(
      'not a name',
      { environment: { 'MY-VAR': '1' } },
      'environment "MY-VAR" is not the name of an environment variable. Use letters, digits and "_", and no digit first.',
    ),
    app(
      'one that the library sets',
      { environment: { DJANGO_SETTINGS_MODULE: 'x' } },
      'environment "DJANGO_SETTINGS_MODULE" is a variable that the library sets itself. Use settingsModule.',
    ),
    app(
      'the fallbacks of the key as text, without the overlay',
      { environment: { SECRET_KEY_FALLBACKS: 'x' }, settingsOverlay: { enabled: false } },
      'environment "SECRET_KEY_FALLBACKS" is a variable that the library sets itself. ' +
        'Use a second key of the Secret of secretKey.',
    ),
    app(
      'the prefix as gunicorn reads it [F25]',
      { environment: { SCRIPT_NAME: '/app' } },
      'environment "SCRIPT_NAME" is a variable that the library sets itself. Use pathPrefix.',
    ),
    app(
      'a prefix that is no path [F25]',
      { pathPrefix: 'app' },
      `pathPrefix "app" is not the path of a URL. ${PATH}`,
    ),
    app(
      'a prefix that ends in a slash [F25]',
      { pathPrefix: '/app/' },
      'pathPrefix "/app/" ends in "/". Give "/app".',
    ),
    app('no prefix at all [F25]', { pathPrefix: '/' }, 'pathPrefix "/" ends in "/". Leave it out.'),
    app(
      'a prefix without the overlay [F25]',
      { pathPrefix: '/app', settingsOverlay: { enabled: false } },
      'pathPrefix "/app" has no meaning with settingsOverlay.enabled false. Leave one of them out.',
    ),
    app(
      'a trusted origin without its scheme [F26]',
      { trustedOrigins: ['shop.example.com'] },
      'trustedOrigins "shop.example.com" is not an origin. Give scheme and host, such as "https://shop.example.com", ' +
        'and the port if it is not the usual one.',
    ),
    app(
      'a trusted origin with a path [F26]',
      { trustedOrigins: ['https://shop.example.com/'] },
      'trustedOrigins "https://shop.example.com/" is not an origin. Give scheme and host, such as ' +
        '"https://shop.example.com", and the port if it is not the usual one.',
    ),
    app(
      'the key as text',
      { environment: { SECRET_KEY: 'x' } },
      'environment "SECRET_KEY" is a variable that the library sets itself. Use secretKey.',
    ),
    app(
      'one of the overlay',
      { secretEnvironment: { CDK8S_DJANGO_KEEP: secret } },
      `secretEnvironment "CDK8S_DJANGO_KEEP" is not one of the runtime's variables that a program may set. ${OPEN}`,
    ),
    app(
      'the path of a probe, which the manifests name',
      { environment: { CDK8S_DJANGO_READY_PATH: '/ready' } },
      `environment "CDK8S_DJANGO_READY_PATH" is not one of the runtime's variables that a program may set. ${OPEN}`,
    ),
    app(
      'in both',
      { environment: { STRIPE: '1' }, secretEnvironment: { STRIPE: secret } },
      'secretEnvironment "STRIPE" is in environment too. Keep it in one of them.',
    ),
    ...['environment', 'secretEnvironment'].map((property) => ({
      ...app(
        `a key of the bucket, in ${property}`,
        {
          mediaBucket: { name: 'polls' },
          [property]: { AWS_ACCESS_KEY_ID: property === 'environment' ? 'x' : secret },
        },
        `${property} "AWS_ACCESS_KEY_ID" is a variable of mediaBucket, whose keys the objectStorage of the distribution ` +
          'gives. Leave it out, or give the other keys a name of their own.',
      ),
      distribution: Distribution.openshift({
        objectStorage: new S3Storage({ keys: { accessKeyId: secret, secretAccessKey: secret } }),
      }),
    })),
    app(
      'a number',
      { environment: { TIMEOUT: 30 } },
      'environment 30 of TIMEOUT is not a string. Write it in quotes.',
    ),
    app(
      'a Secret that there cannot be',
      { secretEnvironment: { STRIPE: { secretName: 'My_Secret', key: 'a' } } },
      'secretEnvironment.STRIPE.secretName "My_Secret" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    app(
      'a key that there cannot be',
      { secretKey: { secretName: 'keys', key: 'a/b' } },
      'secretKey.key "a/b" is not a key that a Secret can have. Use letters, digits, "-", "_" and ".", and do not begin ' +
        'with "..".',
    ),
    app(
      'a key that leaves no room for the one of older keys',
      { secretKey: { secretName: 'keys', key: 'k'.repeat(244) } },
      `secretKey.key "${'k'.repeat(244)}" has 244 characters, and the one of older keys also ends in "-fallbacks". ` +
        'Use at most 243.',
    ),
    ...['a\0b', '\ud800'].map((value) =>
      app(
        `the value ${JSON.stringify(value)}`,
        { environment: { GREETING: value } },
        `environment ${JSON.stringify(value)} of GREETING has a NUL or half a character, which no program can be given. ` +
          'Leave it out.',
      ),
    ),
    app(
      'a value that no program can be given',
      { environment: { LONG: 'ä'.repeat(65_534) } },
      'environment "LONG" is longer than the 128 KiB that Linux gives a program in one variable. ' +
        'Put it into a file of the image.',
    ),
    app(
      'values that no ConfigMap has room for',
      { environment: Object.fromEntries([...'ABCDEFGH'].map((name) => [name, 'x'.repeat(130_000)])) },
      'environment ["A","B","C","D","E","F","G","H"] has 1040024 bytes, and a ConfigMap at most 1 MiB, the variables of ' +
        'the library included. Put what is long into files of the image.',
    ),
    app(
      'no Secret',
      { secretEnvironment: { STRIPE: undefined } },
      'secretEnvironment.STRIPE (not given) is needed. Give { secretName: "…", key: "…" }, or value("…") of an ' +
        'ExistingSecret or StoredSecret.',
    ),
    app(
      'a log format',
      { settingsOverlay: { logFormat: 'xml' } },
      'settingsOverlay.logFormat "xml" is not a format that the overlay writes. Use "json", "gke" or "keep".',
    ),
    app(
      'a cache at a place that is no range',
      { cache: { url: 'redis://cache', peers: [{ cidr: 'cache' }] } },
      'cache.peers.cidr "cache" is not a range of addresses. Give an address and the length of its prefix, such as "10.20.0.0/16".',
    ),
    app(
      'a cache with its password in the URL',
      { cache: { url: 'redis://:hunter2@cache:6379/0' } },
      'cache.url "redis://:…@cache:6379/0" is not the URL of a Redis or Valkey server. ' +
        'Give scheme, host, port and database, such as "redis://cache:6379/0", and the password as cache.password.',
    ),
    ...[
      '',
      'redis://cache:99999/0',
      'redis://cache:0',
      'redis://Cache',
      'redis://cache.',
      'redis://cache/0\n',
    ].map((url) =>
      app(
        `a cache at ${JSON.stringify(url)}`,
        { cache: { url } },
        `cache.url ${JSON.stringify(url)} is not the URL of a Redis or Valkey server. ` +
          'Give scheme, host, port and database, such as "redis://cache:6379/0", and the password as cache.password.',
      ),
    ),
  ]);

  const OWN_DATABASE = 'Give each another one of the server, such as database(1).';
  eachGivesItsMessage([
    app(
      'a broker in the cache',
      { cache: { url: 'redis://cache' }, celery: { broker: { url: 'valkey://cache:6379/0' } } },
      'celery.broker.url "valkey://cache:6379/0" is the database of cache too, and to clear a cache empties all of its ' +
        `database. ${OWN_DATABASE}`,
    ),
    app(
      'a channel layer in the broker',
      {
        celery: { broker: { url: 'redis://queue/1' } },
        cache: { url: 'redis://queue/0' },
        channelLayer: { url: 'redis://queue/1' },
      },
      'channelLayer.url "redis://queue/1" is the database of celery.broker too, and to clear a cache empties all of its ' +
        `database. ${OWN_DATABASE}`,
    ),
  ]);

  const gunicorn = (GUNICORN_CMD_ARGS: string, more = {}) => ({
    environment: { GUNICORN_CMD_ARGS },
    ...more,
  });
  const asgi = (asgiServer: string, environment: Record<string, string>) => ({
    asgiModule: 'mysite.asgi',
    asgiServer,
    environment,
  });
  const ignored = (variable: string, program: string, remedy: string) =>
    `environment "${variable}" is read by ${program}'s command line alone, which pods do not use: it has no effect. ${remedy}.`;
  eachGivesItsMessage([
    app(
      'a number of processes [F21]',
      { environment: { WEB_CONCURRENCY: '8' } },
      'environment "WEB_CONCURRENCY" has no effect: pods are told how many processes to start. Use processes.',
    ),
    app(
      'a number of processes from a Secret [F21]',
      { secretEnvironment: { WEB_CONCURRENCY: secret } },
      'secretEnvironment "WEB_CONCURRENCY" has no effect: pods are told how many processes to start. Use processes.',
    ),
    ...[
      ['--workers 4', '--workers', 'Use processes'],
      ['--access-logfile - -w4', '--workers', 'Use processes'],
      ['--bind=0.0.0.0:80', '--bind', 'Use port'],
      ['-k gevent', '--worker-class', 'Use workerClass'],
      ['--thre 9', '--threads', 'Use threads'],
      ['--timeout 600', '--timeout', 'Use requestTimeout'],
      ['--preload --reload', '--reload', 'Leave it out'],
      ['-D', '--daemon', 'Leave it out'],
      ['--check-config', '--check-config', 'Leave it out'],
      ['--certfile=/x', '--certfile', 'Leave it out'],
    ].map(([given, option, remedy]) =>
      app(
        `gunicorn's ${given} [F21]`,
        gunicorn(given!),
        `environment "GUNICORN_CMD_ARGS" has ${option}, which is the pod's to say. ${remedy}.`,
      ),
    ),
    app(
      'a number of requests that is given twice [F21]',
      gunicorn('--max-requests 100', { maxRequests: 1000 }),
      'environment "GUNICORN_CMD_ARGS" has --max-requests, which is the pod\'s to say. Use maxRequests.',
    ),
    app(
      "uvicorn's processes [F21]",
      asgi('uvicorn', { UVICORN_WORKERS: '4' }),
      ignored('UVICORN_WORKERS', 'uvicorn', 'Use processes'),
    ),
    app(
      "uvicorn's address [F21]",
      asgi('uvicorn', { UVICORN_HOST: '127.0.0.1' }),
      ignored('UVICORN_HOST', 'uvicorn', 'Leave it out'),
    ),
    app(
      "granian's threads [F21]",
      { wsgiServer: 'granian', environment: { GRANIAN_BLOCKING_THREADS: '4' } },
      ignored('GRANIAN_BLOCKING_THREADS', 'granian', 'Use threads'),
    ),
    {
      what: 'a variable that is added later [F21]',
      define: (chart) => django(chart).addEnvironment('GUNICORN_CMD_ARGS', '--workers 2'),
      message:
        'polls/Polls: name "GUNICORN_CMD_ARGS" has --workers, which is the pod\'s to say. Use processes.',
    },
  ]);

  it('takes a variable of a web server for pods that have none', () => {
    const define = (chart: Chart) =>
      django(chart).addEnvironment('WEB_CONCURRENCY', '8', { pods: [PodKind.JOBS] });
    expect(() => synth(define)).not.toThrow();
  });

  it.each<[string, object]>([
    [
      'what gunicorn takes beside the pod',
      gunicorn('--access-logformat "%(h)s" -c deploy/gunicorn.py --preload'),
    ],
    ['its number of requests', gunicorn('--max-requests 1000 --log-level debug --proxy-allow-from 10.0.0.1')],
    ['what is of no server', { environment: { PORT: '8080', UVICORN_OWN: '1', GUNICORN_OWN: '-w' } }],
    ['what is of another server', { environment: { UVICORN_WORKERS: '4', GRANIAN_WORKERS: '4' } }],
    ['what gunicorn does not see', asgi('uvicorn', { GUNICORN_CMD_ARGS: '--workers 4', UVICORN_OWN: '1' })],
    ['what daphne does not read', asgi('daphne', { WEB_CONCURRENCY: '4', ASGI_THREADS: '4' })],
  ])('of a server may be %s [F21]', (_, changes: any) => {
    expect(configOf(djangoManifests(changes))).toMatchObject(changes.environment);
  });

  it('may be as long as Linux takes it, of any characters', () => {
    const environment = { LONG: '😀'.repeat(32_766) };
    expect(configOf(djangoManifests({ environment }))).toMatchObject(environment);
  });

  it('may have a name that every JavaScript object knows', () => {
    const environment = { toString: '1' };
    const manifests = djangoManifests({ environment, secretEnvironment: { valueOf: secret } });
    expect(configOf(manifests)).toMatchObject(environment);
  });
});

describe('an allowed host', () => {
  eachGivesItsMessage([
    app(
      'every host',
      { allowedHosts: ['*'] },
      `allowedHosts "*" means several hosts, which have to be named one by one. ${HOST_REMEDY}`,
    ),
    ...['*.com', '.com'].map((host) =>
      app(
        host,
        { allowedHosts: [host] },
        `allowedHosts "${host}" would mean the hosts of everybody. ` +
          'Give a domain of your own after the "*.", such as "*.shop.example.com".',
      ),
    ),
    ...['1.2.3', 'polls.1'].map((host) =>
      app(
        host,
        { allowedHosts: [host] },
        `allowedHosts "${host}" ends in a number, which browsers take for an address. ${HOST_REMEDY}`,
      ),
    ),
    app(
      'an address',
      { allowedHosts: ['10.0.0.1'] },
      `allowedHosts "10.0.0.1" is an IP address. ${HOST_REMEDY}`,
    ),
  ]);
});

describe('a management command', () => {
  const command = (what: string, changes: object, message: string): BadInput => ({
    what,
    define: (chart) =>
      django(chart).addScheduledCommand({
        name: 'digest',
        command: ['send_digest'],
        schedule: '@daily',
        ...changes,
      }),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    command(
      'no words',
      { command: [] },
      'command [] is not a management command. Give the command and its arguments, such as ["loaddata", "countries"].',
    ),
    command(
      'no schedule',
      { schedule: 'daily' },
      'schedule "daily" does not have the five fields of cron. Give minute, hour, day, month and weekday, such as ' +
        '"30 3 * * *", or "@daily".',
    ),
    command(
      'an hour that there is not',
      { schedule: '30 25 * * *' },
      'schedule "30 25 * * *" has the hour "25", which is not between 0 and 23. Give minute, hour, day, month and ' +
        'weekday, such as "30 3 * * *", or "@daily".',
    ),
    command(
      'the time zone of a machine',
      { timeZone: 'Local' },
      'timeZone "Local" is not a time zone. Give its name, such as "Europe/Vienna".',
    ),
    command(
      'less time to start than the controller takes to look',
      { startingDeadline: Duration.seconds(9) },
      'startingDeadline 9 is not a whole number of seconds from 10 on. Give a whole number of seconds from 10 on.',
    ),
    command(
      'a policy',
      { concurrencyPolicy: 'Never' },
      'concurrencyPolicy "Never" is not a policy. Use "Forbid", "Replace" or "Allow".',
    ),
    {
      what: 'a long name',
      define: (chart) =>
        django(chart, { name: 'a'.repeat(20) }).addCommand({ name: 'b'.repeat(40), command: ['check'] }),
      message:
        `polls/Polls: name "${'b'.repeat(40)}" makes a resource name of 61 characters. ` +
        'Use at most 31 characters.',
    },
    {
      what: 'the rotation of a key that was given',
      define: (chart) =>
        django(chart, { secretKey: { secretName: 'keys', key: 'a' } }).addSecretKeyRotation(),
      message:
        'polls/Polls: secretKey {"secretName":"keys","key":"a"} is not made by the library, which therefore cannot ' +
        'rotate it. Leave secretKey out, or rotate it where it is made: older keys belong in its Secret as a second key.',
    },
  ]);
});

describe('an application without a distribution', () => {
  it('is refused before any other error', () => {
    expect(
      () => new DjangoApp(undefined as any, 'Polls', { name: 'BAD', image: IMAGE, settingsModule: 'x' }),
    ).toThrow(
      /^Polls: distribution \(not given\) is needed: none is bound to this or to a scope around it\. Call Distribution\.bind\(app, /,
    );
  });
});
