import { Chart } from 'cdk8s';
import {
  Distribution,
  DjangoAppProps,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackendProps,
  SslMode,
} from 'cdk8s-django';
import { IPostgres } from 'cdk8s-django/platform';
import {
  AzurePostgres,
  CloudNativePostgres,
  CloudNativePostgresProps,
  CloudSqlInstance,
  CloudSqlPostgres,
  PostgresServersProps,
  RdsPostgres,
} from 'cdk8s-django/postgres';
import { ExistingSecretStore } from 'cdk8s-django/secrets';
import { SAMPLES } from '../../support/distributions';
import { namesOf, podsIn } from '../../support/manifests';
import { chartOn, django, errorOf, find, postgres, synth, webContainer } from '../../support/synth';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const CONNECTION = 'acme:europe-west1:polls';
const STORED = { secret: 'polls-db-password' };
const PASSWORD = { secretName: 'polls-db-password', key: 'password' };
const secrets = new ExistingSecretStore({ name: 'vault' });

const cloudSql = (changes: Partial<CloudSqlInstance> = {}) =>
  new CloudSqlPostgres({
    instances: { 'polls-db': { connectionName: CONNECTION, password: STORED, ...changes } },
  });
const servers = (changes: Partial<PostgresServersProps> = {}): PostgresServersProps => ({
  servers: { 'polls-db': { host: 'polls.example.com', password: STORED } },
  certificates: PEM,
  ...changes,
});
const gke = (database: IPostgres = cloudSql()) =>
  Distribution.gke({ projectId: 'acme', secrets, postgres: database });
const IAM_USER = 'polls@acme.iam';
const gkeByIamUser = (account?: string) =>
  Distribution.gke({
    projectId: 'acme',
    postgres: cloudSql({ iamUser: IAM_USER, password: undefined }),
    googleServiceAccounts: account ? { polls: account } : undefined,
  });
const eks = (changes?: Partial<PostgresServersProps>) =>
  Distribution.eks({ secrets, postgres: new RdsPostgres(servers(changes)) });
const aks = (changes?: Partial<PostgresServersProps>) =>
  Distribution.aks({ secrets, postgres: new AzurePostgres(servers(changes)) });
const operator = (props?: CloudNativePostgresProps, on: 'openshift' | 'upstream' = 'upstream') =>
  Distribution[on]({ postgres: new CloudNativePostgres(props) });

function define(
  chart: Chart,
  database: Partial<PostgresBackendProps> = {},
  app: Partial<DjangoAppProps> = {},
) {
  const backend = postgres(chart, database);
  const polls = django(chart, { database: backend, ...app });
  polls.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '@daily' });
  polls.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  new LeastPrivilegeAccess(chart, 'Access', { app: polls });
  return backend;
}
const made = (distribution: IDistribution, database?: Partial<PostgresBackendProps>) =>
  synth((chart) => define(chart, database), distribution);
const appPods = (manifests: any[]) =>
  podsIn(manifests).filter(({ spec }) => spec.serviceAccountName === 'polls');
const environmentOf = (manifests: any[]) =>
  Object.fromEntries(
    webContainer(manifests)
      .env.filter(({ name }: any) => name.startsWith('DATABASE_'))
      .map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom.secretKeyRef]),
  );
const errorWith = (distribution: IDistribution, database?: Partial<PostgresBackendProps>) =>
  errorOf((chart) => define(chart, database), distribution);

describe.each(SAMPLES)('PostgreSQL on $name', ({ make }) => {
  it('is a server in the cluster as long as the distribution says nothing else', () => {
    expect(make().postgres).toBeUndefined();
    expect(namesOf(made(make()))).toContain('StatefulSet polls-db');
  });
});

describe.each([
  ['Cloud SQL', gke],
  ['RDS', eks],
  ['Azure', aks],
  ['CloudNativePG on OpenShift', () => operator({}, 'openshift')],
  ['CloudNativePG upstream', () => operator({}, 'upstream')],
])('a database on %s', (_name, make) => {
  it('has no server, password or script of the library', () => {
    const names = namesOf(made(make())).join(' ');
    expect(names).not.toMatch(/StatefulSet|Service polls-db|ConfigMap polls-db |Role polls-db/);
    expect(names).not.toContain('Job polls-db');
  });

  it('may have a role and a database that a server of the library keeps for itself', () => {
    const environment = environmentOf(made(make(), { user: 'postgres', database: 'postgres' }));
    expect(environment).toMatchObject({ DATABASE_NAME: 'postgres', DATABASE_USER: 'postgres' });
  });

  it('is told to the application in the same variables', () => {
    const environment = environmentOf(made(make()));
    expect(environment).toMatchObject({ DATABASE_NAME: 'django', DATABASE_USER: 'django' });
    expect(environment.DATABASE_URL).toMatch(/^postgres:\/\/\$\(DATABASE_USER\):\$\(DATABASE_PASSWORD\)@/);
  });

  it('is migrated and waited for like any other', () => {
    const manifests = made(make());
    expect(namesOf(manifests).filter((name) => name.startsWith('Job polls-migrate'))).toHaveLength(1);
    const { initContainers } = find(manifests, 'Deployment', 'polls').spec.template.spec;
    expect(initContainers.at(-1).name).toBe('wait-for-schema');
  });

  it('passes Pod Security restricted in every container of the application', () => {
    for (const { spec } of appPods(made(make()))) {
      for (const { securityContext } of [...(spec.initContainers ?? []), ...spec.containers]) {
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });
});

describe('Cloud SQL', () => {
  const proxies = (distribution = gke()) =>
    appPods(made(distribution)).map(({ spec }) => spec.initContainers[0]);

  it('has its proxy beside every container of the application, Jobs too, and before the wait for the schema', () => {
    const pods = appPods(made(gke()));
    expect(pods.map(({ kind }) => kind).sort()).toEqual(['CronJob', 'Deployment', 'Job', 'Job']);
    for (const { owner, spec } of pods) {
      const names = spec.initContainers.map(({ name }: any) => name);
      const waits = owner.startsWith('Job polls-migrate') ? [] : ['wait-for-schema'];
      expect([owner, names]).toEqual([owner, ['cloud-sql-proxy', ...waits]]);
      expect(spec.initContainers[0].restartPolicy).toBe('Always');
      expect(spec.containers).toHaveLength(1);
    }
  });

  it('is connected to by its private address, with health checks and without a failure at the end of a Job', () => {
    for (const proxy of proxies()) {
      expect(proxy.image).toBe('gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.23.0');
      expect(proxy.args).toEqual([
        '--structured-logs',
        '--port=5432',
        '--private-ip',
        '--health-check',
        '--http-address=0.0.0.0',
        '--http-port=9090',
        '--exit-zero-on-sigterm',
        CONNECTION,
      ]);
    }
  });

  it('is probed, and has requests that the autoscaler can reckon with', () => {
    const [proxy] = proxies();
    expect(proxy.startupProbe).toEqual({
      httpGet: { path: '/startup', port: 9090 },
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 20,
    });
    expect(proxy.livenessProbe).toMatchObject({
      httpGet: { path: '/liveness' },
      periodSeconds: 60,
      failureThreshold: 5,
    });
    expect(proxy.readinessProbe.httpGet.path).toBe('/readiness');
    expect(proxy.resources).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '256Mi' },
    });
  });

  it('takes image and resources of the proxy, and a public address', () => {
    const database = new CloudSqlPostgres({
      instances: {
        'polls-db': {
          connectionName: 'example.com:acme:europe-west1:polls',
          password: STORED,
          publicIp: true,
        },
      },
      image: 'registry.example.com/proxy:2',
      resources: {
        cpuRequest: '100m',
        cpuLimit: '1',
        memoryRequest: '1Gi',
        memoryLimit: '2Gi',
        ephemeralStorage: '1Gi',
      },
    });
    const [proxy] = proxies(gke(database));
    expect(proxy.image).toBe('registry.example.com/proxy:2');
    expect(proxy.args).not.toContain('--private-ip');
    expect(proxy.resources).toEqual({
      requests: { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '1Gi' },
      limits: { cpu: '1', memory: '2Gi', 'ephemeral-storage': '1Gi' },
    });
  });

  it('is reached within the pod, with a password from the store', () => {
    const manifests = made(gke());
    expect(environmentOf(manifests)).toMatchObject({
      DATABASE_HOST: '127.0.0.1',
      DATABASE_PORT: '5432',
      DATABASE_PASSWORD: { name: 'polls-db', key: 'password' },
      DATABASE_SSL_MODE: 'disable',
    });
    expect(find(manifests, 'ExternalSecret', 'polls-db').spec.data[0]).toMatchObject({
      secretKey: 'password',
      remoteRef: { key: 'polls-db-password' },
    });
  });

  it('takes the password of the program before that of the store', () => {
    const manifests = made(gke(), { password: PASSWORD });
    expect(environmentOf(manifests).DATABASE_PASSWORD).toEqual({
      name: 'polls-db-password',
      key: 'password',
    });
    expect(namesOf(manifests).join()).not.toContain('ExternalSecret');
  });

  it('needs no password for an IAM user, whose name a URL has encoded', () => {
    const manifests = made(gkeByIamUser('polls@acme.iam.gserviceaccount.com'));
    const environment = environmentOf(manifests);
    expect(environment.DATABASE_USER).toBe(IAM_USER);
    expect(environment).not.toHaveProperty('DATABASE_PASSWORD');
    expect(environment.DATABASE_URL).toMatch(/^postgres:\/\/polls%40acme\.iam@\$\(DATABASE_HOST\)/);
    expect(appPods(manifests)[0].spec.initContainers[0].args).toContain('--auto-iam-authn');
  });

  it('is allowed by the policies of replicas and Jobs, with the way to the credentials', () => {
    const peers = [{ cidr: '10.30.0.0/24' }];
    const manifests = made(gke(cloudSql({ peers })));
    for (const name of ['polls', 'polls-jobs']) {
      const { egress } = find(manifests, 'NetworkPolicy', name).spec;
      expect(egress).toContainEqual({
        to: [{ ipBlock: { cidr: '10.30.0.0/24' } }],
        ports: [{ port: 3307, protocol: 'TCP' }],
      });
      expect(JSON.stringify(egress)).toContain('169.254.169.254/32');
      expect(JSON.stringify(egress)).not.toContain('"port":5432');
    }
    expect(namesOf(manifests)).not.toContain('NetworkPolicy polls-db');
  });

  it('comes with the commands that let the application’s identity connect', () => {
    const chart = chartOn(gkeByIamUser('polls@acme.iam.gserviceaccount.com'));
    define(chart);
    for (const role of ['roles/cloudsql.client', 'roles/cloudsql.instanceUser']) {
      expect(Distribution.identityCommands(chart)).toContain(
        `gcloud projects add-iam-policy-binding acme --role=${role} --member="$PRINCIPAL"`,
      );
    }
  });

  it.each([
    [undefined, 'none'],
    ['shop@acme.iam.gserviceaccount.com', 'shop@acme.iam.gserviceaccount.com'],
  ])('lets nobody but its IAM user in, and not %s', (account, actsAs) => {
    expect(errorWith(gkeByIamUser(account))).toBe(
      'polls/Polls: database.connector.account "polls@acme.iam.gserviceaccount.com" is the account that logs in, but ' +
        `the pods act as ${actsAs}. Give the distribution googleServiceAccounts: ` +
        '{ "polls": "polls@acme.iam.gserviceaccount.com" } (GKE).',
    );
  });

  it('cannot be named otherwise than Google does', () => {
    expect(errorWith(gke(cloudSql({ connectionName: 'polls' })))).toBe(
      'polls/Database: postgres.instances.polls-db.connectionName "polls" is not the connection name of a Cloud SQL instance. ' +
        'Give project, region and instance, such as "acme:europe-west1:polls".',
    );
  });

  it('keeps its ports from the application', () => {
    const error = errorOf((chart) => django(chart, { database: postgres(chart), port: 9090 }), gke());
    expect(error).toBe(
      'polls/Polls: port 9090 is a port of the sidecar "cloud-sql-proxy", which is in the same pods. Choose another one.',
    );
  });
});

describe.each([
  ['RDS', eks],
  ['Azure', aks],
])('%s', (_name, make) => {
  it('is connected to with its certificate checked, against those of a ConfigMap', () => {
    const manifests = made(make());
    expect(environmentOf(manifests)).toMatchObject({
      DATABASE_HOST: 'polls.example.com',
      DATABASE_SSL_MODE: 'verify-full',
      DATABASE_SSL_ROOT_CERT: '/etc/cdk8s-django/polls-db/ca.pem',
    });
    expect(find(manifests, 'ConfigMap', 'polls-db-ca').data).toEqual({ 'ca.pem': PEM });
    for (const { spec } of appPods(manifests)) {
      expect(spec.volumes).toContainEqual({ name: 'database-ca', configMap: { name: 'polls-db-ca' } });
      for (const { volumeMounts } of [...(spec.initContainers ?? []), ...spec.containers]) {
        expect(volumeMounts).toContainEqual({
          name: 'database-ca',
          mountPath: '/etc/cdk8s-django/polls-db',
          readOnly: true,
        });
      }
    }
  });

  it('takes certificates of the image, another mode, port and place', () => {
    const all: Required<Omit<PostgresServersProps, 'certificates'>> = {
      servers: {
        'polls-db': { host: 'db.internal', port: 6432, password: STORED, peers: [{ cidr: '10.20.0.0/16' }] },
      },
      certificatePath: '/etc/ssl/certs/ca-certificates.crt',
      sslMode: SslMode.VERIFY_CA,
    };
    const manifests = made(make({ ...all, certificates: undefined }));
    expect(environmentOf(manifests)).toMatchObject({
      DATABASE_HOST: 'db.internal',
      DATABASE_PORT: '6432',
      DATABASE_SSL_MODE: 'verify-ca',
      DATABASE_SSL_ROOT_CERT: '/etc/ssl/certs/ca-certificates.crt',
    });
    expect(namesOf(manifests)).not.toContain('ConfigMap polls-db-ca');
    expect(find(manifests, 'NetworkPolicy', 'polls').spec.egress).toContainEqual({
      to: [{ ipBlock: { cidr: '10.20.0.0/16' } }],
      ports: [{ port: 6432, protocol: 'TCP' }],
    });
  });

  it.each([
    [
      { certificates: undefined },
      "postgres.certificatePath (not given) is needed, or certificates, to check the server's certificate. Give one of them.",
    ],
    [
      { certificatePath: '/ca.pem' },
      'postgres.certificatePath "/ca.pem" is given together with certificates. Give one of them.',
    ],
    [
      { certificates: 'global-bundle.pem' },
      'postgres.certificates "global-bundle.pem…" has no certificate in PEM format. Give the text of the file, not its name.',
    ],
    [
      { certificates: PEM.repeat(4000) },
      'postgres.certificates "-----BEGIN CERTIFICATE-----\\nMI…" has over 200000 bytes, which kubectl could not apply. ' +
        'Give the certificates of one region, or put them into the image and give certificatePath.',
    ],
    [
      { sslMode: SslMode.REQUIRE },
      'postgres.sslMode "require" does not check the server\'s certificate. ' +
        'Use "verify-full", or "verify-ca" where its name cannot be checked.',
    ],
  ])('throws what is wrong with its certificates', (changes, rest) => {
    expect(errorWith(make(changes))).toBe(`polls/Database: ${rest}`);
  });
});

describe('a server of the platform', () => {
  it.each([
    ['instances', gke(new CloudSqlPostgres({ instances: {} }))],
    ['servers', eks({ servers: {} })],
    ['servers', aks({ servers: {} })],
  ])('must be among its %s', (property, distribution) => {
    expect(errorWith(distribution)).toBe(
      `polls/Database: name "polls-db" is not among the distribution's postgres.${property}. ` +
        'Add it to them: { "polls-db": { … } }.',
    );
  });

  it.each([
    ['gke', gke(cloudSql({ password: undefined }))],
    ['eks', eks({ servers: { 'polls-db': { host: 'polls.example.com' } } })],
  ])('must have a password on %s', (_name, distribution) => {
    expect(errorWith(distribution)).toBe(
      'polls/Database: password (not given) is needed, because the server is not one that the library makes. ' +
        'Give it, or give the distribution its name in the secret store as password: { secret: "…" }.',
    );
  });
});

describe('CloudNativePG', () => {
  it('makes a Cluster of what the program asks for', () => {
    const { spec } = find(made(operator(), { storageClassName: 'fast' }), 'Cluster', 'polls-db');
    expect(spec).toEqual({
      instances: 3,
      postgresql: {
        parameters: { max_connections: '250', effective_cache_size: '768MB', shared_buffers: '256MB' },
        synchronous: { method: 'any', number: 1, dataDurability: 'required' },
      },
      inheritedMetadata: {
        labels: {
          'app.kubernetes.io/name': 'postgresql',
          'app.kubernetes.io/instance': 'polls-db',
          'app.kubernetes.io/component': 'database',
        },
      },
      bootstrap: { initdb: { database: 'django', owner: 'django' } },
      storage: { size: '20Gi', storageClass: 'fast' },
      resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
      priorityClassName: 'polls-first',
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('takes the number of servers and their image', () => {
    const image = 'ghcr.io/cloudnative-pg/postgresql:17.5';
    const { spec } = find(made(operator({ instances: 1, image })), 'Cluster', 'polls-db');
    expect(spec).toMatchObject({ instances: 1, imageName: image });
  });

  it.each([
    [1, false],
    [2, undefined],
  ])('with %s servers has a budget by which a node can be drained of each: %s', (instances, enablePDB) => {
    const { spec } = find(made(operator({ instances })), 'Cluster', 'polls-db');
    expect(spec.enablePDB).toBe(enablePDB);
  });

  it('is connected to by its Service for writing, with its own password and authority, never its key', () => {
    const manifests = made(operator({}, 'openshift'));
    expect(environmentOf(manifests)).toMatchObject({
      DATABASE_HOST: 'polls-db-rw',
      DATABASE_PASSWORD: { name: 'polls-db-app', key: 'password' },
      DATABASE_SSL_MODE: 'verify-full',
      DATABASE_SSL_ROOT_CERT: '/etc/cdk8s-django/polls-db/ca.crt',
    });
    for (const { spec } of appPods(manifests)) {
      expect(spec.volumes).toContainEqual({
        name: 'database-ca',
        secret: { secretName: 'polls-db-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
      });
    }
  });

  it('is reached by its clients, its operator, its own servers and the scraper, and by nobody else', () => {
    const manifests = made(operator({ operatorNamespaceLabels: { team: 'dba' } }));
    const own = {
      'app.kubernetes.io/name': 'postgresql',
      'app.kubernetes.io/instance': 'polls-db',
      'app.kubernetes.io/component': 'database',
    };
    const { podSelector, ingress, egress } = find(manifests, 'NetworkPolicy', 'polls-db').spec;
    expect(podSelector).toEqual({ matchLabels: own });
    expect(ingress.slice(1)).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { team: 'dba' } } }],
        ports: [
          { port: 8000, protocol: 'TCP' },
          { port: 5432, protocol: 'TCP' },
        ],
      },
      { from: [{ podSelector: { matchLabels: own } }] },
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: [{ port: 9187, protocol: 'TCP' }],
      },
    ]);
    expect(ingress[0].from).toHaveLength(3);
    expect(egress.at(-1)).toEqual({ to: [{ podSelector: { matchLabels: own } }] });
    expect(JSON.stringify(egress)).toContain('6443');
    expect(find(manifests, 'NetworkPolicy', 'polls').spec.egress).toContainEqual({
      to: [{ podSelector: { matchLabels: own } }],
      ports: [{ port: 5432, protocol: 'TCP' }],
    });
  });

  it('makes the password itself', () => {
    expect(errorWith(operator(), { password: PASSWORD })).toBe(
      'polls/Database: password {"secretName":"polls-db-password","key":"password"} is given, but CloudNativePG makes ' +
        'the password itself. Leave it out.',
    );
  });

  it('has at least one server', () => {
    expect(errorWith(operator({ instances: 0 }))).toBe(
      'polls/Database: postgres.instances 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    );
  });
});
