import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { BEAT } from '../django-app/pod-kinds';
import { Problem } from '../kubernetes/errors';
import { addProblems, Problems } from '../kubernetes/problems';
import { checkInteger } from '../kubernetes/numbers';
import { checkSameNamespace } from '../kubernetes/namespaces';

/** Another release of an application, which gets a share of the requests. */
export interface Canary {
  /** The other release: an application of another name, which shares the state of the first. */
  readonly app: IDjangoApp;

  /** Its share of the requests, in percent: a whole number from 0, which prepares the route, to 100. */
  readonly weight: number;
}

/** Throws when visitors of one release would not find in the other what they have left there. */
export function checkCanary(scope: Construct, app: IDjangoApp, canary: Canary): void {
  if (!canary.app || canary.app === app) {
    Problems.report(scope, {
      property: 'canary.app',
      value: canary.app?.name,
      reason: canary.app ? 'is the application itself' : 'is needed',
      remedy: 'Give a second DjangoApp: of another name, with the image of the other release',
    });
  }
  checkSameNamespace(scope, 'canary.app', canary.app);
  checkInteger(scope, 'canary.weight', canary.weight, { atLeast: 0, atMost: 100 });
  const different = differentPrefix(app, canary.app) ?? differenceOf(app, canary.app);
  if (different) {
    Problems.report(scope, { property: 'canary.app', value: canary.app.name, ...different });
  }
  addProblems(scope, () => [
    ...checkSameHealthPath(app, canary.app),
    ...checkBeat(app, canary.app),
    ...checkSameVisibility(app, canary.app),
  ]);
}

/** The state that two releases do not share. */
interface Difference {
  readonly reason: string;
  readonly remedy: string;
}

function differenceOf(app: IDjangoApp, other: IDjangoApp): Difference | undefined {
  if (!isSame(app.secretKey, other.secretKey)) {
    return {
      reason: `has another SECRET_KEY than "${app.name}", and would not know its sessions`,
      remedy: `Give it that of the DjangoApp "${app.name}", which has it as a field: secretKey: app.secretKey`,
    };
  }
  if (app.database !== other.database) {
    return { reason: `has another database than "${app.name}"`, remedy: 'Give both the same database' };
  }
  if (app.cache?.url !== other.cache?.url) {
    return {
      reason: `has another cache than "${app.name}", where sessions may be`,
      remedy: 'Give both the same cache',
    };
  }
  if (app.mediaClaim || other.mediaClaim) {
    return {
      reason: `does not share uploaded files with "${app.name}": each has a volume of its own for media`,
      remedy: 'Give both the same mediaBucket instead of media',
    };
  }
  if (!isSame(app.mediaBucket, other.mediaBucket)) {
    return {
      reason: `keeps uploaded files in another place than "${app.name}"`,
      remedy: 'Give both the same mediaBucket',
    };
  }
  return (
    differentQueue('broker', app, app.brokerUrl, other.brokerUrl) ??
    differentQueue('channel layer', app, app.channelLayer?.url, other.channelLayer?.url)
  );
}

/** A route sends both the same paths. */
function differentPrefix(app: IDjangoApp, other: IDjangoApp): Difference | undefined {
  const [prefix, others] = [app, other].map(({ pathPrefix = '/' }) => pathPrefix);
  if (prefix === others) return undefined;
  return {
    reason: `is at the path ${others}, and "${app.name}" at ${prefix}: a route sends both the same paths`,
    remedy: 'Give both the same pathPrefix',
  };
}

/** A release may be the first to have one, or the last. */
function differentQueue(what: string, app: IDjangoApp, one?: string, other?: string): Difference | undefined {
  if (!one || !other || one === other) return undefined;
  return {
    reason: `has another ${what} than "${app.name}": what one release sends would not reach the other`,
    remedy: `Give both the same ${what}`,
  };
}

/** Some routers have one health check for both. It is known at synth alone: HealthMonitoring can change it. */
function checkSameHealthPath(app: IDjangoApp, other: IDjangoApp): Problem[] {
  if (app.healthPath === other.healthPath) return [];
  return [
    {
      property: 'canary.app',
      value: other.name,
      reason: `is healthy at ${other.healthPath}, and "${app.name}" at ${app.healthPath}: a route has one path for both`,
      remedy: 'Give both the same readiness path, with a HealthMonitoring for each',
    },
  ];
}

/** Tasks would be sent twice. */
function checkBeat(app: IDjangoApp, other: IDjangoApp): Problem[] {
  const hasBeat = ({ workerSelectors }: IDjangoApp) =>
    workerSelectors.some(({ component }) => component === BEAT);
  if (!hasBeat(app) || !hasBeat(other)) return [];
  return [
    {
      property: 'canary.app',
      value: other.name,
      reason: `has a beat, and "${app.name}" has one: each scheduled task would be sent twice`,
      remedy: 'Add the beat to one of them',
    },
  ];
}

/** The workers of each bring back the tasks of both. */
function checkSameVisibility(app: IDjangoApp, other: IDjangoApp): Problem[] {
  if (!hasWorkers(app) || !hasWorkers(other)) return [];
  const [seconds, others] = [app, other].map(({ visibilityTimeout }) => visibilityTimeout!.toSeconds());
  if (seconds === others) return [];
  return [
    {
      property: 'canary.app',
      value: other.name,
      reason:
        `brings tasks back after ${others} s, and "${app.name}" after ${seconds} s: ` +
        'the workers of one would run again what those of the other still run',
      remedy: `Give both celery.visibilityTimeout Duration.seconds(${Math.max(seconds, others)})`,
    },
  ];
}

function hasWorkers({ workerSelectors }: IDjangoApp): boolean {
  return workerSelectors.some(({ component }) => component !== BEAT);
}

/** Whether two structs of the same interface say the same. */
function isSame(one: object | undefined, other: object | undefined): boolean {
  const text = (value: object = {}) => JSON.stringify(Object.entries(value).sort());
  return text(one) === text(other);
}
