import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { checkServedModule } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { ContainerResources } from '../kubernetes/resources';
import { AsgiServer, DjangoAppProps } from './django-app-props';
import { processesWithin } from './processes';
import { Shutdown } from './shutdown';

const DEFAULT_THREADS = 4;

const ASGI_SERVERS: string[] = Object.values(AsgiServer);

/** The server of an application: what it serves, with how many processes. */
export interface Server {
  /** `gunicorn`, `uvicorn` or `daphne`. */
  readonly program: string;
  /** The application as servers name it: `mysite.wsgi:application`. */
  readonly application: string;
  readonly processes: number;
  readonly threads: number;
  readonly workerClass: string;
  readonly maxRequests?: number;
  readonly port: number;
}

/** The server that the props ask for. */
export function serverOf(
  scope: Construct,
  props: DjangoAppProps,
  resources: ContainerResources,
  port: number,
): Server {
  const program = props.asgiModule === undefined ? 'gunicorn' : (props.asgiServer ?? AsgiServer.UVICORN);
  checkServer(scope, props, program);
  const { threads = DEFAULT_THREADS, maxRequests } = props;
  const workers = program === AsgiServer.DAPHNE ? 1 : (props.processes ?? processesFor(scope, resources));
  if (props.workerClass !== undefined) checkWorkerClass(scope, props.workerClass);
  if (maxRequests !== undefined) checkInteger(scope, 'maxRequests', maxRequests, { atLeast: 10 });
  return {
    program,
    application: applicationOf(scope, props),
    processes: checkInteger(scope, 'processes', workers, { atLeast: 1, atMost: 64 }),
    threads: checkInteger(scope, 'threads', threads, { atLeast: 1, atMost: 64 }),
    workerClass: props.workerClass ?? 'gthread',
    maxRequests,
    port,
  };
}

/** What the server loads. With a bad settings module, the module that follows from it would be bad too. */
function applicationOf(scope: Construct, { asgiModule, wsgiModule, settingsModule }: DjangoAppProps): string {
  const given = asgiModule ?? wsgiModule;
  if (given === undefined) return `${settingsModule.split('.')[0]}.wsgi:application`;
  checkServedModule(scope, asgiModule ? 'asgiModule' : 'wsgiModule', given);
  return given.includes(':') ? given : `${given}:application`;
}

/** Checks that no option is given that the server would not see. */
function checkServer(scope: Construct, props: DjangoAppProps, program: string): void {
  if (props.wsgiModule && props.asgiModule) {
    Problems.report(scope, {
      property: 'asgiModule',
      value: props.asgiModule,
      reason: `is given together with wsgiModule "${props.wsgiModule}"`,
      remedy: 'Give one of them',
    });
  }
  if (program !== 'gunicorn' && !ASGI_SERVERS.includes(program)) {
    Problems.report(scope, {
      property: 'asgiServer',
      value: program,
      reason: 'is not an ASGI server that the library can start',
      remedy: `Use one of ${ASGI_SERVERS.join(', ')}`,
    });
  }
  for (const property of NOT_FOR[program]) {
    if (props[property] === undefined) continue;
    Problems.report(scope, {
      property,
      value: props[property],
      reason: `has no meaning for ${program}`,
      remedy: 'Leave it out',
    });
  }
}

/** https://gunicorn.org/reference/settings/#worker_class: a name of gunicorn's own, a class or an entry point. */
function checkWorkerClass(scope: Construct, value: string): void {
  if (/^[A-Za-z_][\w.:#-]*$/.test(value)) return;
  Problems.report(scope, {
    property: 'workerClass',
    value,
    reason: 'is not a worker class of gunicorn',
    remedy: 'Give a name such as "gthread", or a class such as "mysite.workers.Worker"',
  });
}

/** The options that a server does not have. daphne is one process. */
const NOT_FOR: Record<string, (keyof DjangoAppProps)[]> = {
  gunicorn: ['asgiServer'],
  uvicorn: ['threads', 'workerClass', 'maxRequests'],
  daphne: ['threads', 'workerClass', 'maxRequests', 'processes'],
};

/**
 * Worker processes. Twice the processors and one is gunicorn's own advice.
 *
 * @see https://docs.gunicorn.org/en/stable/design.html#how-many-workers
 */
export function processesFor(scope: Construct, resources: ContainerResources): number {
  return processesWithin(scope, resources, { beyondProcessors: 1, inMemory: 0 });
}

/** The server outlasts the router by this, so that it is never the first to close a connection. */
const KEEP_ALIVE_MARGIN_SECONDS = 5;

/**
 * The command that starts the server. Run as a module, it has the image's working directory on its path.
 *
 * daphne cannot be told how long to keep unused connections: Twisted, below it, closes them after a minute.
 */
export function serverCommand(server: Server, shutdown: Shutdown, routerIdleTimeout: Duration): string[] {
  const { program, application, port } = server;
  const graceful = String(shutdown.gracefulTimeout.toSeconds());
  const keepAlive = String(routerIdleTimeout.toSeconds() + KEEP_ALIVE_MARGIN_SECONDS);
  if (program === 'daphne') {
    return ['python', '-m', 'daphne', '--bind', '0.0.0.0', '--port', String(port), application];
  }
  if (program === 'uvicorn') {
    return [
      ...['python', '-m', 'uvicorn', application],
      ...['--host', '0.0.0.0', '--port', String(port)],
      ...['--workers', String(server.processes)],
      ...['--timeout-graceful-shutdown', graceful, '--timeout-keep-alive', keepAlive],
    ];
  }
  return [
    ...['python', '-m', 'gunicorn', '--config', 'python:cdk8s_django.gunicorn_conf'],
    ...['--bind', `0.0.0.0:${port}`],
    ...['--worker-class', server.workerClass],
    ...['--workers', String(server.processes), '--threads', String(server.threads)],
    ...['--timeout', graceful, '--graceful-timeout', graceful, '--keep-alive', keepAlive],
    ...replacement(server),
    application,
  ];
}

/**
 * Whether a server that is told to stop finishes what it has. daphne cancels what runs asynchronously.
 *
 * @see https://github.com/django/daphne/blob/main/daphne/server.py
 */
export function finishesRequests({ program }: Server): boolean {
  return program !== 'daphne';
}

/** Spread by a tenth, so that not all workers are replaced at once. */
function replacement({ maxRequests }: Server): string[] {
  if (maxRequests === undefined) return [];
  return [
    '--max-requests',
    String(maxRequests),
    '--max-requests-jitter',
    String(Math.round(maxRequests / 10)),
  ];
}
