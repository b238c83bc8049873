import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { quantity } from '../kubernetes/quantities';

const MEBIBYTE = 2 ** 20;
/**
 * Memory that is set aside for a connection when the number of connections is chosen: a process of PostgreSQL that has
 * answered Django's queries.
 */
const MEBIBYTES_OF_A_CONNECTION = 3;

/** PostgreSQL's own, from 15 to 18. */
const OWN_DEFAULTS: Record<string, string> = { maintenance_work_mem: '64MB', work_mem: '4MB' };

/** Mebibytes of a limit that was checked. */
function mebibytes(memoryLimit: string): number {
  return Math.floor(quantity(memoryLimit)! / MEBIBYTE);
}

/** A quarter, as PostgreSQL's documentation recommends: the rest is for connections and the cache of files. */
function sharedBuffers(limit: number): number {
  return Math.max(1, Math.floor(limit / 4));
}

/** How many connections the memory has room for, in fifties. */
export function connectionsWithin(memoryLimit: string): number {
  const limit = mebibytes(memoryLimit);
  return Math.floor((limit - sharedBuffers(limit)) / MEBIBYTES_OF_A_CONNECTION / 50) * 50;
}

/**
 * Parameters that follow from the limits of a server. What PostgreSQL has by itself is left out.
 *
 * @param mostSharedBuffers - the operator refuses `shared_buffers` beyond the memory request
 * @see https://www.postgresql.org/docs/18/runtime-config-resource.html
 */
export function memoryParameters(
  memoryLimit: string,
  maxConnections: number,
  mostSharedBuffers = memoryLimit,
): Record<string, string> {
  const limit = mebibytes(memoryLimit);
  const shared = Math.min(sharedBuffers(limit), mebibytes(mostSharedBuffers));
  const parameters = {
    effective_cache_size: Math.max(1, Math.floor((limit * 3) / 4)),
    // Each worker of autovacuum may take as much.
    maintenance_work_mem: Math.min(1024, Math.max(4, Math.floor(limit / 16))),
    shared_buffers: shared,
    // Each sort may take it, and each hash twice as much: half of what is left when all connections do so at once.
    work_mem: Math.max(4, Math.floor((limit - shared) / maxConnections / 2)),
  };
  return Object.fromEntries(
    Object.entries(parameters)
      .map(([name, size]) => [name, `${size}MB`])
      .filter(([name, value]) => OWN_DEFAULTS[name] !== value),
  );
}

/**
 * How soon the server notices that a client is gone with its node, and gives the locks of its session back. By the
 * system's own values that takes more than two hours.
 *
 * @see https://www.postgresql.org/docs/18/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS
 */
export const LOST_CLIENT_PARAMETERS: Record<string, string> = {
  tcp_keepalives_count: '3',
  tcp_keepalives_idle: '30s',
  tcp_keepalives_interval: '10s',
  tcp_user_timeout: '30s',
};

/** Extensions whose library the server has to load when it starts. */
const PRELOADED = 'pg_stat_statements';
const PRELOAD = 'shared_preload_libraries';

/** The parameter that loads what extensions need from the start. */
export function preloadParameters(extensions: string[]): Record<string, string> {
  return extensions.includes(PRELOADED) ? { [PRELOAD]: PRELOADED } : {};
}

/** What the library itself sets, and the option that changes it. */
const KEPT: Record<string, string> = {
  config_file: 'Leave it out: the files of the server are in its volume',
  data_directory: 'Leave it out: the files of the server are in its volume',
  hba_file: 'Leave it out: the files of the server are in its volume',
  ident_file: 'Leave it out: the files of the server are in its volume',
  listen_addresses: 'Leave it out: probes and applications need all addresses',
  max_connections: 'Use maxConnections, which is compared with what applications may open',
  port: `Leave it out: applications and network policies use 5432`,
  reserved_connections: 'Leave it out: maxConnections is compared with what applications may open',
  superuser_reserved_connections: 'Leave it out: synth counts with the 3 that PostgreSQL keeps by itself',
  unix_socket_directories: 'Leave it out: the scripts of the server use /var/run/postgresql',
};
const NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/;
// eslint-disable-next-line no-control-regex -- an argument of a program has none
const CONTROL = /[\x00-\x1f\x7f]|\p{Surrogate}/u;

/** Checks parameters that a program gives: their names and forms, not whether PostgreSQL takes the values. */
export function checkParameters(
  scope: Construct,
  parameters: { [name: string]: string } = {},
  extensions: string[],
): { [name: string]: string } {
  for (const [name, value] of Object.entries(parameters)) {
    const property = `parameters.${name}`;
    if (!NAME.test(name)) {
      Problems.report(scope, {
        property: 'parameters',
        value: name,
        reason: 'is not the name of a parameter of PostgreSQL',
        remedy: 'Use lower-case letters, digits and "_", such as "work_mem" or "pg_stat_statements.track"',
      });
    }
    if (Object.hasOwn(KEPT, name)) {
      Problems.report(scope, {
        property,
        value,
        reason: 'is set by the library',
        remedy: KEPT[name],
      });
    }
    if (typeof value !== 'string' || CONTROL.test(value)) {
      Problems.report(scope, {
        property,
        value,
        reason: 'is not a value of a parameter',
        remedy: 'Give a string of one line, such as "16MB" or "on"',
      });
    }
  }
  checkPreloaded(scope, parameters[PRELOAD], extensions);
  return parameters;
}

/** Refuses parameters of a program that follow from one of its options. */
export function refuseParametersOf(
  scope: Construct,
  option: string,
  parameters: Record<string, string> | undefined,
  own: { [name: string]: string },
): void {
  for (const name of Object.keys(parameters ?? {}).filter((one) => Object.hasOwn(own, one))) {
    if (name === 'archive_timeout') continue;
    Problems.report(scope, {
      property: `parameters.${name}`,
      value: own[name],
      reason: `follows from ${option}`,
      remedy: 'Leave one of the two out',
    });
  }
}

function checkPreloaded(scope: Construct, libraries: string | undefined, extensions: string[]): void {
  if (libraries === undefined || !extensions.includes(PRELOADED)) return;
  if (libraries.split(',').some((library) => library.trim() === PRELOADED)) return;
  Problems.report(scope, {
    property: `parameters.${PRELOAD}`,
    value: libraries,
    reason: `does not load ${PRELOADED}, which is one of extensions`,
    remedy: `Add ${PRELOADED} to it, after a comma`,
  });
}
