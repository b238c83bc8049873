import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { checkModule } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { bytes, millicores } from '../kubernetes/quantities';
import { ContainerResources } from '../kubernetes/resources';
import { DjangoAppProps } from './django-app-props';
import { Shutdown } from './shutdown';

/** Memory that a worker process of an ordinary Django application stays within. */
const WORKER_MEMORY = 160 * 2 ** 20;
const DEFAULT_THREADS = 4;

/** The server of an application: what it serves, with how many processes. */
export interface Server {
  readonly asgi: boolean;
  /** The application as servers name it: `mysite.wsgi:application`. */
  readonly application: string;
  readonly workers: number;
  readonly threads: number;
  readonly port: number;
}

/** The server that the props ask for. */
export function serverOf(
  scope: Construct,
  props: DjangoAppProps,
  resources: ContainerResources,
  port: number,
): Server {
  if (props.wsgiModule && props.asgiModule) {
    throw new InvalidInputError(scope, {
      property: 'asgiModule',
      value: props.asgiModule,
      reason: `is given together with wsgiModule "${props.wsgiModule}"`,
      remedy: 'Give one of them',
    });
  }
  const asgi = props.asgiModule !== undefined;
  if (asgi && props.threads !== undefined) {
    throw new InvalidInputError(scope, {
      property: 'threads',
      value: props.threads,
      reason: 'has no meaning under ASGI',
      remedy: 'Leave it out',
    });
  }
  const module = props.asgiModule ?? props.wsgiModule ?? `${props.settingsModule.split('.')[0]}.wsgi`;
  checkModule(scope, asgi ? 'asgiModule' : 'wsgiModule', module);
  return {
    asgi,
    application: `${module}:application`,
    workers: checkInteger(scope, 'workers', props.workers ?? workersFor(scope, resources), {
      atLeast: 1,
      atMost: 64,
    }),
    threads: checkInteger(scope, 'threads', props.threads ?? DEFAULT_THREADS, { atLeast: 1, atMost: 64 }),
    port,
  };
}

/**
 * Worker processes by the container's own limits, not by the node's processors, which it sees but may not use.
 *
 * Twice the processors and one is gunicorn's own advice; the memory limit caps it.
 *
 * @see https://docs.gunicorn.org/en/stable/design.html#how-many-workers
 */
export function workersFor(
  scope: Construct,
  { cpuLimit, cpuRequest, memoryLimit }: ContainerResources,
): number {
  const cores = millicores(scope, 'resources.cpuLimit', cpuLimit ?? cpuRequest ?? '1') / 1000;
  const byCpu = Math.ceil(2 * cores + 1);
  const byMemory = memoryLimit
    ? Math.floor(bytes(scope, 'resources.memoryLimit', memoryLimit) / WORKER_MEMORY)
    : byCpu;
  return Math.max(1, Math.min(byCpu, byMemory, 64));
}

/** The command that starts the server. Run as a module, it has the image's working directory on its path. */
export function serverCommand(server: Server, shutdown: Shutdown): string[] {
  const graceful = String(shutdown.gracefulTimeout.toSeconds());
  if (server.asgi) {
    return [
      ...['python', '-m', 'uvicorn', server.application],
      ...['--host', '0.0.0.0', '--port', String(server.port)],
      ...['--workers', String(server.workers)],
      ...['--timeout-graceful-shutdown', graceful],
    ];
  }
  return [
    ...['python', '-m', 'gunicorn', '--config', 'python:cdk8s_django.gunicorn_conf'],
    ...['--bind', `0.0.0.0:${server.port}`],
    ...['--workers', String(server.workers), '--threads', String(server.threads)],
    ...['--timeout', graceful, '--graceful-timeout', graceful],
    server.application,
  ];
}
