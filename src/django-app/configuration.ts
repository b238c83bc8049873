import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { EnvironmentVariable } from '../kubernetes/environment';
import { InvalidInputError } from '../kubernetes/errors';
import { checkVariable } from '../kubernetes/names';
import { PYTHON_ENVIRONMENT } from '../runtime/runtime';
import { checkSecretValue, SecretValue } from '../capabilities/secrets/secret';
import { DjangoAppProps } from './django-app-props';
import { Surroundings } from './surroundings';

/** Variables that the library sets by itself and that a program may therefore not set again. */
const RESERVED = [
  ...[
    'ALLOWED_HOSTS',
    'CSRF_TRUSTED_ORIGINS',
    'DJANGO_SETTINGS_MODULE',
    'SECRET_KEY',
    'SECRET_KEY_FALLBACKS',
  ],
  ...[
    'DATABASE_URL',
    'DATABASE_HOST',
    'DATABASE_PORT',
    'DATABASE_NAME',
    'DATABASE_USER',
    'DATABASE_PASSWORD',
  ],
  ...Object.keys(PYTHON_ENVIRONMENT),
];

/** Checks the variables that a program gives. */
export function checkEnvironment(scope: Construct, props: DjangoAppProps): void {
  const plain = Object.keys(props.environment ?? {});
  const secret = Object.keys(props.secretEnvironment ?? {});
  for (const variable of [...plain, ...secret]) {
    const property = plain.includes(variable) ? 'environment' : 'secretEnvironment';
    checkVariable(scope, property, variable);
    if (RESERVED.includes(variable) || variable.startsWith('CDK8S_DJANGO_')) {
      throw new InvalidInputError(scope, {
        property,
        value: variable,
        reason: 'is a variable that the library sets itself',
        remedy:
          'Remove it: hosts come from PublicRoute and allowedHosts, the key from secretKey, the database from database',
      });
    }
  }
  const both = plain.find((variable) => secret.includes(variable));
  if (both) {
    throw new InvalidInputError(scope, {
      property: 'secretEnvironment',
      value: both,
      reason: 'is in environment too',
      remedy: 'Keep it in one of them',
    });
  }
  checkValues(scope, props);
}

function checkValues(scope: Construct, props: DjangoAppProps): void {
  for (const [variable, value] of Object.entries(props.environment ?? {})) {
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
  for (const [variable, value] of Object.entries(props.secretEnvironment ?? {})) {
    checkSecretValue(scope, `secretEnvironment.${variable}`, value);
  }
}

/** What does not depend on the application's surroundings: what a migration runs with. */
export function ownConfiguration(props: DjangoAppProps): Record<string, string> {
  const overlay = props.settingsOverlay ?? true;
  return {
    ...PYTHON_ENVIRONMENT,
    DJANGO_SETTINGS_MODULE: overlay ? 'cdk8s_django.settings' : props.settingsModule,
    ...(overlay && { CDK8S_DJANGO_SETTINGS_MODULE: props.settingsModule }),
    ...(props.keepSettings?.length && { CDK8S_DJANGO_KEEP: props.keepSettings.join(',') }),
    ...(props.asgiModule && { CDK8S_DJANGO_ASGI: 'true' }),
    ...(props.media && { CDK8S_DJANGO_MEDIA_ROOT: props.media.mountPath, CDK8S_DJANGO_SERVE_MEDIA: 'true' }),
    ...props.environment,
  };
}

/** All that the application's ConfigMap says. */
export function configuration(
  props: DjangoAppProps,
  serviceHosts: string[],
  { hosts, internalPaths }: Surroundings,
): Record<string, string> {
  const routed = hosts.length > 0;
  const allowed = [...hosts, ...(props.allowedHosts ?? (routed ? [] : serviceHosts))];
  return {
    ...ownConfiguration(props),
    ALLOWED_HOSTS: allowed.join(','),
    ...(routed && {
      CSRF_TRUSTED_ORIGINS: hosts.map((host) => `https://${host}`).join(','),
      CDK8S_DJANGO_BEHIND_ROUTE: 'true',
    }),
    ...(internalPaths.length && { CDK8S_DJANGO_INTERNAL_PATHS: internalPaths.join(',') }),
  };
}

/** The variables that come from Secrets, and those of the database, which refer to them. */
export function secretVariables(props: DjangoAppProps, secretKey: SecretValue): EnvironmentVariable[] {
  return [
    { name: 'SECRET_KEY', ...secretKey },
    {
      name: 'SECRET_KEY_FALLBACKS',
      secretName: secretKey.secretName,
      key: `${secretKey.key}-fallbacks`,
      optional: true,
    },
    ...(props.database?.environment ?? []),
    ...Object.entries(props.secretEnvironment ?? {}).map(([name, value]) => ({ name, ...value })),
  ];
}

/** The names of the Service within the cluster. */
export function serviceHosts(scope: Construct, name: string): string[] {
  const { namespace } = Chart.of(scope);
  return namespace ? [name, `${name}.${namespace}`, `${name}.${namespace}.svc`] : [name];
}
