import { Construct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { Problem } from '../kubernetes/errors';
import { checkPath } from '../kubernetes/paths';
import { checkRange } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { DjangoAppProps, LogFormat, SettingsOverlay, WsgiServer } from './django-app-props';
import { isSingleNode } from './media';
import { Surroundings } from './surroundings';

const LOG_FORMATS = Object.values(LogFormat);
const READINESS_SERVICE = /^(cache|database(:[\w-]+)?)$/;
/** The variable by which gunicorn and uvicorn believe headers of others. */
const FORWARDED = 'FORWARDED_ALLOW_IPS';
const DIRECTIVE = /^[a-z]+(-[a-z]+)*$/;
/** Without what separates sources and directives. */
const SOURCE = /^[^\s;,]+$/;
const SETTING = /^[A-Z][A-Z0-9_]*$/;

/** Checks what the settings overlay is to do. */
export function checkOverlay(scope: Construct, props: DjangoAppProps): void {
  const { settingsOverlay, celery } = props;
  if (celery && settingsOverlay?.enabled === false) {
    Problems.report(scope, {
      property: 'settingsOverlay.enabled',
      value: false,
      reason:
        'turns off late acknowledgement and visibilityTimeout, which keep the tasks of a worker that is killed',
      remedy:
        'Leave it out, and list in settingsOverlay.keep the settings that must stay, or leave celery out',
    });
  }
  checkNeedsOverlay(scope, 'media.serve', props.media?.serve, settingsOverlay);
  checkNeedsOverlay(scope, 'pathPrefix', props.pathPrefix, settingsOverlay);
  checkNeedsOverlay(scope, 'secretsAsFiles', props.secretsAsFiles, settingsOverlay);
  checkTokens(scope, props);
  if (!settingsOverlay) return;
  checkEnabled(scope, settingsOverlay);
  const { logFormat, keep = [], strictTransportSecurity } = settingsOverlay;
  if (strictTransportSecurity) {
    checkSeconds(scope, 'settingsOverlay.strictTransportSecurity', strictTransportSecurity, { atLeast: 0 });
  }
  if (settingsOverlay.keepStatic) checkKeepStatic(scope, settingsOverlay, props);
  checkReadinessServices(scope, settingsOverlay);
  checkVisitors(scope, settingsOverlay, props);
  checkHeaders(scope, settingsOverlay, props);
  checkContentSecurityPolicy(scope, settingsOverlay);
  if (logFormat !== undefined && !LOG_FORMATS.includes(logFormat)) {
    Problems.report(scope, {
      property: 'settingsOverlay.logFormat',
      value: logFormat,
      reason: 'is not a format that the overlay writes',
      remedy: 'Use "json", "gke" or "keep"',
    });
  }
  const wrong = keep.find((name) => !SETTING.test(name));
  if (wrong !== undefined) {
    Problems.report(scope, {
      property: 'settingsOverlay.keep',
      value: wrong,
      reason: 'is not the name of a setting',
      remedy: 'Give names in capitals, such as "LOGGING"',
    });
  }
}

/** Checks that the overlay gives connections their tokens, where an identity logs in to the database. */
function checkTokens(scope: Construct, { database, settingsOverlay }: DjangoAppProps): void {
  const cloud = database?.connection?.identity?.cloud;
  if (!cloud) return;
  checkNeedsOverlay(scope, 'database.connection.identity', cloud, settingsOverlay);
  if (!settingsOverlay?.keep?.includes('DATABASES')) return;
  Problems.report(scope, {
    property: 'settingsOverlay.keep',
    value: 'DATABASES',
    reason: 'keeps the token of the identity from the database, which has no password',
    remedy: 'Leave it out: what DATABASES has beside the place of the server stays anyway',
  });
}

/** Checks who is believed, and who may come where. */
function checkVisitors(
  scope: Construct,
  { routerAddresses, restrictedPaths = {}, signInPaths = [], visitorAddress }: SettingsOverlay,
  { environment = {} }: DjangoAppProps,
): void {
  if (routerAddresses) checkRanges(scope, 'settingsOverlay.routerAddresses', routerAddresses);
  if (routerAddresses && Object.hasOwn(environment, FORWARDED)) {
    Problems.report(scope, {
      property: `environment.${FORWARDED}`,
      value: environment[FORWARDED],
      reason: 'has the server believe headers before settingsOverlay.routerAddresses is asked',
      remedy: 'Leave one of them out',
    });
  }
  signInPaths.forEach((path) => checkPath(scope, 'settingsOverlay.signInPaths', path));
  for (const [path, ranges] of Object.entries(restrictedPaths)) {
    checkPath(scope, 'settingsOverlay.restrictedPaths', path);
    checkRanges(scope, `settingsOverlay.restrictedPaths["${path}"]`, ranges);
  }
  if (Object.keys(restrictedPaths).length && !visitorAddress) {
    Problems.report(scope, {
      property: 'settingsOverlay.restrictedPaths',
      value: restrictedPaths,
      reason: "needs the visitor's address, and REMOTE_ADDR is the router's",
      remedy: 'Give settingsOverlay.visitorAddress true',
    });
  }
}

const UNSURE_HEADERS = {
  reason: `would believe headers of visitors: wsgiServer "${WsgiServer.GRANIAN}" does not tell "-" and "_" in their names apart`,
  remedy: 'Leave wsgiServer out to use gunicorn, or give an asgiModule',
};

/** Checks that the headers that the overlay believes are those of the router. */
function checkHeaders(
  scope: Construct,
  { restrictedPaths = {}, signInPaths = [], visitorAddress }: SettingsOverlay,
  { wsgiServer }: DjangoAppProps,
): void {
  if (wsgiServer !== WsgiServer.GRANIAN) return;
  const believing = {
    ...(Object.keys(restrictedPaths).length && { restrictedPaths }),
    ...(signInPaths.length && { signInPaths }),
    ...(visitorAddress && { visitorAddress }),
  };
  for (const [name, value] of Object.entries(believing)) {
    Problems.report(scope, { property: `settingsOverlay.${name}`, value, ...UNSURE_HEADERS });
  }
}

/** What is wrong with a route whose router says in headers who signed in, at synth. */
export function signInHeaderProblems(
  { wsgiServer }: DjangoAppProps,
  { signInHosts }: Surroundings,
): Problem[] {
  if (wsgiServer !== WsgiServer.GRANIAN || !signInHosts.length) return [];
  return [
    {
      property: 'wsgiServer',
      value: wsgiServer,
      reason: `does not tell "-" and "_" in names of headers apart, which say who signed in at ${signInHosts.join(', ')}`,
      remedy: UNSURE_HEADERS.remedy,
    },
  ];
}

/** What is wrong with hosts and paths of a sign-in, at synth: a route may be made later. */
export function signInProblems(
  { settingsOverlay }: DjangoAppProps,
  { signInHosts, openHosts }: Surroundings,
): Problem[] {
  const { signInPaths = [] } = settingsOverlay ?? {};
  const problem = { property: 'settingsOverlay.signInPaths', value: signInPaths };
  if (signInPaths.length && !signInHosts.length) {
    return [
      {
        ...problem,
        reason: 'would be closed to everybody: no route of the application has visitors sign in',
        remedy: 'Give a PublicRoute of the application signIn true',
      },
    ];
  }
  return openHosts.flatMap((open) => {
    const host = signInHosts.find((one) => isWithin(open, one) || isWithin(one, open));
    if (host === undefined) return [];
    const both = isWithin(open, host) ? open : host;
    const beside = both === open ? 'a route' : `the route of ${open}`;
    return [signInPaths.length ? openPaths(problem, both, beside) : openHost(both, beside)];
  });
}

/*
 * The runtime knows by the host alone which route a request came by. That routers prefer a host to a wildcard does not
 * help: a visitor can name the host at the load balancer of the wildcard, and an ALB takes the rule that comes first.
 */
const ANOTHER_HOST = 'have visitors sign in at a host that no route without signIn leads to';

function openPaths(problem: Pick<Problem, 'property' | 'value'>, host: string, beside: string): Problem {
  return {
    ...problem,
    reason: `would be open to everybody at ${host}, which has ${beside} without signIn beside one with it`,
    remedy: `Give every PublicRoute of that host signIn true, or ${ANOTHER_HOST}`,
  };
}

function openHost(host: string, beside: string): Problem {
  return {
    property: 'hosts',
    value: host,
    reason:
      `has ${beside} without signIn beside one with it: the application would believe headers that say who signed in` +
      ' from everybody',
    remedy: `Give every PublicRoute of that host signIn true, or ${ANOTHER_HOST}`,
  };
}

/** Whether a host is another one, or of those that the other means by a wildcard. */
function isWithin(host: string, other: string): boolean {
  return host === other || (other.startsWith('*.') && host.endsWith(other.slice(1)));
}

function checkRanges(scope: Construct, property: string, ranges: string[]): void {
  if (!ranges.length) {
    Problems.report(scope, {
      property,
      value: ranges,
      reason: 'is empty',
      remedy: 'Give ranges such as "203.0.113.0/24", or leave it out',
    });
  }
  ranges.forEach((range) => checkRange(scope, property, range));
}

/** Checks that each directive has a name and sources. */
function checkContentSecurityPolicy(scope: Construct, { contentSecurityPolicy }: SettingsOverlay): void {
  for (const [directive, sources] of Object.entries(contentSecurityPolicy ?? {})) {
    const isList = Array.isArray(sources) && sources.every((one) => SOURCE.test(one));
    if (DIRECTIVE.test(directive) && isList) continue;
    Problems.report(scope, {
      property: 'settingsOverlay.contentSecurityPolicy',
      value: { [directive]: sources },
      reason: 'is not a directive with a list of sources',
      remedy: `Give it as { 'default-src': ["'self'"] }, each source for itself`,
    });
  }
}

/** Checks that no option needs an overlay that the pods do not have. */
function checkNeedsOverlay(
  scope: Construct,
  property: string,
  value: unknown,
  settingsOverlay: SettingsOverlay = {},
): void {
  if (!value || settingsOverlay.enabled !== false) return;
  Problems.report(scope, {
    property,
    value,
    reason: 'has no meaning with settingsOverlay.enabled false',
    remedy: 'Leave one of them out',
  });
}

/** Checks that an overlay that the pods do not have is not told what to do. */
function checkEnabled(scope: Construct, { enabled, ...others }: SettingsOverlay): void {
  const other = Object.entries(others).find(([, value]) => value !== undefined);
  if (enabled !== false || !other) return;
  Problems.report(scope, {
    property: `settingsOverlay.${other[0]}`,
    value: other[1],
    reason: 'has no meaning with settingsOverlay.enabled false',
    remedy: 'Leave one of them out',
  });
}

/** Checks that there is a place for the static files of other releases, and that anybody would look for them there. */
function checkKeepStatic(
  scope: Construct,
  { serveStatic }: SettingsOverlay,
  { media, mediaBucket }: DjangoAppProps,
): void {
  if (serveStatic === false) {
    Problems.report(scope, {
      property: 'settingsOverlay.keepStatic',
      value: true,
      reason: 'has no meaning with settingsOverlay.serveStatic false',
      remedy: 'Leave one of them out',
    });
  }
  if (mediaBucket || (media && !isSingleNode(media))) return;
  Problems.report(scope, {
    property: 'settingsOverlay.keepStatic',
    value: true,
    reason: 'needs a place that all replicas share',
    remedy: 'Give mediaBucket, or media with accessMode "ReadWriteMany"',
  });
}

function checkReadinessServices(scope: Construct, { readinessServices }: SettingsOverlay): void {
  const unknown = readinessServices?.find((service) => !READINESS_SERVICE.test(service));
  if (unknown === undefined) return;
  Problems.report(scope, {
    property: 'settingsOverlay.readinessServices',
    value: unknown,
    reason: 'is not a service that readiness asks',
    remedy: 'Use "database", "database:NAME" or "cache"',
  });
}
