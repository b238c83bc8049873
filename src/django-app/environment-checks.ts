import { Construct } from 'constructs';
import { checkVariable } from '../kubernetes/names';
import { checkNoSecret } from '../kubernetes/plain-secrets';
import { Problems } from '../kubernetes/problems';
import { IDatabase } from './database';
import { PYTHON_ENVIRONMENT } from '../runtime/runtime';
import { DjangoAppProps } from './django-app-props';
import { checkSecretValue } from '../kubernetes/secret-values';
import { Platform } from './platform';
import { serverVariableRefusal } from './server-variables';

/** Variables that the library always sets, with what to use instead. */
const RESERVED: Record<string, string> = {
  DJANGO_SETTINGS_MODULE: 'Use settingsModule',
  PYTHONPATH: 'Use pythonPath',
  SCRIPT_NAME: 'Use pathPrefix',
  SECRET_KEY: 'Use secretKey',
};

/**
 * What the overlay reads about a database and of Redis servers, and by which names other programs of the image find them.
 * An application may have any other variable that begins alike, such as `DATABASE_URL_REPLICA`.
 */
const DATABASE = [
  ...['URL', 'HOST', 'PORT', 'NAME', 'USER', 'PASSWORD', 'SSL_MODE', 'SSL_ROOT_CERT', 'CONN_MAX_AGE'],
  ...['POOL_MAX_SIZE', 'POOL_MIN_SIZE', 'TRANSACTION_POOLER', 'DIRECT_HOST', 'DIRECT_PORT', 'DIRECT_URL'],
  ...['DIRECT_SSL_MODE', 'DIRECT_SSL_ROOT_CERT'],
].map((name) => `DATABASE_${name}`);
const CACHE = ['CACHE_URL', 'CACHE_PASSWORD', 'CACHE_SSL_CA_CERT'];
const BROKER = ['CELERY_BROKER_URL', 'CELERY_BROKER_PASSWORD'];
const CHANNEL_LAYER = ['CHANNEL_LAYER_URL', 'CHANNEL_LAYER_PASSWORD'];

const RUNTIME = 'CDK8S_DJANGO_';
/**
 * Those of the runtime that a program may set: there is no option for them. `src/runtime/README.md` has what they do.
 */
const OPEN = [
  'SSL_REDIRECT',
  'HSTS_INCLUDE_SUBDOMAINS',
  'HSTS_PRELOAD',
  'STATIC_ROOT',
  'MEDIA_URL',
  'TRUSTED_PROXIES',
  'LOG_LEVEL',
  'READY_CHECKS',
  'READY_TIMEOUT',
  'MIGRATE_DATABASES',
  'LOCK_TIMEOUT',
  'DEBUG',
].map((name) => `${RUNTIME}${name}`);

/** Linux' MAX_ARG_STRLEN: https://man7.org/linux/man-pages/man2/execve.2.html */
const LARGEST_VARIABLE = 128 * 1024;
/** A ConfigMap may have 1 MiB: https://kubernetes.io/docs/concepts/configuration/configmap/ */
const LARGEST_ENVIRONMENT = 1000 * 1024;

/** Checks the variables that a program gives. */
export function checkEnvironment(scope: Construct, props: DjangoAppProps): void {
  const { environment = {}, secretEnvironment = {} } = props;
  for (const [variable, value] of Object.entries(environment)) {
    checkOwn(scope, 'environment', variable, props, value);
    checkValue(scope, 'environment', variable, value, FROM_SECRET);
  }
  checkSize(scope, 'environment', environment);
  for (const [variable, value] of Object.entries(secretEnvironment)) {
    checkOwn(scope, 'secretEnvironment', variable, props);
    checkSecretValue(scope, `secretEnvironment.${variable}`, value);
    if (Object.hasOwn(environment, variable)) {
      Problems.report(scope, {
        property: 'secretEnvironment',
        value: variable,
        reason: 'is in environment too',
        remedy: 'Keep it in one of them',
      });
    }
  }
}

/** What to do with a secret that is among the variables of an application. */
const FROM_SECRET =
  'Put it into a Secret, and give it by secretEnvironment; a database by PostgresBackend.fromHost, a cache by its url and password';

/**
 * Checks the value of a variable.
 *
 * @param fromSecret - what to do with a value that is a secret
 */
export function checkValue(
  scope: Construct,
  property: string,
  variable: string,
  value: string,
  fromSecret: string,
): void {
  if (typeof value !== 'string') {
    Problems.report(scope, {
      property,
      value,
      reason: `of ${variable} is not a string`,
      remedy: 'Write it in quotes',
    });
  }
  checkNoSecret(scope, { property, text: value, of: variable, remedy: fromSecret });
  // Without its pair, half a character of UTF-16 has no bytes in UTF-8.
  if (/\0|\p{Surrogate}/u.test(value)) {
    Problems.report(scope, {
      property,
      value,
      reason: `of ${variable} has a NUL or half a character, which no program can be given`,
      remedy: 'Leave it out',
    });
  }
  if (sizeOf(variable, value) > LARGEST_VARIABLE) {
    Problems.report(scope, {
      property,
      value: variable,
      reason: 'is longer than the 128 KiB that Linux gives a program in one variable',
      remedy: 'Put it into a file of the image',
    });
  }
}

/** Checks that the variables fit into a ConfigMap. */
export function checkSize(
  scope: Construct,
  property: string,
  environment: { [variable: string]: string },
): void {
  const sizes = Object.entries(environment).map(([variable, value]) => sizeOf(variable, value));
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum <= LARGEST_ENVIRONMENT) return;
  Problems.report(scope, {
    property,
    value: Object.keys(environment),
    reason: `has ${sum} bytes, and a ConfigMap at most 1 MiB, the variables of the library included`,
    remedy: 'Put what is long into files of the image',
  });
}

/** The bytes of `NAME=value` and the NUL that ends it. */
function sizeOf(variable: string, value: string): number {
  return Buffer.byteLength(variable) + Buffer.byteLength(value) + 2;
}

/** Checks the name of a variable that is added later than the props. */
export function checkAddedVariable(
  scope: Construct,
  name: string,
  { props, platform }: { readonly props: DjangoAppProps; readonly platform: Platform },
  { value, isOfServer }: { value?: string; isOfServer: boolean },
): void {
  checkOwn(scope, 'name', name, props, value, isOfServer);
  const given = ['environment', 'secretEnvironment'] as const;
  const property = given.find((one) => Object.hasOwn(props[one] ?? {}, name));
  const isBucket = platform.media?.environment?.some((variable) => variable.name === name);
  if (!property && !isBucket) return;
  Problems.report(scope, {
    property: 'name',
    value: name,
    reason: property ? `is in ${property} already` : 'is a variable of mediaBucket',
    remedy: property ? 'Keep it in one of them' : 'Choose another one',
  });
}

function checkOwn(
  scope: Construct,
  property: string,
  variable: string,
  props: DjangoAppProps,
  value?: unknown,
  isOfServer = true,
): void {
  checkVariable(scope, property, variable);
  if (variable.startsWith(RUNTIME) && !OPEN.includes(variable)) {
    Problems.report(scope, {
      property,
      value: variable,
      reason: "is not one of the runtime's variables that a program may set",
      remedy: `Leave it out, or set one of ${OPEN.join(', ')}`,
    });
  }
  const ofServer = isOfServer ? serverVariableRefusal(variable, value, props) : undefined;
  if (ofServer) Problems.report(scope, { property, value: variable, ...ofServer });
  const remedy = insteadOf(variable, props);
  if (remedy) {
    Problems.report(scope, {
      property,
      value: variable,
      reason: 'is a variable that the library sets itself',
      remedy,
    });
  }
}

/** Also by what a database of the program's own sets. */
function isOfDatabase(variable: string, { environment }: IDatabase): boolean {
  return DATABASE.includes(variable) || environment.some(({ name }) => name === variable);
}

function insteadOf(
  variable: string,
  { database, cache, celery, channelLayer, settingsOverlay }: DjangoAppProps,
): string | undefined {
  if (variable === 'SECRET_KEY_FALLBACKS' && settingsOverlay?.enabled === false) {
    return 'Use a second key of the Secret of secretKey';
  }
  if (Object.hasOwn(PYTHON_ENVIRONMENT, variable)) return 'Leave it out';
  if (database && isOfDatabase(variable, database)) return 'Give it to the database';
  const redis: [unknown, string[], string][] = [
    [cache, CACHE, 'the cache'],
    [celery, BROKER, 'celery.broker'],
    [channelLayer, CHANNEL_LAYER, 'channelLayer'],
  ];
  const owner = redis.find(([use, names]) => use && names.includes(variable));
  if (owner) return `Give it to ${owner[2]}`;
  return Object.hasOwn(RESERVED, variable) ? RESERVED[variable] : undefined;
}
