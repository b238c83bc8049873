import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { App, Names, Yaml } from 'cdk8s';
import { withKnownTexts } from '../kubernetes/yaml-texts';
import { InvalidInputError } from '../kubernetes/errors';
import { HASHED_KINDS, SHORT_HASH_ENDING, shortHash } from '../kubernetes/hash';

/** Lists the files of all resources. Without an ending, so that `cdk8s synth --stdout` does not take it for a manifest. */
const INDEX = 'Kustomization';

/** A resource, as far as its file's name needs it. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly generateName?: string; readonly namespace?: string };
}

/** Most characters of a file's name without its ending: file systems take 255 bytes. */
const LONGEST = 240;

/** Names of a resource's file. The first one counts that no other resource of the chart would have too. */
const NAMES: ((manifest: Manifest) => string[])[] = [
  (manifest) => [
    manifest.kind,
    HASHED_KINDS.includes(manifest.kind)
      ? givenName(manifest).replace(SHORT_HASH_ENDING, '')
      : givenName(manifest),
  ],
  (manifest) => [manifest.kind, givenName(manifest)],
  (manifest) => [manifest.kind, manifest.metadata?.namespace ?? '', givenName(manifest)],
  (manifest) => [manifest.apiVersion, manifest.kind, manifest.metadata?.namespace ?? '', givenName(manifest)],
];

/** The text of each resource of an App by the path of its file: a folder for each chart. */
export function resourceFiles(app: App): Map<string, string> {
  return withKnownTexts(() => filesOf(app));
}

function filesOf(app: App): Map<string, string> {
  const files = new Map<string, string>();
  // Some file systems do not tell a capital from a small letter.
  const paths = new Set<string>();
  for (const chart of app.charts) {
    const folder = Names.toDnsLabel(chart);
    const manifests: Manifest[] = chart.toJson();
    const names = NAMES.map((name) => counted(manifests.map((manifest) => nameOf(name(manifest)))));
    manifests.forEach((manifest, index) => {
      const unique = names.find(({ all, numbers }) => numbers.get(all[index]) === 1);
      const path = `${folder}/${(unique ?? names[0]).all[index]}${app.outputFileExtension}`;
      if (paths.has(path.toLowerCase())) refuse(path);
      paths.add(path.toLowerCase());
      files.set(path, Yaml.stringify(manifest));
    });
  }
  return files;
}

/** The name, or the beginning of one that the cluster will complete. Manifests of tools may have neither. */
function givenName({ metadata }: Manifest): string {
  return metadata?.name ?? metadata?.generateName ?? '';
}

/** Names, and how often there is each. */
function counted(all: string[]): { all: string[]; numbers: Map<string, number> } {
  const numbers = new Map<string, number>();
  for (const name of all) numbers.set(name, (numbers.get(name) ?? 0) + 1);
  return { all, numbers };
}

function nameOf(parts: string[]): string {
  const name = parts.join('.').replace(/[^0-9a-zA-Z-_.]/g, '');
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 11)}-${shortHash(name)}` : name;
}

function refuse(path: string): never {
  throw new InvalidInputError('synthesize', {
    property: 'options.filePerResource',
    value: path,
    reason: 'would be the file of two resources',
    remedy: 'Give one of them another name',
  });
}

/** With the index of the files. */
export function withIndex(files: Map<string, string>): Map<string, string> {
  const index = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...files.keys()].sort(),
  };
  return new Map([...files, [INDEX, Yaml.stringify(index)]]);
}

/** As templates that Helm renders to these texts. Helm would take `{{` for the beginning of an action of its own. */
export function asHelmTemplates(files: Map<string, string>): Map<string, string> {
  return new Map([...files].map(([path, text]) => [path, text.replaceAll('{{', '{{"{{"}}')]));
}

/** The folder of the Helm chart whose templates an output directory has: `cdk8s synth --format helm` makes it. */
export function helmChartOf(outputDirectory: string): string | undefined {
  const folder = dirname(resolve(outputDirectory));
  const isTemplates = basename(outputDirectory) === 'templates';
  return isTemplates && existsSync(join(folder, 'Chart.yaml')) ? folder : undefined;
}

/** Writes texts below a folder. */
export function writeFiles(folder: string, files: Map<string, string>): void {
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
