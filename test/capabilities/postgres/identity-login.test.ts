import { execFileSync } from 'node:child_process';
import { Chart } from 'cdk8s';
import {
  Distribution,
  DjangoAppProps,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackend,
} from 'cdk8s-django';
import { AnnotatedIdentity } from 'cdk8s-django/identity';
import {
  AzurePostgres,
  CloudSqlPostgres,
  PgBouncer,
  PostgresServer,
  RdsPostgres,
} from 'cdk8s-django/postgres';
import { namesOf, podsIn } from '../../support/manifests';
import { chartOn, django, errorOf, find, postgres, synth } from '../../support/synth';

const CLIENT = '00000000-0000-0000-0000-000000000000';
const ROLE = 'arn:aws:iam::111122223333:role/polls';
const RDS_HOST = 'polls.abcdefghijkl.eu-west-1.rds.amazonaws.com';
const certificatePath = '/certificates.pem';
const SECRET = { secretName: 'polls-db', key: 'password' };

const rds = (server: Partial<PostgresServer> = {}) =>
  new RdsPostgres({
    servers: { 'polls-db': { host: RDS_HOST, identityUser: 'polls', ...server } },
    certificatePath,
  });
const azure = (certificates?: string) =>
  new AzurePostgres({
    servers: { 'polls-db': { host: 'polls.postgres.database.azure.com', identityUser: 'polls-identity' } },
    ...(certificates ? { certificates } : { certificatePath }),
  });
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const eks = Distribution.eks({ postgres: rds() });
const irsa = Distribution.eks({ postgres: rds(), roleArns: { polls: ROLE } });
const aks = Distribution.aks({ postgres: azure(), clientIds: { polls: CLIENT } });
const gke = Distribution.gke({
  projectId: 'acme',
  googleServiceAccounts: { polls: 'polls@acme.iam.gserviceaccount.com' },
  postgres: new CloudSqlPostgres({
    instances: { 'polls-db': { connectionName: 'acme:europe-west1:polls', iamUser: 'polls@acme.iam' } },
  }),
});
const upstream = Distribution.upstream({
  postgres: rds(),
  identity: new AnnotatedIdentity({
    serviceAccountAnnotations: { polls: { 'eks.amazonaws.com/role-arn': ROLE } },
  }),
});

function define(chart: Chart, app: Partial<DjangoAppProps> = {}): void {
  // Other platforms of the same chart may need it.
  const database = postgres(chart, { password: SECRET });
  const polls = django(chart, { database, ...app });
  polls.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '@daily' });
  polls.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  new LeastPrivilegeAccess(chart, 'Access', { app: polls });
}
const made = (distribution: IDistribution) => synth((chart) => define(chart), distribution);
const appPods = (manifests: any[]) =>
  podsIn(manifests).filter(({ spec }) => spec.serviceAccountName === 'polls');
const variables = (container: any) =>
  Object.fromEntries(container.env.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom]));
const commandsOn = (distribution: IDistribution) => {
  const chart = chartOn(distribution);
  define(chart);
  return Distribution.identityCommands(chart);
};

describe.each([
  ['RDS, by EKS Pod Identity', eks, { user: 'polls', cloud: 'aws', region: 'eu-west-1' }],
  ['RDS, by IRSA', irsa, { user: 'polls', cloud: 'aws', region: 'eu-west-1' }],
  ['RDS, from another cluster', upstream, { user: 'polls', cloud: 'aws', region: 'eu-west-1' }],
  ['Azure', aks, { user: 'polls-identity', cloud: 'azure', region: undefined }],
  ['Cloud SQL, by its proxy', gke, { user: 'polls@acme.iam', cloud: undefined, region: undefined }],
])('the identity of the pods at %s', (_name, distribution, { user, cloud, region }) => {
  it('logs in without a password, which is in no Secret and in no variable of any pod', () => {
    const manifests = made(distribution);
    expect(
      namesOf(manifests).filter((name) => /^(External)?Secret polls-db|SecretProviderClass/.test(name)),
    ).toEqual([]);
    expect(JSON.stringify(podsIn(manifests))).not.toMatch(
      /DATABASE_PASSWORD|"polls-db","key"|secretName":"polls-db/,
    );
  });

  it('is that of each pod, migrations and commands too', () => {
    const pods = appPods(made(distribution));
    expect(pods.map(({ kind }) => kind).sort()).toEqual(['CronJob', 'Deployment', 'Job', 'Job']);
    for (const { owner, spec } of pods) {
      const own = [...(spec.initContainers ?? []), ...spec.containers].filter(({ env }: any) => env);
      expect([owner, own.length > 0]).toEqual([owner, true]);
      for (const container of own) {
        const { DATABASE_USER, DATABASE_URL, ...rest } = variables(container);
        expect(DATABASE_USER).toBe(user);
        expect(DATABASE_URL).toMatch(/^postgres:\/\/polls(-identity|%40acme\.iam)?@\$\(DATABASE_HOST\)/);
        expect(rest.CDK8S_DJANGO_DATABASE_IDENTITY).toBe(cloud);
        expect(rest.CDK8S_DJANGO_DATABASE_REGION).toBe(region);
      }
    }
  });
});

it('finds its module in each pod that makes tokens', () => {
  const manifests = made(eks);
  const modules = manifests.filter(({ kind, data }) => kind === 'ConfigMap' && data?.['database_tokens.py']);
  expect(modules).toHaveLength(1);
  for (const { owner, spec } of appPods(manifests)) {
    expect([owner, JSON.stringify(spec.volumes).includes(`"${modules[0].metadata.name}"`)]).toEqual([
      owner,
      true,
    ]);
  }
});

describe('what lets pods have tokens', () => {
  it('is the way to STS, or to the agent on the node, for replicas and Jobs', () => {
    for (const [distribution, agent] of [
      [eks, true],
      [irsa, false],
      [aks, false],
    ] as const) {
      const manifests = made(distribution);
      for (const name of ['polls', 'polls-jobs']) {
        const text = JSON.stringify(find(manifests, 'NetworkPolicy', name).spec.egress);
        expect(text).toContain('"port":443');
        expect(text.includes('169.254.170.23/32')).toBe(agent);
      }
    }
  });

  it('is the role of the ServiceAccount', () => {
    expect(find(made(irsa), 'ServiceAccount', 'polls').metadata.annotations).toMatchObject({
      'eks.amazonaws.com/role-arn': ROLE,
    });
    const manifests = made(aks);
    expect(find(manifests, 'ServiceAccount', 'polls').metadata.annotations).toMatchObject({
      'azure.workload.identity/client-id': CLIENT,
    });
    for (const { labels } of appPods(manifests)) {
      expect(labels).toMatchObject({ 'azure.workload.identity/use': 'true' });
    }
  });

  it('is a command for the role of AWS, whose policy is for that role of the database alone', () => {
    const lines = commandsOn(irsa)!.split('\n');
    expect(lines.join('\n')).toContain('CREATE USER "polls"; GRANT rds_iam TO "polls";');
    const put = lines.find((line) => line.startsWith('aws iam put-role-policy'))!;
    const script = `aws() { eval "last=\\\${$#}"; echo "$last"; }; ACCOUNT=111122223333; DB_RESOURCE_ID=db-ABC; ${put}`;
    const policy = JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
    expect(policy.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource: 'arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABC/polls',
      },
    ]);
  });

  it('is a statement for an administrator of Entra', () => {
    expect(commandsOn(aks)).toContain(
      "SELECT * FROM pgaadauth_create_principal('polls-identity', false, false);",
    );
  });
});

it('has certificates beside the identity', () => {
  const distribution = Distribution.aks({ postgres: azure(PEM), clientIds: { polls: CLIENT } });
  const manifests = made(distribution);
  expect(find(manifests, 'ConfigMap', 'polls-db-ca').data).toEqual({ 'ca.pem': PEM });
  expect(find(manifests, 'ServiceAccount', 'polls').metadata.annotations).toMatchObject({
    'azure.workload.identity/client-id': CLIENT,
  });
});

it.each([
  ['cn-north-1', 'polls.abcdefghijkl.rds.cn-north-1.amazonaws.com.cn', 'arn:aws-cn:rds-db:cn-north-1'],
  [
    'us-gov-west-1',
    'polls.abcdefghijkl.us-gov-west-1.rds.amazonaws.com',
    'arn:aws-us-gov:rds-db:us-gov-west-1',
  ],
])('knows the region %s by the host', (region, host, arn) => {
  const distribution = Distribution.eks({ postgres: rds({ host }) });
  const { connection } = postgres(chartOn(distribution));
  expect(connection).toMatchObject({ user: 'polls', identity: { cloud: 'aws', region } });
  expect(connection!.password).toBeUndefined();
  expect(commandsOn(distribution)).toContain(arn);
});

describe('synth refuses', () => {
  const app = (props: Partial<DjangoAppProps>) => errorOf((chart) => define(chart, props), eks);

  it('a host of your own, which tokens of AWS are not for', () => {
    const distribution = Distribution.eks({ postgres: rds({ host: 'db.example.com' }) });
    expect(errorOf((chart) => postgres(chart), distribution)).toBe(
      'polls/Database: postgres.servers.polls-db.host "db.example.com" is not the host that AWS gave the server, and ' +
        'tokens of IAM are for that one alone. Give its endpoint, such as ' +
        '"polls.abcdefghijkl.eu-west-1.rds.amazonaws.com".',
    );
  });

  it('replicas, which tokens of AWS are not for', () => {
    const distribution = Distribution.eks({ postgres: rds({ replicaHost: `replica.${RDS_HOST}` }) });
    expect(errorOf((chart) => postgres(chart), distribution)).toBe(
      `polls/Database: postgres.servers.polls-db.replicaHost "replica.${RDS_HOST}" is given together with identityUser, ` +
        'whose tokens are for the host of the server alone. Leave it out, or give the server a password in place of ' +
        'identityUser.',
    );
  });

  it('a password beside it', () => {
    const distribution = Distribution.eks({ postgres: rds({ password: { secret: 'polls-db' } }) });
    expect(errorOf((chart) => postgres(chart), distribution)).toBe(
      'polls/Database: postgres.servers.polls-db.password "polls-db" is given together with identityUser, which logs in ' +
        'without one. Give one of them.',
    );
  });

  it('a name that a shell would read as more', () => {
    const distribution = Distribution.eks({ postgres: rds({ identityUser: "x'; rm -rf /" }) });
    expect(errorOf((chart) => postgres(chart), distribution)).toMatch(
      /^polls\/Database: postgres\.servers\.polls-db\.identityUser "x'; rm -rf \/" is not a name that the platform has/,
    );
  });

  it('pods without the overlay, and settings that keep their own DATABASES', () => {
    expect(app({ settingsOverlay: { enabled: false } })).toBe(
      'polls/Polls: database.connection.identity "aws" has no meaning with settingsOverlay.enabled false. ' +
        'Leave one of them out.',
    );
    expect(app({ settingsOverlay: { keep: ['DATABASES'] } })).toBe(
      'polls/Polls: settingsOverlay.keep "DATABASES" keeps the token of the identity from the database, which has no ' +
        'password. Leave it out: what DATABASES has beside the place of the server stays anyway.',
    );
  });

  it('an identity of another cloud', () => {
    const distribution = Distribution.gke({ projectId: 'acme', postgres: rds() });
    expect(errorOf((chart) => define(chart), distribution)).toBe(
      'polls/Polls: database.connection.identity "aws" needs an identity of that cloud, and pods on gke have one of ' +
        'google. Give the server a password in place of identityUser.',
    );
  });

  it('a cluster without identities', () => {
    expect(errorOf((chart) => define(chart), Distribution.upstream({ postgres: rds() }))).toBe(
      'polls/Polls: platformIdentity true is needed, and upstream does not have identities. ' +
        'Give the distribution identity: new AnnotatedIdentity({ … }).',
    );
  });

  it('PgBouncer, which keeps one password', () => {
    const pooled = (chart: Chart) =>
      new PgBouncer(chart, 'Pooler', {
        name: 'polls-pooler',
        database: postgres(chart),
        image: 'registry.example.com/pgbouncer:1.24.1',
      });
    expect(errorOf(pooled, eks)).toBe(
      `polls/Pooler: database "${RDS_HOST}" is logged in to by tokens of an identity, and PgBouncer keeps one password. ` +
        'Leave the pooler out, and give the database poolSize, or give its server a password.',
    );
  });
});

it('says the same in variablesOf', () => {
  const { connection, environment } = postgres(chartOn(eks));
  expect(PostgresBackend.variablesOf(connection!)).toEqual(environment);
});
