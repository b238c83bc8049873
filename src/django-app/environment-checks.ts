import { Construct } from 'constructs';
import { checkSecretValue } from '../capabilities/secrets/secret';
import { InvalidInputError } from '../kubernetes/errors';
import { checkVariable } from '../kubernetes/names';
import { PYTHON_ENVIRONMENT } from '../runtime/runtime';
import { DjangoAppProps } from './django-app-props';

/** Variables that the library always sets, with what to use instead. */
const RESERVED: Record<string, string> = {
  ALLOWED_HOSTS: 'Use PublicRoute and allowedHosts',
  CSRF_TRUSTED_ORIGINS: 'Use PublicRoute',
  DJANGO_SETTINGS_MODULE: 'Use settingsModule',
  SECRET_KEY: 'Use secretKey',
  SECRET_KEY_FALLBACKS: 'Use a second key of the Secret of secretKey',
};

const RUNTIME = 'CDK8S_DJANGO_';
/** Those of the runtime that a program may set: there is no option for them. `src/runtime/README.md` has what they do. */
const OPEN = [
  'SSL_REDIRECT',
  'HSTS_INCLUDE_SUBDOMAINS',
  'HSTS_PRELOAD',
  'STATIC_ROOT',
  'MEDIA_URL',
  'LOG_LEVEL',
  'READY_CHECKS',
  'READY_TIMEOUT',
  'MIGRATE_DATABASES',
  'LOCK_TIMEOUT',
  'DEBUG',
].map((name) => `${RUNTIME}${name}`);

/** Checks the variables that a program gives. */
export function checkEnvironment(scope: Construct, props: DjangoAppProps): void {
  const { environment = {}, secretEnvironment = {} } = props;
  for (const [variable, value] of Object.entries(environment)) {
    checkOwn(scope, 'environment', variable, props);
    if (typeof value !== 'string') {
      const reason = `of ${variable} is not a string`;
      throw new InvalidInputError(scope, {
        property: 'environment',
        value,
        reason,
        remedy: 'Write it in quotes',
      });
    }
  }
  for (const [variable, value] of Object.entries(secretEnvironment)) {
    checkOwn(scope, 'secretEnvironment', variable, props);
    checkSecretValue(scope, `secretEnvironment.${variable}`, value);
    if (Object.hasOwn(environment, variable)) {
      throw new InvalidInputError(scope, {
        property: 'secretEnvironment',
        value: variable,
        reason: 'is in environment too',
        remedy: 'Keep it in one of them',
      });
    }
  }
}

function checkOwn(scope: Construct, property: string, variable: string, props: DjangoAppProps): void {
  checkVariable(scope, property, variable);
  if (variable.startsWith(RUNTIME) && !OPEN.includes(variable)) {
    throw new InvalidInputError(scope, {
      property,
      value: variable,
      reason: "is not one of the runtime's variables that a program may set",
      remedy: `Leave it out, or set one of ${OPEN.join(', ')}`,
    });
  }
  const remedy = insteadOf(variable, props);
  if (remedy) {
    throw new InvalidInputError(scope, {
      property,
      value: variable,
      reason: 'is a variable that the library sets itself',
      remedy,
    });
  }
}

function insteadOf(
  variable: string,
  { database, cache, celery, channelLayer }: DjangoAppProps,
): string | undefined {
  if (Object.hasOwn(PYTHON_ENVIRONMENT, variable)) return 'Leave it out';
  if (database && variable.startsWith('DATABASE_')) return 'Say it of the database';
  if (cache && variable.startsWith('CACHE_')) return 'Say it of the cache';
  if (celery && variable.startsWith('CELERY_BROKER_')) return 'Say it of celery.broker';
  if (channelLayer && variable.startsWith('CHANNEL_LAYER_')) return 'Say it of channelLayer';
  return Object.hasOwn(RESERVED, variable) ? RESERVED[variable] : undefined;
}
