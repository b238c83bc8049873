import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as k8s from '../kubernetes/api';

/** The Python package that pods mount: `src/runtime/cdk8s_django`. */
const PACKAGE = 'cdk8s_django';
const DIRECTORY = join(__dirname, PACKAGE);

/** Where it is mounted: the folder is put on PYTHONPATH. */
export const RUNTIME_PATH = '/opt/cdk8s-django';

/** All modules of the runtime, by file name. */
export function runtimeFiles(): Record<string, string> {
  const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.py'));
  return runtimeModules(names.sort());
}

/** Some modules of the runtime, by file name. */
export function runtimeModules(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(DIRECTORY, name), 'utf8')]));
}

/** The volume of a ConfigMap with runtime modules. */
export function runtimeVolume(configMapName: string): k8s.Volume {
  return { name: 'runtime', configMap: { name: configMapName } };
}

export const RUNTIME_MOUNT: k8s.VolumeMount = {
  name: 'runtime',
  mountPath: `${RUNTIME_PATH}/${PACKAGE}`,
  readOnly: true,
};

/** What Python needs to run under a read-only root file system. */
export const PYTHON_ENVIRONMENT = {
  // The image's user may have no home, or one that cannot be written to.
  HOME: '/tmp',
  // The image's passwd may lack the user: getpass.getuser() looks there without these.
  LOGNAME: 'django',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUNBUFFERED: '1',
  USER: 'django',
};

/**
 * Where Python finds the runtime, and the code of an image that is in folders which no package manager knows.
 *
 * It is a variable of each container and never in a ConfigMap. OpenTelemetry's operator, and agents of vendors, inject
 * code into pods: they put their folder before a PYTHONPATH of the container, and replace one that they do not see.
 *
 * @see https://github.com/open-telemetry/opentelemetry-operator/issues/1884
 */
export function pythonPath(folders: string[] = []): { name: string; value: string } {
  return { name: 'PYTHONPATH', value: [RUNTIME_PATH, ...folders].join(':') };
}

/** The command line of a runtime module. */
export function runtimeCommand(module: string, ...args: string[]): string[] {
  return ['python', '-m', `${PACKAGE}.${module}`, ...args];
}
