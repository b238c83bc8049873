import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { allowedHost } from '../kubernetes/hosts';
import { EnvironmentVariable } from '../kubernetes/environment';
import { PYTHON_ENVIRONMENT, pythonPath } from '../runtime/runtime';
import { brokerOf } from './brokers';
import { serverVariables } from './cache';
import { celeryVariables } from './celery';
import { threadsLast } from './connections';
import { DjangoAppProps, SettingsOverlay } from './django-app-props';
import { releaseVariables } from './release-marker';
import { fallbacksOf } from './secret-key';
import { Surroundings } from './surroundings';
import { SecretValue } from '../kubernetes/secret-values';
import { distributionOf } from '../platform/binding';

/**
 * What depends neither on the application's surroundings nor on the distribution: what a migration runs with.
 *
 * `src/runtime/README.md` says what each variable does.
 */
export function ownConfiguration(
  props: DjangoAppProps,
  added: Record<string, string>,
): Record<string, string> {
  return {
    ...PYTHON_ENVIRONMENT,
    ...settingsVariables(props),
    ...(!threadsLast(props) && { CDK8S_DJANGO_ASGI: 'true' }),
    ...(props.pathPrefix && { CDK8S_DJANGO_PATH_PREFIX: props.pathPrefix }),
    ...(props.media && { CDK8S_DJANGO_MEDIA_ROOT: props.media.mountPath }),
    ...(props.media?.serve && { CDK8S_DJANGO_SERVE_MEDIA: 'true' }),
    ...(props.cache && { CACHE_URL: props.cache.url }),
    ...(props.cache?.certificatePath && { CACHE_SSL_CA_CERT: props.cache.certificatePath }),
    ...props.environment,
    ...added,
  };
}

function settingsVariables({ settingsModule, settingsOverlay = {} }: DjangoAppProps): Record<string, string> {
  if (settingsOverlay.enabled === false) return { DJANGO_SETTINGS_MODULE: settingsModule };
  return {
    DJANGO_SETTINGS_MODULE: 'cdk8s_django.settings',
    CDK8S_DJANGO_SETTINGS_MODULE: settingsModule,
    ...overlayVariables(settingsOverlay),
  };
}

function overlayVariables({
  keep,
  strictTransportSecurity,
  serveStatic,
  keepStatic,
  readinessServices,
  routerAddresses,
  restrictedPaths,
  signInPaths,
  contentSecurityPolicy,
}: SettingsOverlay): Record<string, string> {
  return {
    ...(keep?.length && { CDK8S_DJANGO_KEEP: keep.join(',') }),
    ...(strictTransportSecurity && {
      CDK8S_DJANGO_HSTS_SECONDS: String(strictTransportSecurity.toSeconds()),
    }),
    ...(serveStatic === false && { CDK8S_DJANGO_SERVE_STATIC: 'false' }),
    ...(keepStatic && { CDK8S_DJANGO_KEEP_STATIC: 'true' }),
    ...(readinessServices && { CDK8S_DJANGO_READY_CHECKS: readyChecks(readinessServices) }),
    ...(routerAddresses && { CDK8S_DJANGO_ROUTER_ADDRESSES: routerAddresses.join(',') }),
    ...(restrictedPaths && { CDK8S_DJANGO_RESTRICTED_PATHS: JSON.stringify(restrictedPaths) }),
    ...(signInPaths?.length && { CDK8S_DJANGO_SIGN_IN_PATHS: signInPaths.join(',') }),
    ...(contentSecurityPolicy && {
      CDK8S_DJANGO_CONTENT_SECURITY_POLICY: JSON.stringify(contentSecurityPolicy),
    }),
  };
}

/** A database that is asked has to have its migrations too. */
function readyChecks(services: string[]): string {
  if (services.length === 0) return 'none';
  const asksDatabase = services.some((service) => service.startsWith('database'));
  return [...services, ...(asksDatabase ? ['migrations'] : [])].join(',');
}

/** All that the application's ConfigMap says. */
export function configuration(
  scope: Construct,
  props: DjangoAppProps,
  { hosts, signInHosts, internalPaths, probedPaths, workerGracePeriod, jobNames }: Surroundings,
  added: Record<string, string>,
): Record<string, string> {
  const routed = hosts.length > 0;
  const allowed = [...hosts, ...(props.allowedHosts ?? (routed ? [] : serviceHosts(scope, props.name)))];
  const trusted = [...hosts.map((host) => `https://${host}`), ...(props.trustedOrigins ?? [])];
  return {
    [variableOf('ALLOWED_HOSTS', props)]: [...new Set(allowed.map(allowedHost))].join(','),
    ...(routed &&
      props.settingsOverlay?.visitorAddress && { CDK8S_DJANGO_TRUSTED_PROXIES: trustedProxies(scope) }),
    ...(trusted.length > 0 && { [variableOf('CSRF_TRUSTED_ORIGINS', props)]: trusted.join(',') }),
    ...ownConfiguration(props, added),
    ...loggingVariables(scope, props),
    ...releaseVariables(props),
    ...celeryVariables(props, workerGracePeriod),
    ...(routed && { CDK8S_DJANGO_BEHIND_ROUTE: 'true' }),
    ...(signInHosts.length && { CDK8S_DJANGO_SIGN_IN_HOSTS: signInHosts.join(',') }),
    ...(probedPaths.length && { CDK8S_DJANGO_PROBED_PATHS: probedPaths.join(',') }),
    ...jobNames,
    ...(internalPaths.length && { CDK8S_DJANGO_INTERNAL_PATHS: internalPaths.join(',') }),
  };
}

/**
 * The variable that sets a list. The overlay has a name of its own: an application that reads the common one may take
 * another form, such as JSON. Without the overlay the application reads the common one, comma-separated unless the
 * program gives it.
 */
export function variableOf(
  setting: 'ALLOWED_HOSTS' | 'CSRF_TRUSTED_ORIGINS' | 'SECRET_KEY_FALLBACKS',
  { settingsOverlay }: DjangoAppProps,
): string {
  return settingsOverlay?.enabled === false ? setting : `CDK8S_DJANGO_${setting}`;
}

function loggingVariables(scope: Construct, { settingsOverlay }: DjangoAppProps): Record<string, string> {
  if (settingsOverlay?.enabled === false) return {};
  if (settingsOverlay?.logFormat) return { CDK8S_DJANGO_LOG_FORMAT: settingsOverlay.logFormat };
  return distributionOf(scope).logging.variables;
}

/** How many proxies of the route add to X-Forwarded-For. */
function trustedProxies(scope: Construct): string {
  return String(distributionOf(scope).routing.trustedProxies ?? 1);
}

/** The names of the Service within the cluster. */
function serviceHosts(scope: Construct, name: string): string[] {
  const { namespace } = Chart.of(scope);
  return namespace ? [name, `${name}.${namespace}`, `${name}.${namespace}.svc`] : [name];
}

/**
 * The variables that a container names one by one: those that come from Secrets, and those of the database, some of
 * which refer to them.
 *
 * @param added - what other constructs have added to the pods from Secrets
 */
export function containerVariables(
  props: DjangoAppProps,
  secretKey: SecretValue,
  added: Record<string, SecretValue>,
): EnvironmentVariable[] {
  return [
    pythonPath(props.pythonPath),
    { name: 'SECRET_KEY', ...secretKey },
    { name: variableOf('SECRET_KEY_FALLBACKS', props), ...fallbacksOf(secretKey), optional: true },
    ...(props.cache?.password ? [{ name: 'CACHE_PASSWORD', ...props.cache.password }] : []),
    ...(props.celery ? brokerOf(props.celery).variables : []),
    ...(props.channelLayer ? serverVariables('CHANNEL_LAYER', props.channelLayer) : []),
    ...(props.database?.environment ?? []),
    ...sortedVariables({ ...props.secretEnvironment, ...added }),
  ];
}

/** In one order however they were given: another order would replace the pods. */
function sortedVariables(variables: { [variable: string]: SecretValue }): EnvironmentVariable[] {
  return Object.keys(variables)
    .sort()
    .map((name) => ({ name, ...variables[name] }));
}
