import { App, Chart, Duration } from 'cdk8s';
import { Distribution, Problems } from 'cdk8s-django';
import {
  AckPostgres,
  AckPostgresServer,
  AzureServiceOperatorPostgres,
  AzureServiceOperatorPostgresServer,
  CloudSqlEdition,
  ConfigConnectorPostgres,
  ConfigConnectorPostgresServer,
  EntraPrincipalType,
  ManagedPostgres,
  ManagedPostgresProps,
  Weekday,
} from 'cdk8s-django/postgres';
import { SAMPLES } from '../support/distributions';
import { atSynth, BadInput, eachGivesItsMessage } from './support';
import { AZURE_GROUP, AZURE_SERVER, GUID } from '../support/managed-servers';

const SERVER = { name: 'polls', version: 17, storage: '128Gi' };
const ACK: AckPostgresServer = {
  instanceClass: 'db.m7g.large',
  securityGroupIds: ['sg-0123456789abcdef0'],
  subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-18f6e5d4c3b2a1900'],
};
const eks = (changes: Partial<AckPostgresServer> = {}, name = 'polls') =>
  Distribution.eks({ managedPostgres: new AckPostgres({ servers: { [name]: { ...ACK, ...changes } } }) });

const claim = (
  what: string,
  changes: Partial<ManagedPostgresProps>,
  message: string,
  distribution = eks(),
): BadInput => ({
  what,
  define: (chart) => new ManagedPostgres(chart, 'Server', { ...SERVER, ...changes }),
  message: `polls/Server: ${message}`,
  distribution,
});

describe('a ManagedPostgres', () => {
  eachGivesItsMessage([
    ...SAMPLES.map(({ name, make }) =>
      claim(
        `no operator on ${name}`,
        {},
        `managedPostgres (not given) is needed, and the distribution "${name}" does not say which operator makes servers ` +
          'of a cloud. Give the distribution managedPostgres: new AckPostgres({ … }) on EKS, ' +
          'new ConfigConnectorPostgres({ … }) on GKE or new AzureServiceOperatorPostgres({ … }) on AKS, ' +
          'or leave the construct out: make the server by the commands of the guide, chapter 7, and give its host to the distribution as postgres.',
        make(),
      ),
    ),
    claim(
      'a name with capitals',
      { name: 'Polls' },
      'name "Polls" is not a DNS label. Use lower-case letters, digits and "-", a letter first and no "-" at the end.',
    ),
    claim(
      'a version that is not whole',
      { version: 17.5 },
      'version 17.5 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    claim(
      'a storage that is not whole',
      { storage: '100G' },
      'storage "100G" is not a number of whole Gi, in which clouds count. Give one such as "100Gi".',
    ),
    claim(
      'a storage without a number',
      { storage: 'lots' },
      'storage "lots" is not a number of whole Gi, in which clouds count. Give one such as "100Gi".',
    ),
    claim(
      'a database with a hyphen',
      { database: 'polls-db' },
      'database "polls-db" is not a name that every cloud takes for a database. ' +
        'Use lower-case letters, digits and "_", a letter first, at most 63.',
    ),
    claim(
      'a database that there is already',
      { database: 'rdsadmin' },
      'database "rdsadmin" is a database that servers have already, or that a cloud keeps for itself. ' +
        'Choose another one, such as "django".',
    ),
    claim(
      'an hour that there is not',
      { maintenanceWindow: { day: Weekday.SUNDAY, hour: 24 } },
      'maintenanceWindow.hour 24 is not a whole number from 0 to 23. Give a whole number from 0 to 23.',
    ),
    claim(
      'a day that there is not',
      { maintenanceWindow: { day: 'Sun' as Weekday, hour: 3 } },
      'maintenanceWindow.day "Sun" is not a day of the week. Give one of Weekday, such as Weekday.SUNDAY.',
    ),
  ]);
});

describe('a server of AckPostgres', () => {
  eachGivesItsMessage([
    claim(
      'a server without facts',
      { name: 'shop' },
      'name "shop" is not among the distribution\'s managedPostgres.servers. Add it to them: { "shop": { … } }.',
    ),
    claim(
      'two hyphens in a row',
      { name: 'po--lls' },
      'name "po--lls" has two hyphens in a row, which RDS does not take. Use one of them.',
      eks({}, 'po--lls'),
    ),
    claim(
      'a version without TLS of its own',
      { version: 14 },
      'version 14 is not a major version that claims to RDS are made for. Give one from 15 to 18.',
    ),
    claim(
      'no days of recovery',
      { pointInTimeRecovery: Duration.days(0) },
      'pointInTimeRecovery 0 is not a whole number of days from 1 to 35. Give a whole number of days from 1 to 35.',
    ),
    claim(
      'too small a disk',
      { storage: '10Gi' },
      'storage 10 is not a whole number of Gi from 20 to 65536. Give a whole number of Gi from 20 to 65536.',
    ),
    claim(
      'a reserved word',
      { database: 'user' },
      'database "user" is a reserved word of PostgreSQL, which RDS takes for no database. ' +
        'Choose another one, such as "django".',
    ),
    claim(
      'a class without its prefix',
      {},
      'managedPostgres.servers.polls.instanceClass "m7g.large" is not the class of an instance of RDS. ' +
        'Give it as the cloud shows it, such as "db.m7g.large".',
      eks({ instanceClass: 'm7g.large' }),
    ),
    claim(
      'no security group',
      {},
      'managedPostgres.servers.polls.securityGroupIds [] has 0 of the 1 that RDS needs at the least. ' +
        'Give as many, of different zones where they are subnets.',
      eks({ securityGroupIds: [] }),
    ),
    claim(
      'a security group by its name',
      {},
      'managedPostgres.servers.polls.securityGroupIds "default" is not the ID of a security group. ' +
        'Give it as the cloud shows it, such as "sg-0123456789abcdef0".',
      eks({ securityGroupIds: ['default'] }),
    ),
    claim(
      'one subnet',
      {},
      'managedPostgres.servers.polls.subnetIds ["subnet-0a1b2c3d4e5f60718"] has 1 of the 2 that RDS needs at the least. ' +
        'Give as many, of different zones where they are subnets.',
      eks({ subnetIds: ['subnet-0a1b2c3d4e5f60718'] }),
    ),
    claim(
      'a subnet that is none',
      {},
      'managedPostgres.servers.polls.subnetIds "private" is not the ID of a subnet. ' +
        'Give it as the cloud shows it, such as "subnet-0a1b2c3d4e5f60718".',
      eks({ subnetIds: ['private', 'subnet-0a1b2c3d4e5f60718'] }),
    ),
    claim(
      'a subnet twice',
      {},
      'managedPostgres.servers.polls.subnetIds "subnet-0a1b2c3d4e5f60718" is given twice. Remove one of them.',
      eks({ subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0a1b2c3d4e5f60718'] }),
    ),
    claim(
      'neither subnets nor a group of them',
      {},
      'managedPostgres.servers.polls.subnetIds (not given) are needed, or subnetGroupName: the server has a private ' +
        'address. Give one of them.',
      eks({ subnetIds: undefined }),
    ),
    claim(
      'subnets and a group of them',
      {},
      'managedPostgres.servers.polls.subnetIds ["subnet-0a1b2c3d4e5f60718","subnet-18f6e5d4c3b2a1900"] are given ' +
        'together with subnetGroupName. Give one of them.',
      eks({ subnetGroupName: 'databases' }),
    ),
    claim(
      'the group that AWS keeps for itself',
      {},
      'managedPostgres.servers.polls.subnetGroupName "default" is not the name of a subnet group, in lower case and ' +
        'other than "default". Give it as the cloud shows it, such as "polls".',
      eks({ subnetIds: undefined, subnetGroupName: 'default' }),
    ),
  ]);
});

const CONNECTOR: ConfigConnectorPostgresServer = {
  projectId: 'acme',
  region: 'europe-west1',
  tier: 'db-custom-2-7680',
  network: 'projects/acme/global/networks/production',
};
const gke = (changes: Partial<ConfigConnectorPostgresServer> = {}) => {
  const servers = { polls: { ...CONNECTOR, ...changes } };
  return Distribution.gke({ managedPostgres: new ConfigConnectorPostgres({ servers }) });
};

describe('a server of ConfigConnectorPostgres', () => {
  const fact = (
    property: string,
    value: string,
    what: string,
    example: string,
    others: Partial<ConfigConnectorPostgresServer> = {},
  ): BadInput =>
    claim(
      `the ${property} ${value}`,
      {},
      `managedPostgres.servers.polls.${property} "${value}" is not ${what}. ` +
        `Give it as the cloud shows it, such as "${example}".`,
      gke({ [property]: value, ...others }),
    );
  const tierOf = (edition: string) =>
    `a tier that the edition ${edition} has for PostgreSQL on a persistent disk`;
  eachGivesItsMessage([
    claim(
      'a server without facts',
      { name: 'shop' },
      'name "shop" is not among the distribution\'s managedPostgres.servers. Add it to them: { "shop": { … } }.',
      gke(),
    ),
    claim(
      'a version that is not there yet',
      { version: 19 },
      'version 19 is not a major version that claims to Cloud SQL are made for. Give one from 12 to 18.',
      gke(),
    ),
    claim(
      'more days than the edition keeps',
      { pointInTimeRecovery: Duration.days(8) },
      'pointInTimeRecovery 8 is not a whole number of days from 1 to 7. Give a whole number of days from 1 to 7.',
      gke(),
    ),
    claim(
      'more days than any edition keeps',
      { pointInTimeRecovery: Duration.days(36) },
      'pointInTimeRecovery 36 is not a whole number of days from 1 to 35. Give a whole number of days from 1 to 35.',
      gke({ edition: CloudSqlEdition.ENTERPRISE_PLUS, tier: 'db-perf-optimized-N-2' }),
    ),
    claim(
      'too small a disk',
      { storage: '5Gi' },
      'storage 5 is not a whole number of Gi from 10 on. Give a whole number of Gi from 10 on.',
      gke(),
    ),
    fact('projectId', 'Acme', 'the ID of a project', 'acme'),
    fact('region', 'europe', 'a region of Google Cloud', 'europe-west1'),
    ...['custom-2', 'db-perf-optimized-N-2', 'db-n1-standard-2', 'db-custom-N4-2-7680'].map((tier) =>
      fact('tier', tier, tierOf('ENTERPRISE'), 'db-custom-2-7680'),
    ),
    ...['db-custom-2-7680', 'db-f1-micro', 'db-c4a-highmem-2'].map((tier) =>
      fact('tier', tier, tierOf('ENTERPRISE_PLUS'), 'db-perf-optimized-N-2', {
        edition: CloudSqlEdition.ENTERPRISE_PLUS,
      }),
    ),
    ...['ENTERPRISE_MINUS', 'toString', ''].map((edition) =>
      claim(
        `the edition "${edition}"`,
        {},
        `managedPostgres.servers.polls.edition "${edition}" is not an edition of Cloud SQL. ` +
          'Give one of CloudSqlEdition, such as CloudSqlEdition.ENTERPRISE.',
        gke({ edition: edition as CloudSqlEdition }),
      ),
    ),
    fact('network', 'production', 'a network with its project', 'projects/acme/global/networks/production'),
    fact(
      'iamUser',
      'polls@acme.iam.gserviceaccount.com',
      'a service account without ".gserviceaccount.com"',
      'polls@acme.iam',
    ),
  ]);
});

const NETWORKS = `${AZURE_GROUP}/providers/Microsoft.Network`;
const aks = (changes: Partial<AzureServiceOperatorPostgresServer> = {}, name = 'polls') => {
  const servers = { [name]: { ...AZURE_SERVER, ...changes } };
  return Distribution.aks({ managedPostgres: new AzureServiceOperatorPostgres({ servers }) });
};

describe('a server of AzureServiceOperatorPostgres', () => {
  const fact = (
    property: keyof AzureServiceOperatorPostgresServer,
    value: string,
    what: string,
    example: string,
  ) =>
    claim(
      `the ${property} ${value}`,
      {},
      `managedPostgres.servers.polls.${property} "${value}" is not ${what}. ` +
        `Give it as the cloud shows it, such as "${example}".`,
      aks({ [property]: value }),
    );
  eachGivesItsMessage([
    claim(
      'a server without facts',
      { name: 'shop' },
      'name "shop" is not among the distribution\'s managedPostgres.servers. Add it to them: { "shop": { … } }.',
      aks(),
    ),
    claim(
      'a short name',
      { name: 'db' },
      'name "db" is shorter than the names that Azure takes. Use at least 3 characters.',
      aks({}, 'db'),
    ),
    claim(
      'two hyphens in a row',
      { name: 'po--lls' },
      'name "po--lls" has two hyphens in a row, which Azure does not take. Use one of them.',
      aks({}, 'po--lls'),
    ),
    claim(
      'a version that is not there any more',
      { version: 10 },
      'version 10 is not a major version that claims to Azure are made for. Give one from 11 to 18.',
      aks(),
    ),
    claim(
      'fewer days than Azure keeps',
      { pointInTimeRecovery: Duration.days(6) },
      'pointInTimeRecovery 6 is not a whole number of days from 7 to 35. Give a whole number of days from 7 to 35.',
      aks(),
    ),
    claim(
      'a size between those of disks',
      { storage: '100Gi' },
      'storage "100Gi" is not a size that a premium disk of Azure has. Give one of 32Gi, 64Gi, 128Gi, 256Gi, 512Gi, ' +
        '1024Gi, 2048Gi, 4096Gi, 8192Gi, 16384Gi, 32767Gi.',
      aks(),
    ),
    claim(
      'a standby of a burstable size',
      {},
      'highAvailability true is not to be had with the size "Standard_B2s", which is burstable. ' +
        'Give highAvailability: false, or a size that begins with "Standard_D" or "Standard_E".',
      aks({ sku: 'Standard_B2s' }),
    ),
    fact('resourceGroupId', 'acme', 'the ID of a resource group', AZURE_GROUP),
    fact('location', 'West Europe', 'a region of Azure', 'westeurope'),
    fact('sku', 'D2ds_v5', 'a size of Azure Database for PostgreSQL', 'Standard_D2ds_v5'),
    fact(
      'subnetId',
      'postgres',
      'the ID of a subnet',
      `${NETWORKS}/virtualNetworks/production/subnets/postgres`,
    ),
    ...[
      'acme.postgres.database.azure.com',
      `${NETWORKS}/privateDnsZones/example.com`,
      `${NETWORKS}/privateDnsZones/postgres.database.azure.com`,
      `${NETWORKS}/privateDnsZones/acme.postgres.database.azure.com.example.com`,
      `${NETWORKS}/privateDnsZones/acme-postgres.database.azure.com`,
    ].map((zone) =>
      fact(
        'privateDnsZoneId',
        zone,
        'the ID of a private DNS zone whose name ends with ".postgres.database.azure.com"',
        `${NETWORKS}/privateDnsZones/acme.postgres.database.azure.com`,
      ),
    ),
    fact('tenantId', 'acme', 'the ID of a tenant', GUID),
    claim(
      'an administrator without an ID',
      {},
      'managedPostgres.servers.polls.administrator.objectId "administrators" is not the object ID of a principal. ' +
        `Give it as the cloud shows it, such as "${GUID}".`,
      aks({ administrator: { ...AZURE_SERVER.administrator, objectId: 'administrators' } }),
    ),
    claim(
      'an administrator without a name',
      {},
      'managedPostgres.servers.polls.administrator.name "" is not the name of a principal. ' +
        'Give it as the cloud shows it, such as "database-administrators".',
      aks({ administrator: { ...AZURE_SERVER.administrator, name: '' } }),
    ),
    claim(
      'an administrator of no known type',
      {},
      'managedPostgres.servers.polls.administrator.type "Robot" is not a type of a principal. ' +
        'Give it as the cloud shows it, such as "ServicePrincipal".',
      aks({ administrator: { ...AZURE_SERVER.administrator, type: 'Robot' as EntraPrincipalType } }),
    ),
  ]);
});

describe('two claims of one server', () => {
  /** A claim in a chart of its own. */
  const claimIn = (chart: Chart, namespace: string, name = 'polls') =>
    new ManagedPostgres(new Chart(chart, namespace, { namespace }), 'Server', { ...SERVER, name });
  const REFUSED =
    'name "polls" is the server at polls/blue/Server too, in another namespace: both claims could change it in turn. ' +
    'Keep one of them, or give one another name and facts of its own.';

  describe.each([
    ['EKS', () => eks()],
    ['GKE', () => gke()],
    ['AKS', () => aks()],
  ])('on %s', (_, make) => {
    eachGivesItsMessage([
      {
        what: 'the same name in two other namespaces',
        define: (chart) => ['blue', 'green', 'red'].map((namespace) => claimIn(chart, namespace)),
        message: atSynth(`[polls/green/Server] ${REFUSED}`, `[polls/red/Server] ${REFUSED}`),
        distribution: make(),
      },
    ]);
  });

  it('may be there with two names, or for two distributions', () => {
    const servers = { polls: ACK, votes: ACK };
    const managedPostgres = new AckPostgres({ servers });
    const app = new App();
    for (const region of ['eu-west-1', 'us-east-1']) {
      const chart = new Chart(app, region);
      Distribution.bind(chart, Distribution.eks({ name: region, region, managedPostgres }));
      claimIn(chart, 'blue');
      claimIn(chart, `green-${region}`, 'votes');
    }
    expect(Problems.of(app)).toEqual([]);
  });
});
