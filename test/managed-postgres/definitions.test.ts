import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';
import { Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import {
  AckPostgres,
  AzureServiceOperatorPostgres,
  ConfigConnectorPostgres,
  ManagedPostgres,
  Weekday,
} from 'cdk8s-django/postgres';
import fc from 'fast-check';
import { parse } from 'yaml';
import { ACK_SERVER, AZURE_SERVER, CONNECTOR_SERVER } from '../support/managed-servers';
import { synth } from '../support/synth';

/* What synth takes, the definitions of the operators take: a server of the API refuses nothing of a claim. */

const DEFINITIONS = join(__dirname, '../../imports/definitions');
const SUBNETS = ['subnet-0a1b2c3d4e5f60718', 'subnet-18f6e5d4c3b2a1900'];

/** A schema that takes no further fields: an API server drops those that it does not know. */
function closed(schema: any): any {
  if (schema.type === 'array') return { ...schema, items: closed(schema.items) };
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([name, field]) => [name, closed(field)]);
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: false };
}

const validators: Record<string, ValidateFunction> = {};
function validatorOf(apiVersion: string, kind: string): ValidateFunction {
  const [group, version] = apiVersion.split('/');
  const file = join(DEFINITIONS, group, `${kind.toLowerCase()}s.yaml`);
  const { versions } = parse(readFileSync(file, 'utf8')).spec;
  const { schema } = versions.find(({ name }: any) => name === version);
  return new Ajv({ strict: false, validateFormats: false }).compile(
    closed(schema.openAPIV3Schema.properties.spec),
  );
}

function refused(manifest: any): unknown {
  const { apiVersion, kind, spec } = manifest;
  const validate = (validators[kind] ??= validatorOf(apiVersion, kind));
  return validate(JSON.parse(JSON.stringify(spec))) ? [] : [kind, validate.errors];
}

const PLATFORMS: Record<string, (name: string) => IDistribution> = {
  eks: (name) => Distribution.eks({ managedPostgres: new AckPostgres({ servers: { [name]: ACK_SERVER } }) }),
  'eks with subnets': (name) => {
    const server = { ...ACK_SERVER, subnetGroupName: undefined, subnetIds: SUBNETS };
    return Distribution.eks({ managedPostgres: new AckPostgres({ servers: { [name]: server } }) });
  },
  gke: (name) => {
    const server = { ...CONNECTOR_SERVER, iamUser: 'polls@acme.iam' };
    return Distribution.gke({
      managedPostgres: new ConfigConnectorPostgres({ servers: { [name]: server } }),
    });
  },
  aks: (name) => {
    const managedPostgres = new AzureServiceOperatorPostgres({ servers: { [name]: AZURE_SERVER } });
    return Distribution.aks({ managedPostgres });
  },
};

describe.each(Object.keys(PLATFORMS))('the claims on %s', (platform) => {
  it('are valid for each name, database and option', () => {
    fc.assert(
      fc.property(
        fc.record({
          name: fc.stringMatching(/^[a-z][a-z0-9]{2,10}(-[a-z0-9]{1,8}){0,3}$/),
          database: fc.stringMatching(/^x_[a-z0-9_]{0,61}$/),
          version: fc.integer({ min: 15, max: 18 }),
          pointInTimeRecovery: fc.integer({ min: 7, max: 35 }).map((days) => Duration.days(days)),
          maintenanceWindow: fc.option(
            fc.record({
              day: fc.constantFrom(...Object.values(Weekday)),
              hour: fc.integer({ min: 0, max: 23 }),
            }),
            { nil: undefined },
          ),
          deletionProtection: fc.boolean(),
          highAvailability: fc.boolean(),
        }),
        (props) => {
          const manifests = synth(
            (chart) => new ManagedPostgres(chart, 'Server', { ...props, storage: '128Gi' }),
            PLATFORMS[platform](props.name),
          );
          expect(manifests.map(refused)).toEqual(manifests.map(() => []));
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('a claim with a field or a value of nobody is not valid', () => {
  const [server] = synth(
    (chart) => new ManagedPostgres(chart, 'Server', { name: 'polls', version: 17, storage: '128Gi' }),
    PLATFORMS.aks('polls'),
  );
  const changed = (changes: object) => refused({ ...server, spec: { ...server.spec, ...changes } });
  expect(changed({})).toEqual([]);
  expect(changed({ azureName: 'po' })).not.toEqual([]);
  expect(changed({ azureName: '-polls' })).not.toEqual([]);
  expect(changed({ version: '10' })).not.toEqual([]);
  expect(changed({ size: 'large' })).not.toEqual([]);
  expect(changed({ location: undefined })).not.toEqual([]);
});
