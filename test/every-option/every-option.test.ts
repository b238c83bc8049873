import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { exportsOf, programOf } from '../support/typescript';
import { documentsOf } from './documents';
import { PLATFORMS } from './platforms';

const BUILDS = ['image of a Dockerfile', 'image by source-to-image', 'application of an image that is built'];
const BACKUPS = ['backup', 'backup, when and for how long'];
const MAINTENANCE = 'route in maintenance';
const ELSEWHERE = 'route that leads elsewhere';
const STICKY = 'route with sticky sessions';
const SECRET = 'route with a Secret';

/** What each platform refuses. All else it makes: test/cluster/distributions.test.ts shows it to an API server. */
const REFUSED: Record<string, string[]> = {
  gke: [...BUILDS, MAINTENANCE],
  'gke, Cloud SQL': [...BUILDS, ...BACKUPS, MAINTENANCE],
  'gke, Cloud SQL by an IAM user': [...BUILDS, ...BACKUPS, MAINTENANCE],
  'gke, a shared Gateway': [...BUILDS, ...BACKUPS, SECRET, MAINTENANCE],
  'gke, Ingress': [...BUILDS, ...BACKUPS, MAINTENANCE, ELSEWHERE],
  eks: [...BACKUPS, 'application of an image that is built', SECRET],
  'eks, RDS': [...BUILDS, ...BACKUPS, SECRET],
  'eks, Auto Mode': [...BUILDS, ...BACKUPS, SECRET],
  'eks, Gateway': [...BUILDS, ...BACKUPS, SECRET],
  aks: [...BUILDS, ...BACKUPS, STICKY],
  'aks, Azure Database': [...BUILDS, ...BACKUPS, STICKY],
  'aks, a shared Gateway': [...BUILDS, ...BACKUPS, SECRET, STICKY],
  'aks, Application Gateway': [...BUILDS, ...BACKUPS, MAINTENANCE],
  'aks, Application Gateway of somebody else': [...BUILDS, ...BACKUPS, MAINTENANCE],
  openshift: [...BACKUPS, ELSEWHERE],
  'openshift, CloudNativePG': ['server of the library', 'backup, when and for how long', ELSEWHERE],
  'openshift, Gateway': [...BACKUPS, STICKY],
  'openshift, a shared Gateway': [...BACKUPS, SECRET, STICKY],
  upstream: [...BUILDS, STICKY],
  'upstream, a shared Gateway, its own classes and monitoring': [...BUILDS, SECRET, STICKY],
  'upstream, Contour': [...BUILDS],
  'upstream, Ingress': [...BUILDS, ELSEWHERE],
};

test.each(Object.entries(PLATFORMS))(
  '%s refuses what it does not have, and makes all else',
  (title, platform) => {
    expect(Object.keys(documentsOf(platform).refused).sort()).toEqual([...REFUSED[title]].sort());
  },
);

/** What the library hands out to those who write a capability, or fills in itself: no option of a program. */
const NO_OPTIONS = [
  'AllowedTraffic',
  'AwsSecretsManagerProps',
  'AzureBlobStorageProps',
  'AzureKeyVaultProps',
  'BackupRequest',
  'BuildRequest',
  'BuiltImage',
  'DatabaseConnector',
  'DatabaseRequest',
  'EnvironmentVariable',
  'GeneratedSecretProps',
  'GoogleSecretManagerProps',
  'Maintenance',
  'ManagedDatabase',
  'MediaBackend',
  'PodUser',
  'Problem',
  'RedirectTarget',
  'RouteRequest',
  'ScrapeRequest',
  'SecretRequest',
  'Selector',
  'WorkloadIdentity',
];

test('every struct of the public API is used with all its properties, or is no option', () => {
  const structs = exportsOf(programOf(), 'src/index.ts').filter(
    ({ flags, name }) => flags & ts.SymbolFlags.Interface && !/^I[A-Z]/.test(name),
  );
  const used = new Set(structs.map(({ name }) => name).filter(isRequired));
  // A struct that another one extends is used with it.
  const bases = structs.filter(({ name }) => used.has(name)).flatMap(basesOf);
  const unused = structs.map(({ name }) => name).filter((name) => ![...used, ...bases].includes(name));
  expect(unused.sort()).toEqual(NO_OPTIONS);
});

const TEXT = ['parts', 'platforms', 'routes']
  .map((name) => readFileSync(join(__dirname, `${name}.ts`), 'utf8'))
  .join('\n');

/** Whether the programs have a value of a struct that the compiler wants all properties of. */
function isRequired(struct: string): boolean {
  return new RegExp(`\\b(Required|Omit|Facts)<${struct}\\b`).test(TEXT);
}

function basesOf({ declarations = [] }: ts.Symbol): string[] {
  return declarations.flatMap((declaration) =>
    ts.isInterfaceDeclaration(declaration)
      ? (declaration.heritageClauses ?? []).flatMap(({ types }) =>
          types.map(({ expression }) => expression.getText()),
        )
      : [],
  );
}
