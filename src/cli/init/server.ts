import { posix } from 'node:path';
import { Found, placeOf } from './found';
import { CommandKind, kindOf } from './processes';
import { packageOf, Reading } from './reading';

/** How an application is served. */
export interface Server {
  readonly kind: 'WSGI' | 'ASGI';
  /** The module, with the variable after a colon if that is not `application`: `mysite.wsgi`. */
  readonly module: string;
  /** The server: gunicorn, uvicorn, daphne or granian. */
  readonly program: string;
  readonly source: string;
}

/** Finds the interface and the module by which the application is served, and the server. */
export function findServer(reading: Reading): Server {
  const command = reading.others.processes.find(({ command: words }) =>
    [CommandKind.WSGI, CommandKind.ASGI].includes(kindOf(words)),
  );
  if (command) {
    const kind = kindOf(command.command) as unknown as 'WSGI' | 'ASGI';
    const { value } = moduleOf(reading, kind);
    const named = /\b([\w.]*[aw]sgi):?(\w*)/.exec(
      command.command.replace(/^.*?(gunicorn|uvicorn|daphne|granian)/, ''),
    );
    const isNamed =
      named && reading.files.exists(`${posix.join(reading.layout.code, ...named[1].split('.'))}.py`);
    const module = isNamed
      ? named[1] + (named[2] && named[2] !== 'application' ? `:${named[2]}` : '')
      : value;
    return { kind, module, program: programOf(reading, kind), source: command.source };
  }
  const asgi = asgiReason(reading);
  const kind = asgi ? 'ASGI' : 'WSGI';
  const { value, source } = moduleOf(reading, kind);
  return { kind, module: value, program: programOf(reading, kind), source: asgi ?? source };
}

/** The place that says that the application needs ASGI, if one does. */
function asgiReason({ files, layout, has }: Reading): string | undefined {
  const app = has('daphne', 'channels');
  if (!app) return undefined;
  const asgi = files.find(/^asgi\.py$/, layout.code, 2)[0];
  if (app.value === 'daphne' || !asgi) return app.source;
  return /ProtocolTypeRouter/.test(files.read(asgi)!) ? placeOf(asgi) : app.source;
}

function moduleOf({ settings, files, layout }: Reading, kind: 'WSGI' | 'ASGI'): Found<string> {
  const named = settings.text(`${kind}_APPLICATION`);
  if (named) {
    const [, module, variable] = /^(.*)\.(\w+)$/.exec(named.value) ?? ['', named.value, 'application'];
    return { value: module + (variable === 'application' ? '' : `:${variable}`), source: named.source };
  }
  const [path] = files.find(new RegExp(`^${kind.toLowerCase()}\\.py$`), layout.code, 2);
  const [top] = settings.module.value.split('.');
  if (!path) return { value: `${top}.${kind.toLowerCase()}`, source: settings.module.source };
  const module = posix.relative(layout.code, path).slice(0, -'.py'.length).replace(/\//g, '.');
  return { value: module, source: path };
}

/** The server that the project has among its packages, else the library's default. */
function programOf(reading: Reading, kind: 'WSGI' | 'ASGI'): string {
  const known = kind === 'WSGI' ? ['gunicorn', 'granian'] : ['uvicorn', 'daphne', 'granian'];
  return known.find((name) => packageOf(reading, name)) ?? known[0];
}
