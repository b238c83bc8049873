/**
 * The programs that are measured, each in a process of its own: `node program.js WHAT NUMBER`. With LIBRARY, the
 * library and cdk8s are those of another checkout, built as this one is.
 */
const { appendFileSync, readdirSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const { LIBRARY = join(__dirname, '../..') } = process.env;
const load = createRequire(join(LIBRARY, 'program.js'));

const ROUTER = { 'network.openshift.io/policy-group': 'ingress' };
const PLATFORMS = (Distribution) => [
  Distribution.gke({ certificateMap: 'polls' }),
  Distribution.eks({
    certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
    loadBalancerCidrs: ['10.0.0.0/20'],
  }),
  Distribution.aks({
    keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
    certificateClientId: '00000000-0000-0000-0000-000000000000',
  }),
  Distribution.openshift(),
  Distribution.upstream({ clusterIssuer: 'letsencrypt', routerNamespaceLabels: ROUTER }),
];

let most = 0;

/** Adds the KiB of memory that this process used at most to a file, whenever they have grown by a tenth. */
function noteMemory() {
  if (!process.env.MEMORY) return;
  const { maxRSS } = process.resourceUsage();
  if (maxRSS < 1.1 * most) return;
  most = maxRSS;
  appendFileSync(process.env.MEMORY, `${maxRSS}\n`);
}

/** An application with the five constructs. */
function fill(chart, name, tag = '1.4.2') {
  noteMemory();
  const library = load('cdk8s-django');
  const database = new library.PostgresBackend(chart, 'Database', { name: `${name}-db`, storage: '20Gi' });
  const app = new library.DjangoApp(chart, 'App', {
    name,
    image: `registry.example.com/${name}:${tag}`,
    settingsModule: 'mysite.settings',
    database,
    scaling: { minReplicas: 3, maxReplicas: 10 },
  });
  new library.PublicRoute(chart, 'Route', { app, hosts: [`${name}.example.com`] });
  new library.HealthMonitoring(chart, 'Health', { app, metrics: {} });
  new library.LeastPrivilegeAccess(chart, 'Access', { app, viewers: ['viewers'], operators: ['operators'] });
}

const nameOf = (index) => `polls-${index}`;

function applications(count, platforms) {
  const { Distribution, synthesize } = load('cdk8s-django');
  const { Chart } = load('cdk8s');
  synthesize(platforms(Distribution), (app) => {
    for (let index = 0; index < count; index++) {
      const name = nameOf(index);
      fill(new Chart(app, name, { namespace: name }), name);
    }
  });
}

/** The manifests of as many applications, given to cdk8s as they are. */
function bare(count) {
  const { ApiObject, App, Chart, Yaml } = load('cdk8s');
  const manifests = Yaml.load(process.env.MANIFESTS);
  const app = new App();
  for (let copy = 0; copy < count; copy++) {
    const chart = new Chart(app, nameOf(copy), { namespace: nameOf(copy) });
    manifests.forEach(
      (manifest, index) => new ApiObject(chart, `Resource${index}`, JSON.parse(JSON.stringify(manifest))),
    );
  }
  app.synth();
}

/** The policy of cdk8s-cli, over what as many applications have. */
async function policy(count) {
  applications(count, (Distribution) => PLATFORMS(Distribution).slice(-1));
  const { PolicyValidation } = load('cdk8s-django/policy');
  const folder = process.env.CDK8S_OUTDIR;
  const manifests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => join(folder, path));
  const report = { addViolation: ({ ruleName }) => fail(ruleName), submit: () => {} };
  await new PolicyValidation().validate({ manifests, metadata: {}, report });
}

function fail(rule) {
  throw new Error(`the applications break ${rule}`);
}

function fleet(count) {
  const { Distribution } = load('cdk8s-django');
  const { Fleet } = load('cdk8s-django/fleet');
  const { CHANGED } = process.env;
  const application = (name) => ({
    name,
    namespace: name,
    define: (chart) => fill(chart, name, name === CHANGED ? '1.4.3' : undefined),
  });
  new Fleet({
    distributions: PLATFORMS(Distribution),
    applications: Array.from({ length: count }, (_, index) => application(nameOf(index))),
    namespaces: CHANGED && [CHANGED],
    shards: CHANGED ? 1 : 2,
  }).synthesize();
}

const PROGRAMS = {
  node: () => {},
  cdk8s: () => load('cdk8s'),
  library: () => load('cdk8s-django'),
  'one platform': () => {
    const { Distribution, DjangoApp } = load('cdk8s-django');
    return [Distribution.gke(), DjangoApp];
  },
  'five platforms': () => applications(1, PLATFORMS),
  applications: (count) => applications(count, (Distribution) => PLATFORMS(Distribution).slice(-1)),
  distributions: (count) =>
    applications(1, ({ upstream }) =>
      Array.from({ length: count }, (_, index) =>
        upstream({ name: nameOf(index), clusterIssuer: 'le', routerNamespaceLabels: ROUTER }),
      ),
    ),
  bare,
  policy,
  fleet,
};

const [, , what, number] = process.argv;
PROGRAMS[what](Number(number));
