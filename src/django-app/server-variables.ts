import { AsgiServer, DjangoAppProps, WsgiServer } from './django-app-props';

/** Why a variable of a web server is refused, and what to do instead. */
interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

/**
 * The options of command lines that these servers also take from variables. Pods start them without their command line,
 * so that these variables say nothing. `test/runtime/test_server_variables.py` compares the lists with the servers.
 *
 * @see https://www.uvicorn.org/settings/
 * @see https://github.com/emmett-framework/granian#options
 */
const OPTIONS: Record<string, string[]> = {
  uvicorn: words(
    'ACCESS_LOG APP APP_DIR BACKLOG DATE_HEADER ENV_FILE FACTORY FD FORWARDED_ALLOW_IPS',
    'H11_MAX_INCOMPLETE_EVENT_SIZE HEADERS HOST HTTP HTTP2 INTERFACE LIFESPAN LIMIT_CONCURRENCY',
    'LIMIT_MAX_REQUESTS LIMIT_MAX_REQUESTS_JITTER LOG_CONFIG LOG_LEVEL LOOP PORT PROXY_HEADERS',
    'RELOAD RELOAD_DELAY RELOAD_DIRS RELOAD_EXCLUDES RELOAD_INCLUDES RESET_CONTEXTVARS',
    'ROOT_PATH SERVER_HEADER SSL_CA_CERTS SSL_CERTFILE SSL_CERT_REQS SSL_CIPHERS SSL_KEYFILE',
    'SSL_KEYFILE_PASSWORD SSL_VERSION TIMEOUT_GRACEFUL_SHUTDOWN TIMEOUT_KEEP_ALIVE',
    'TIMEOUT_WORKER_HEALTHCHECK UDS USE_COLORS VERSION WORKERS WS WS_MAX_QUEUE WS_MAX_SIZE',
    'WS_PER_MESSAGE_DEFLATE WS_PING_INTERVAL WS_PING_TIMEOUT',
  ),
  granian: words(
    'APP BACKLOG BACKPRESSURE BLOCKING_THREADS BLOCKING_THREADS_IDLE_TIMEOUT ENV_FILES FACTORY',
    'HOST HTTP HTTP1_BUFFER_SIZE HTTP1_HEADER_READ_TIMEOUT HTTP1_KEEP_ALIVE',
    'HTTP1_PIPELINE_FLUSH HTTP2_ADAPTIVE_WINDOW HTTP2_INITIAL_CONNECTION_WINDOW_SIZE',
    'HTTP2_INITIAL_STREAM_WINDOW_SIZE HTTP2_KEEP_ALIVE_INTERVAL HTTP2_KEEP_ALIVE_TIMEOUT',
    'HTTP2_MAX_CONCURRENT_STREAMS HTTP2_MAX_FRAME_SIZE HTTP2_MAX_HEADERS_SIZE',
    'HTTP2_MAX_SEND_BUFFER_SIZE INTERFACE LOG_ACCESS_ENABLED LOG_ACCESS_FMT LOG_CONFIG',
    'LOG_ENABLED LOG_LEVEL LOOP METRICS_ADDRESS METRICS_ENABLED METRICS_PORT',
    'METRICS_SCRAPE_INTERVAL PID_FILE PORT PROCESS_NAME RELOAD RELOAD_IGNORE_DIRS',
    'RELOAD_IGNORE_PATHS RELOAD_IGNORE_PATTERNS RELOAD_IGNORE_WORKER_FAILURE RELOAD_PATHS',
    'RELOAD_TICK RESPAWN_FAILED_WORKERS RESPAWN_INTERVAL RSS_SAMPLES RSS_SAMPLE_INTERVAL',
    'RUNTIME_BLOCKING_THREADS RUNTIME_MODE RUNTIME_THREADS SSL_CA SSL_CERTIFICATE',
    'SSL_CLIENT_VERIFY SSL_CRL SSL_KEYFILE SSL_KEYFILE_PASSWORD SSL_PROTOCOL_MIN',
    'STATIC_PATH_DIR_TO_FILE STATIC_PATH_EXPIRES STATIC_PATH_MOUNT STATIC_PATH_ROUTE TASK_IMPL',
    'UDS UDS_PERMISSIONS URL_PATH_PREFIX VERSION WEBSOCKETS WORKERS WORKERS_KILL_TIMEOUT',
    'WORKERS_LIFETIME WORKERS_MAX_RSS WORKING_DIR',
  ),
};

function words(...rows: string[]): string[] {
  return rows.flatMap((row) => row.split(' '));
}

/** What to use instead of an option of these. */
const INSTEAD: Record<string, string> = {
  WORKERS: 'Use processes',
  PORT: 'Use port',
  LIMIT_MAX_REQUESTS: 'Use maxRequests',
  BLOCKING_THREADS: 'Use threads',
  TIMEOUT_GRACEFUL_SHUTDOWN: 'Use requestTimeout',
  WORKERS_KILL_TIMEOUT: 'Use requestTimeout',
  ROOT_PATH: 'Use pathPrefix',
  URL_PATH_PREFIX: 'Use pathPrefix',
};

/**
 * The options of gunicorn that a pod sets itself, or in which it cannot serve: it would end, reload, or answer no probe.
 *
 * @see https://gunicorn.org/reference/settings/
 */
const NOT_FOR_GUNICORN: Record<string, string> = {
  '--bind': 'Use port',
  '--workers': 'Use processes',
  '--worker-class': 'Use workerClass',
  '--threads': 'Use threads',
  '--timeout': 'Use requestTimeout',
  '--graceful-timeout': 'Use requestTimeout',
  ...Object.fromEntries(
    [
      ...['--keep-alive', '--daemon', '--reload', '--spew', '--check-config', '--print-config', '--pid'],
      ...[
        '--user',
        '--group',
        '--initgroups',
        '--worker-tmp-dir',
        '--logger-class',
        '--certfile',
        '--keyfile',
      ],
      ...['--proxy-protocol', '--protocol', '--paste', '--paster', '--control-socket'],
    ].map((option) => [option, 'Leave it out']),
  ),
};
const SHORT: Record<string, string> = {
  b: '--bind',
  w: '--workers',
  k: '--worker-class',
  t: '--timeout',
  D: '--daemon',
  p: '--pid',
  u: '--user',
  g: '--group',
};

/** Why a variable of the application's web server is refused; nothing where it is another server's. */
export function serverVariableRefusal(
  variable: string,
  value: unknown,
  props: DjangoAppProps,
): Refusal | undefined {
  const program = programOf(props);
  if (variable === 'WEB_CONCURRENCY' && program !== AsgiServer.DAPHNE) {
    return { reason: 'has no effect: pods are told how many processes to start', remedy: 'Use processes' };
  }
  if (variable === 'GUNICORN_CMD_ARGS' && program === WsgiServer.GUNICORN && typeof value === 'string') {
    return argumentsRefusal(value, props);
  }
  const prefix = `${program.toUpperCase()}_`;
  const option = variable.startsWith(prefix) ? variable.slice(prefix.length) : '';
  if (!OPTIONS[program]?.includes(option)) return undefined;
  return {
    reason: `is read by ${program}'s command line alone, which pods do not use: it has no effect`,
    remedy: INSTEAD[option] ?? 'Leave it out',
  };
}

function programOf({ asgiModule, asgiServer, wsgiServer }: DjangoAppProps): string {
  if (asgiModule === undefined) return wsgiServer ?? WsgiServer.GUNICORN;
  return asgiServer ?? AsgiServer.UVICORN;
}

function argumentsRefusal(text: string, props: DjangoAppProps): Refusal | undefined {
  const words = text.split(/[\s'"]+/);
  const option = words.map((word) => optionOf(word, props)).find(Boolean);
  if (option === undefined) return undefined;
  return {
    reason: `has ${option}, which is the pod's to say`,
    remedy: NOT_FOR_GUNICORN[option] ?? 'Use maxRequests',
  };
}

/** The option that a word of gunicorn's arguments is, if a pod cannot have it. argparse takes the begin of a name, too. */
function optionOf(word: string, { maxRequests }: DjangoAppProps): string | undefined {
  if (/^-[A-Za-z]/.test(word)) return SHORT[word[1]!];
  const [name = ''] = word.split('=');
  if (!name.startsWith('--')) return undefined;
  if (name.startsWith('--max-requests') && maxRequests !== undefined) return name;
  if (Object.hasOwn(NOT_FOR_GUNICORN, name)) return name;
  const meant = Object.keys(NOT_FOR_GUNICORN).filter((option) => option.startsWith(name));
  return name.length > 4 && meant.length === 1 ? meant[0] : undefined;
}
