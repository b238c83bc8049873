import { CiliumEgressNames } from 'cdk8s-django/network';
import { App, Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import { OpenShiftAdmission } from 'cdk8s-django/admission';
import {
  AksDistributionProps,
  DistributionProps,
  EksDistributionProps,
  GkeDistributionProps,
  OpenShiftDistributionProps,
  UpstreamDistributionProps,
} from 'cdk8s-django/distributions';
import {
  IBackup,
  IBuilds,
  IDashboards,
  IIdentity,
  IImages,
  IObjectStorage,
  ISecrets,
} from 'cdk8s-django/platform';
import { AckPostgres, RdsPostgres } from 'cdk8s-django/postgres';
import { LoadBalancerScheme } from 'cdk8s-django/routing';
import { NodeLabelScheduling } from 'cdk8s-django/scheduling';
import { StorageClasses } from 'cdk8s-django/storage';
import { PlatformValkey } from 'cdk8s-django/valkey';
import { Construct } from 'constructs';
import { CERTIFICATE_ARN, OAUTH_CLIENT, PROVIDER, SAMPLES, sample } from '../support/distributions';
import { K3s } from '../support/own-distribution';
import { everything, find, synth } from '../support/synth';

const VERSIONS: Record<string, string> = {
  gke: '1.34',
  eks: '1.34',
  aks: '1.34',
  openshift: '1.32',
  upstream: '1.34',
};

describe.each(SAMPLES)('Distribution.$name', ({ name, make }) => {
  it('goes by its own name and targets the oldest version that its vendor supports', () => {
    expect(make().name).toBe(name);
    expect(make().kubernetesVersion).toBe(VERSIONS[name]);
  });

  it('has every capability', () => {
    const { routing, security, network, storage, monitoring, logging, autoscaling } = make();
    for (const capability of [routing, security, network, storage, monitoring, logging, autoscaling]) {
      expect(capability).toBeDefined();
    }
  });
});

describe('distributions with all props', () => {
  const { routing, security, network, storage, monitoring, logging, autoscaling } = new K3s();
  const identity: IIdentity = { identify: () => ({ egress: [], setup: [] }) };
  const backup: IBackup = { backup: () => [] };
  const builds: IBuilds = { buildImage: () => ({ image: 'a', resources: [] }) };
  const secrets: ISecrets = { fetch: () => [] };
  const postgres = new RdsPostgres({ servers: {} });
  const managedPostgres = new AckPostgres({ servers: {} });
  const valkey = new PlatformValkey({ servers: {} });
  const objectStorage: IObjectStorage = {
    usesIdentity: false,
    media: () => ({ backend: 'a.b.Storage', options: {} }) as any,
  };
  const admission = new OpenShiftAdmission();
  const scheduling = new NodeLabelScheduling();
  const images: IImages = { allowPull: () => ({ setup: [], resources: [] }) };
  const dashboards: IDashboards = { dashboard: () => undefined };
  const archiveBucket = { destination: 's3://archives' };
  const gateway = { name: 'shared', namespace: 'edge' };
  const common = {
    name: 'production',
    kubernetesVersion: '1.35',
    deregistration: Duration.seconds(20),
    routing,
    security,
    network,
    storage,
    monitoring,
    logging,
    autoscaling,
    identity,
    secrets,
    objectStorage,
    postgres,
    managedPostgres,
    valkey,
    builds,
    backup,
    archiveBucket,
    admission,
    scheduling,
    images,
    dashboards,
    firstPriorityClassName: 'urgent',
    dnsAddresses: ['10.96.0.10/32'],
    apiServerAddresses: ['10.96.0.1/32'],
    metricsSources: [{ podLabels: { app: 'collector' } }],
    egressNames: new CiliumEgressNames(),
  };
  /** Every prop at once, so that a new one has to be added here. */
  const gke: Required<GkeDistributionProps> = {
    ...common,
    gatewayClassName: 'a',
    certificateMap: 'b',
    addressName: 'c',
    projectId: 'acme',
    autopilot: true,
    proxyOnlySubnetCidr: '10.0.0.0/23',
    signIn: OAUTH_CLIENT,
    gateway,
    googleServiceAccounts: { polls: 'polls@acme.iam.gserviceaccount.com' },
    metadataServer: [{ ports: [{ port: 80 }] }],
  };
  const eks: Required<EksDistributionProps> = {
    ...common,
    ingressClassName: 'a',
    certificateArn: CERTIFICATE_ARN,
    loadBalancerCidrs: ['10.0.0.0/20'],
    scheme: LoadBalancerScheme.INTERNAL,
    groupName: 'shared',
    signIn: PROVIDER,
    region: 'eu-west-1',
    clusterName: 'production',
    autoMode: true,
    roleArns: { polls: 'arn:aws:iam::111122223333:role/polls' },
  };
  const aks: Required<AksDistributionProps> = {
    ...common,
    gatewayClassName: 'a',
    keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
    certificateClientId: '00000000-0000-0000-0000-000000000000',
    gateway,
    keyVaultUrl: 'https://acme.vault.azure.net',
    storageAccount: 'acme',
    automatic: true,
    tenantId: '00000000-0000-0000-0000-000000000000',
    clientIds: { polls: '00000000-0000-0000-0000-000000000000' },
  };
  const openshift: Required<OpenShiftDistributionProps> = common;
  const upstream: Required<UpstreamDistributionProps> = {
    ...common,
    gatewayClassName: 'a',
    routerNamespaceLabels: { a: 'b' },
    clusterIssuer: 'letsencrypt',
    gateway,
  };

  const MADE: [string, () => IDistribution][] = [
    ['gke', () => Distribution.gke(gke)],
    ['eks', () => Distribution.eks(eks)],
    ['aks', () => Distribution.aks(aks)],
    ['openshift', () => Distribution.openshift(openshift)],
    ['upstream', () => Distribution.upstream(upstream)],
  ];
  it.each(MADE)('of %s take their name, version and capabilities from them', (_name, make) => {
    const made = make();
    expect(made.name).toBe('production');
    expect(made.kubernetesVersion).toBe('1.35');
    expect(made.routing).toBe(routing);
    expect(made.security).toBe(security);
    expect(made.network).toBe(network);
    expect(made.storage).toBe(storage);
    expect(made.monitoring).toBe(monitoring);
    expect(made.logging).toBe(logging);
    expect(made.autoscaling).toBe(autoscaling);
    expect(made.identity).toBe(identity);
    expect(made.secrets).toBe(secrets);
    expect(made.objectStorage).toBe(objectStorage);
    expect(made.postgres).toBe(postgres);
    expect(made.builds).toBe(builds);
    expect(made.backup).toBe(backup);
    expect(made.archiveBucket).toBe(archiveBucket);
    expect(made.admission).toBe(admission);
    expect(made.scheduling).toBe(scheduling);
    expect(made.images).toBe(images);
    expect(made.firstPriorityClassName).toBe('urgent');
  });
});

describe('Distribution.custom', () => {
  it('puts what a program gives in the place of what the table has, and leaves the table as it is', () => {
    const gke = Distribution.gke();
    const storage = new StorageClasses({ storageClassName: 'premium-rwo' });
    const staging = Distribution.custom(gke, { name: 'staging', storage, routing: undefined });
    expect(staging).toMatchObject({ name: 'staging', storage, routing: gke.routing, identity: gke.identity });
    expect(gke.name).toBe('gke');
    expect(gke.storage).not.toBe(storage);
  });

  it('takes a table that computes its capabilities', () => {
    const table: IDistribution = {
      ...new K3s(),
      get name() {
        return 'computed';
      },
    };
    expect(Distribution.custom(table).name).toBe('computed');
    expect(Distribution.custom(table, { name: 'given' }).name).toBe('given');
  });

  it('can be given each capability of a table', () => {
    // The compiler says which one is missing from either.
    const given: Record<keyof IDistribution, true> = {} as Record<keyof DistributionProps, true>;
    const whole: Record<keyof DistributionProps, true> = {} as Record<keyof IDistribution, true>;
    expect(given).toEqual(whole);
  });

  it('refuses a name that is no folder and a version that is too old', () => {
    expect(() => Distribution.custom(new K3s(), { name: 'My cluster' })).toThrow(
      'name "My cluster" is not a DNS label. Use lower-case letters, digits and "-", at most 63.',
    );
    expect(() => Distribution.custom(new K3s(), { kubernetesVersion: '1.29' })).toThrow(
      'kubernetesVersion "1.29" is not a version from 1.30 on. Give major and minor version, such as "1.34".',
    );
  });
});

describe('Distribution.of', () => {
  it('finds what is bound to an App from anywhere below it', () => {
    const app = new App();
    const distribution = sample('gke');
    Distribution.bind(app, distribution);
    const deep = new Construct(new Construct(new Chart(app, 'chart'), 'a'), 'b');
    expect(Distribution.of(deep)).toBe(distribution);
    expect(Distribution.of(app)).toBe(distribution);
  });

  it('finds what is bound nearest', () => {
    const app = new App();
    const [outer, inner] = [sample('gke'), sample('openshift')];
    Distribution.bind(app, outer);
    const chart = new Chart(app, 'chart');
    Distribution.bind(chart, inner);
    expect(Distribution.of(new Construct(chart, 'a'))).toBe(inner);
    expect(Distribution.of(new Chart(app, 'other'))).toBe(outer);
  });

  it('says what to do when nothing is bound', () => {
    const chart = new Chart(new App(), 'chart');
    expect(() => Distribution.of(new Construct(chart, 'Polls'))).toThrow(
      'chart/Polls: distribution (not given) is needed: none is bound to this or to a scope around it. ' +
        'Call Distribution.bind(app, Distribution.upstream()) before making constructs, or use synthesize([…], …).',
    );
    expect(() => Distribution.of(new App())).toThrow(/^\(root\): distribution \(not given\) is needed/);
  });
});

describe('Distribution.bind', () => {
  it('makes charts of one App for two distributions', () => {
    const app = new App();
    const charts = ['openshift', 'upstream'].map((name) => {
      const chart = new Chart(app, name, { namespace: 'polls' });
      Distribution.bind(chart, sample(name));
      everything(chart);
      return chart;
    });
    const [openshift, upstream] = charts.map((chart) => chart.toJson());
    expect(find(openshift, 'Route', 'polls')).toBeDefined();
    expect(find(upstream, 'Gateway', 'polls')).toBeDefined();
  });

  it('refuses a second distribution for one scope', () => {
    const app = new App();
    Distribution.bind(app, sample('gke'));
    expect(() => Distribution.bind(app, sample('eks'))).toThrow(
      '(root): distribution "gke" is bound here already. Bind one distribution to a scope.',
    );
  });

  it('leaves nothing behind in the manifests', () => {
    const text = JSON.stringify(synth((chart) => everything(chart), new K3s()));
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain('k3s');
  });
});
