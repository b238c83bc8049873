import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { definitionOf, WITHOUT_DEFINITION } from '../cluster/support/definitions';
import { publicExports, programOf } from '../support/typescript';
import { validationOf } from '../support/validation';
import { documentsOf } from './documents';
import { PLATFORMS } from './platforms';

const BUILDS = ['image of a Dockerfile', 'image by source-to-image', 'application of an image that is built'];
const BY_REQUESTS = 'application scaled by requests';
const RECOMMENDED = 'application whose resources are recommended';
/** What a HorizontalPodAutoscaler does not know. */
const BY_KEDA = [
  'application scaled by schedules',
  'application scaled by all that there is',
  'workers scaled by queues',
  "workers of Django's Tasks, scaled by what waits",
  'processes scaled by schedules',
];
/** What a cluster does not have unless it says so. */
const EXTRAS = [...BUILDS, ...BY_KEDA, RECOMMENDED];
const BACKUPS = ['backup', 'backup, when and for how long'];
/** What there is not of a server that is not in the cluster. */
const EXPORTERS = 'servers that show their metrics';
/** Where the platform runs Valkey. */
const THREE_SERVERS = 'broker of three servers';
const ROTATED = 'servers whose passwords change';
const RESTRICTED = 'server whose tables migrations alone may change';
const CERTIFIED = 'server whose certificate is checked';
const ARCHIVED = 'server with an archive, and one that is brought to a time';
const REPLICAS = 'server with replicas';
const REPLICA = 'server with a replica, and all that it shares with it';
const OUTSIDE = [
  ...BACKUPS,
  'server with extensions',
  'server from a snapshot',
  'server with data of an older version',
  EXPORTERS,
  ROTATED,
  RESTRICTED,
  CERTIFIED,
  ARCHIVED,
  REPLICA,
];
/** What there is not of a server that an operator makes. */
const OPERATED = [
  'server of the library',
  'server from a snapshot',
  'server with data of an older version',
  EXPORTERS,
  ROTATED,
  RESTRICTED,
  CERTIFIED,
  ARCHIVED,
  REPLICA,
  'backup, when and for how long',
];
/** It does not reach a server through a proxy in its pods. */
const POOLER = 'a pooler in front of a database';
const MAINTENANCE = 'route in maintenance';
const ELSEWHERE = 'route that leads elsewhere';
const STICKY = 'route with sticky sessions';
const STICKY_CANARY = 'route with a canary and sticky sessions';
const NEVER_STICKY = [STICKY, STICKY_CANARY];
const CANARY = ['route with a canary', STICKY_CANARY];
/** The name of the Gateway's Service there has that of the namespace and of the class too. */
const LONGEST_NAME = 'route with the longest name';
const SECRET = 'route with a Secret';
/** Of fewer characters than DNS has are the rules of a load balancer of AWS, and certificates that GKE makes. */
const LONGEST_HOST = 'route of the longest host';
/** What an Ingress alone has, of a controller whose annotation for it is known. */
const BODY_LIMIT = 'route with a limit to uploads';
const INGRESS = 'upstream, Ingress';
const REFRESHED = 'stored secret, refreshed';

/** Pods of GKE have 15 seconds there, unless the cluster gives them more. */
const SPOT = ['application on spot nodes', 'workers on spot nodes'];
/** Where the distribution tells of no labels of nodes. */
const NODES = ['application on a node pool', 'workers on a node pool', 'server on a node pool', ...SPOT];

/** Of the Prometheus operator. */
const ASKED = 'public page that is asked for';
const GKE = [...EXTRAS, MAINTENANCE, ...SPOT, ASKED];
const AKS = [...EXTRAS, BY_REQUESTS, ASKED];
const OPENSHIFT = [...BY_KEDA, BY_REQUESTS, RECOMMENDED];

/** What each platform refuses. All else it makes: test/cluster/distributions.test.ts shows it to an API server. */
const REFUSED: Record<string, string[]> = {
  gke: [...GKE, STICKY_CANARY],
  'gke, Cloud SQL': [THREE_SERVERS, REPLICAS, ...GKE, ...OUTSIDE, STICKY_CANARY, POOLER],
  'gke, CloudNativePG': [...GKE, ...OPERATED, STICKY_CANARY],
  'gke, Cloud SQL by an IAM user': [REPLICAS, ...GKE, ...OUTSIDE, STICKY_CANARY, POOLER],
  'gke, a shared Gateway': [...GKE, SECRET, STICKY_CANARY],
  'gke, Ingress': [...EXTRAS, ASKED, MAINTENANCE, ELSEWHERE, ...CANARY, LONGEST_HOST],
  eks: [...BY_KEDA, RECOMMENDED, ...BACKUPS, 'application of an image that is built', SECRET, LONGEST_HOST],
  'eks, RDS by IAM': [REPLICAS, ...EXTRAS, ...OUTSIDE, SECRET, LONGEST_HOST, POOLER],
  'eks, RDS': [THREE_SERVERS, ...EXTRAS, ...OUTSIDE, SECRET, LONGEST_HOST],
  'eks, CloudNativePG': [...EXTRAS, ...OPERATED, SECRET, LONGEST_HOST],
  'eks, Auto Mode': [...EXTRAS, SECRET, LONGEST_HOST],
  'eks, Gateway': [...EXTRAS, ...BACKUPS, SECRET, LONGEST_HOST],
  'eks, a shared Gateway': [...EXTRAS, ...BACKUPS, SECRET, LONGEST_HOST],
  'eks, Secrets Store CSI driver, EBS volumes, custom metrics and the VerticalPodAutoscaler': [
    ...BUILDS,
    ...BY_KEDA,
    SECRET,
    LONGEST_HOST,
    REFRESHED,
  ],
  aks: [...AKS, ...NEVER_STICKY],
  'aks, Secrets Store CSI driver': [
    ...AKS,
    ...NEVER_STICKY,
    'stored secret, a version and a property of it',
    REFRESHED,
  ],
  'aks, Azure Database': [THREE_SERVERS, ...AKS, ...OUTSIDE, ...NEVER_STICKY],
  'aks, CloudNativePG': [...AKS, ...OPERATED, ...NEVER_STICKY],
  'aks, a shared Gateway': [...AKS, SECRET, ...NEVER_STICKY],
  'aks, Application Gateway': [...AKS, MAINTENANCE, STICKY_CANARY],
  'aks, Application Gateway of somebody else': [...AKS, MAINTENANCE, STICKY_CANARY],
  openshift: [...OPENSHIFT, ...NODES, ELSEWHERE],
  'openshift, CloudNativePG': [THREE_SERVERS, ...OPENSHIFT, ...OPERATED, ELSEWHERE],
  'openshift, CloudNativePG from an object store': [THREE_SERVERS, ...OPENSHIFT, ...OPERATED, ELSEWHERE],
  'openshift, KEDA': [ELSEWHERE],
  'openshift, Gateway': [...OPENSHIFT, ...NODES, ...NEVER_STICKY, LONGEST_NAME],
  'openshift, a shared Gateway': [...OPENSHIFT, ...NODES, SECRET, ...NEVER_STICKY],
  upstream: [...EXTRAS, ...NODES, ...NEVER_STICKY],
  'upstream, a shared Gateway, its own classes and monitoring': [
    ...EXTRAS,
    ...NODES,
    SECRET,
    ...NEVER_STICKY,
  ],
  'upstream, KEDA and snapshots of volumes': [...BUILDS, ...NODES, RECOMMENDED, ...NEVER_STICKY],
  'upstream, Contour': [...EXTRAS, ...NODES, STICKY_CANARY],
  [INGRESS]: [...EXTRAS, ...BACKUPS, ...NODES, ELSEWHERE, ...CANARY],
};

/** Where an operator makes servers of the cloud. */
const CLAIMING = ['eks, RDS', 'gke, Cloud SQL', 'aks, Azure Database'];

const MADE = Object.entries(PLATFORMS).map(([title, platform]) => ({
  title,
  platform,
  ...documentsOf(platform),
}));

test.each(MADE)('$title refuses what it does not have, and makes all else', ({ title, refused }) => {
  const limits = title === INGRESS ? [] : [BODY_LIMIT];
  const signsIn = /^(gke|eks)/.test(title) || title === INGRESS;
  const signIns = signsIn ? [] : ['route with a sign-in', 'route with a sign-in beside another'];
  const claims = CLAIMING.includes(title) ? [] : ['server that an operator makes in a cloud'];
  const queues = title.startsWith('eks') ? [] : ['broker, queues of SQS'];
  expect(Object.keys(refused).sort()).toEqual(
    [...REFUSED[title], ...limits, ...signIns, ...claims, ...queues].sort(),
  );
});

const GOOGLE = ['other routings', 'its own kinds: documentation'];
const CLAIMED = ['claims of servers', 'fields of its definition'];
const APPLICATION_GATEWAY = ['other routings', 'its policies: documentation'];
/** Where docs/distributions.md says of what no API server was shown that it was read: in which row, by which words. */
const READ: Record<string, string[]> = {
  'alb.networking.azure.io/v1 HealthCheckPolicy': APPLICATION_GATEWAY,
  'alb.networking.azure.io/v1 RoutePolicy': APPLICATION_GATEWAY,
  'autoscaling.k8s.io/v1 VerticalPodAutoscaler': ['autoscaling', 'documentation'],
  'barmancloud.cnpg.io/v1 ObjectStore': ['CloudNativePG', 'ObjectStore: its definition'],
  'cilium.io/v2 CiliumNetworkPolicy': ['network policies', 'CiliumNetworkPolicy: its definition'],
  'cloud.google.com/v1 BackendConfig': GOOGLE,
  'dbforpostgresql.azure.com/v20250801 FlexibleServer': CLAIMED,
  'dbforpostgresql.azure.com/v20250801 FlexibleServersAdministrator': CLAIMED,
  'dbforpostgresql.azure.com/v20250801 FlexibleServersConfiguration': CLAIMED,
  'dbforpostgresql.azure.com/v20250801 FlexibleServersDatabase': CLAIMED,
  'eks.amazonaws.com/v1 IngressClassParams': ['other routings', 'IngressClassParams: documentation'],
  'gateway.k8s.aws/v1beta1 ListenerRuleConfiguration': [
    'sticky sessions',
    'ListenerRuleConfiguration: documentation',
  ],
  'grafana.integreatly.org/v1beta1 GrafanaDashboard': ['dashboards', 'GrafanaDashboard: documentation'],
  'monitoring.coreos.com/v1 Probe': ['metrics', 'Probe: documentation'],
  'networking.gke.io/v1 ManagedCertificate': GOOGLE,
  'networking.gke.io/v1alpha1 FQDNNetworkPolicy': ['network policies', 'FQDNNetworkPolicy: its definition'],
  'networking.gke.io/v1beta1 FrontendConfig': ['redirect', 'FrontendConfig of its Ingress: documentation'],
  'networking.k8s.aws/v1alpha1 ApplicationNetworkPolicy': [
    'network policies',
    'ApplicationNetworkPolicy: documentation',
  ],
  'policies.kyverno.io/v1 NamespacedImageValidatingPolicy': [
    'signatures of images',
    'NamespacedImageValidatingPolicy: its definition',
  ],
  'postgresql.cnpg.io/v1 Database': ['CloudNativePG', 'Database'],
  'rds.services.k8s.aws/v1alpha1 DBInstance': CLAIMED,
  'rds.services.k8s.aws/v1alpha1 DBSubnetGroup': CLAIMED,
  'secrets-store.csi.x-k8s.io/v1 SecretProviderClass': ['identity', 'SecretProviderClass: documentation'],
  'sql.cnrm.cloud.google.com/v1beta1 SQLDatabase': CLAIMED,
  'sql.cnrm.cloud.google.com/v1beta1 SQLInstance': CLAIMED,
  'sql.cnrm.cloud.google.com/v1beta1 SQLUser': CLAIMED,
};

test('docs/distributions.md says what no API server was shown', () => {
  expect(Object.keys(READ)).toEqual(WITHOUT_DEFINITION);
  for (const { platform, manifests } of MADE) {
    for (const definition of new Set(manifests.map(definitionOf))) {
      if (!READ[definition]) continue;
      const [concern, words] = READ[definition];
      expect(validationOf(concern, platform.name)).toContain(words);
    }
  }
});

/** What the library hands out to those who write a capability, or fills in itself: no option of a program. */
const NO_OPTIONS = [
  'AccessFacts',
  'AksEgressNamesProps',
  'AlertingRule',
  'AllowedTraffic',
  'ArgoCdDeliveryProps',
  'ArgoCdPreviewsProps',
  'AutoscaleRequest',
  'AwsSecretsManagerProps',
  'AzureBlobStorageProps',
  'AzureKeyVaultProps',
  'BackgroundProcess',
  'BackupRequest',
  'BuildRequest',
  'BuiltImage',
  'CanaryRequest',
  'CeleryWorker',
  'CiliumEgressNamesProps',
  'CloudCommands',
  'CloudIdentity',
  'ContainerKeys',
  'Dashboard',
  'DashboardPanel',
  'DashboardRequest',
  'DashboardSection',
  'DatabaseConnections',
  'DatabaseConnector',
  'DatabaseIdentity',
  'DatabaseRequest',
  'DeliveredKind',
  'DeliveredNamespace',
  'Demand',
  'DumpVolume',
  'EgressNamesRequest',
  'EnvironmentVariable',
  'FleetProps',
  'FluxDeliveryProps',
  'FoundProblem',
  'GeneratedSecretProps',
  'GithubPullRequestsProps',
  'GitlabMergeRequestsProps',
  'GoogleSecretManagerProps',
  'Maintenance',
  'ManagedDatabase',
  'ManagedPostgresRequest',
  'ManagedValkeyServer',
  'MediaBackend',
  'MissingFeature',
  'NamedTraffic',
  'NetworkPeer',
  'OuterConnection',
  'PanelQuery',
  'PodConnection',
  'PodIdentity',
  'PodUser',
  'PolicyContext',
  'PolicyException',
  'PolicyValidationProps',
  'PolicyViolation',
  'PreviewProps',
  'Problem',
  'ProgramProblem',
  'PullAccess',
  'RecommendationRequest',
  'RecordingRule',
  'RedirectTarget',
  'RouteRequest',
  'RuleGroup',
  'RulesRequest',
  'ScalingQuery',
  'ScalingQueue',
  'ScrapeRequest',
  'SecretAccess',
  'SecretReader',
  'SecretRequest',
  'Selector',
  'SubjectPower',
  'SubjectRules',
  'SynthesisOptions',
  'SyntheticCheckRequest',
  'TaskWorker',
  'ValkeyRequest',
  'ViolatingResource',
  'WorkloadIdentity',
];

test('every struct of the public API is used with all its properties, or is no option', () => {
  const structs = publicExports(programOf()).filter(
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
