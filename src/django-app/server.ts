import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { checkServedModule } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { ContainerResources } from '../kubernetes/resources';
import { AsgiServer, DjangoAppProps, WsgiServer } from './django-app-props';
import { processesWithin } from './processes';
import { runtimeCommand } from '../runtime/runtime';
import { Shutdown } from './shutdown';

const DEFAULT_THREADS = 4;

const ASGI_SERVERS: string[] = Object.values(AsgiServer);
const WSGI_SERVERS: string[] = Object.values(WsgiServer);

/** gunicorn's own worker that serves ASGI. */
const ASGI_WORKER_CLASS = 'asgi';
const DEFAULT_WORKER_CLASS = 'gthread';

/** The classes of gunicorn's workers that have no threads: given any, sync would silently become gthread. */
const WITHOUT_THREADS = ['sync', 'gevent', 'eventlet', 'tornado'];

/** The server of an application: what it serves, with how many processes. */
export interface Server {
  /** `gunicorn`, `granian`, `uvicorn` or `daphne`. */
  readonly program: string;
  /** The application as servers name it: `mysite.wsgi:application`. */
  readonly application: string;
  readonly processes: number;
  /** Threads of a process, if the server has them. */
  readonly threads?: number;
  /** gunicorn's. */
  readonly workerClass?: string;
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
  const isAsgi = props.asgiModule !== undefined;
  const program = isAsgi
    ? (props.asgiServer ?? AsgiServer.UVICORN)
    : (props.wsgiServer ?? WsgiServer.GUNICORN);
  checkServer(scope, props, program);
  const { maxRequests } = props;
  const workers = program === AsgiServer.DAPHNE ? 1 : (props.processes ?? processesFor(scope, resources));
  if (props.workerClass !== undefined) checkWorkerClass(scope, props.workerClass);
  if (maxRequests !== undefined) checkInteger(scope, 'maxRequests', maxRequests, { atLeast: 10 });
  return {
    program,
    application: applicationOf(scope, props),
    processes: checkInteger(scope, 'processes', workers, { atLeast: 1, atMost: 64 }),
    ...threadsOf(scope, props, program),
    maxRequests,
    port,
  };
}

/** The class of gunicorn's workers, and the threads of a process where there are any. */
function threadsOf(scope: Construct, props: DjangoAppProps, program: string): Partial<Server> {
  const workerClass = program === 'gunicorn' ? workerClassOf(props) : undefined;
  const isThreaded =
    props.asgiModule === undefined && (workerClass === undefined || workerClass === DEFAULT_WORKER_CLASS);
  const threads = props.threads ?? (isThreaded ? DEFAULT_THREADS : undefined);
  if (threads === undefined) return { workerClass };
  if (workerClass !== undefined && WITHOUT_THREADS.includes(workerClass)) {
    Problems.report(scope, {
      property: 'threads',
      value: threads,
      reason: `has no meaning for workers of class ${workerClass}`,
      remedy: 'Leave it out, or leave workerClass out',
    });
  }
  return { workerClass, threads: checkInteger(scope, 'threads', threads, { atLeast: 1, atMost: 64 }) };
}

function workerClassOf({ asgiModule, workerClass }: DjangoAppProps): string {
  return asgiModule === undefined ? (workerClass ?? DEFAULT_WORKER_CLASS) : ASGI_WORKER_CLASS;
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
  const isAsgi = props.asgiModule !== undefined;
  const servers = isAsgi ? ASGI_SERVERS : WSGI_SERVERS;
  if (!servers.includes(program)) {
    Problems.report(scope, {
      property: isAsgi ? 'asgiServer' : 'wsgiServer',
      value: program,
      reason: `is not ${isAsgi ? 'an ASGI' : 'a WSGI'} server that the library can start`,
      remedy: `Use one of ${servers.join(', ')}`,
    });
  }
  for (const property of [...(isAsgi ? NOT_FOR_ASGI : NOT_FOR_WSGI), ...(NOT_FOR[program] ?? [])]) {
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

const NOT_FOR_WSGI: (keyof DjangoAppProps)[] = ['asgiServer'];
const NOT_FOR_ASGI: (keyof DjangoAppProps)[] = ['wsgiServer', 'threads', 'workerClass'];

/** The options that a server does not have. daphne is one process. */
const NOT_FOR: Record<string, (keyof DjangoAppProps)[]> = {
  daphne: ['maxRequests', 'processes'],
  granian: ['maxRequests', 'workerClass'],
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
 * The command that starts the server: a program of the runtime, which finds out at the pod's start on which addresses
 * it can listen, and starts the server in the same process. The image's working directory is on the module path.
 *
 * daphne cannot be told how long to keep unused connections: Twisted, below it, closes them after a minute.
 */
export function serverCommand(server: Server, shutdown: Shutdown, routerIdleTimeout: Duration): string[] {
  const options: [string, string | number | undefined][] = [
    ['--port', server.port],
    ['--processes', server.processes],
    ['--graceful-timeout', shutdown.gracefulTimeout.toSeconds()],
    ['--keep-alive', routerIdleTimeout.toSeconds() + KEEP_ALIVE_MARGIN_SECONDS],
    ['--worker-class', server.workerClass],
    ['--threads', server.threads],
    ['--max-requests', server.maxRequests],
  ];
  const given = options.filter(([, value]) => value !== undefined);
  return runtimeCommand(
    'serve',
    server.program,
    ...given.flatMap(([name, value]) => [name, String(value)]),
    server.application,
  );
}

/**
 * Whether a server that is told to stop finishes what it has. daphne cancels what runs asynchronously.
 *
 * @see https://github.com/django/daphne/blob/main/daphne/server.py
 */
export function finishesRequests({ program }: Server): boolean {
  return program !== 'daphne';
}
