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
  if (Object.hasOwn(PYTHON_ENVIRONMENT, variable) || variable.startsWith('CDK8S_DJANGO_'))
    return 'Leave it out';
  if (database && variable.startsWith('DATABASE_')) return 'Say it of the database';
  if (cache && variable.startsWith('CACHE_')) return 'Say it of the cache';
  if (celery && variable.startsWith('CELERY_BROKER_')) return 'Say it of celery.broker';
  if (channelLayer && variable.startsWith('CHANNEL_LAYER_')) return 'Say it of channelLayer';
  return Object.hasOwn(RESERVED, variable) ? RESERVED[variable] : undefined;
}
