/**
 * What the library costs, as ratios within one run: times themselves depend on the machine.
 *
 * - Synthesizing twice as many distributions should take twice as long: the cost is linear.
 * - Synthesizing four times as many applications in one App likewise.
 * - Loading the library against loading cdk8s, each in a process of its own, without what Node itself costs.
 * - An application made of our constructs, against the same number of bare ApiObjects: what the constructs add.
 */
const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { ApiObject, App, Chart } = require('cdk8s');
const {
  Distribution,
  DjangoApp,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
  synthesize,
} = require('cdk8s-django');

const ROUNDS = 7;

function distribution(name) {
  return Distribution.upstream({ name, gatewayClassName: 'contour', clusterIssuer: 'letsencrypt' });
}

function newApp() {
  return new App({ outdir: mkdtempSync(join(tmpdir(), 'bench-')) });
}

function polls(app, name = 'polls') {
  const chart = new Chart(app, name, { namespace: name });
  const database = new PostgresBackend(chart, 'Database', { name: `${name}-db`, storage: '1Gi' });
  const image = 'registry.example.com/polls:1.0.0';
  const django = new DjangoApp(chart, 'Polls', {
    name,
    image,
    settingsModule: 'mysite.settings',
    database,
  });
  new PublicRoute(chart, 'Route', { app: django, hosts: [`${name}.example.com`] });
  new HealthMonitoring(chart, 'Health', { app: django, metrics: {} });
  new LeastPrivilegeAccess(chart, 'Access', { app: django });
  return chart;
}

function synthesizePolls(times) {
  process.env.CDK8S_OUTDIR = mkdtempSync(join(tmpdir(), 'bench-'));
  const distributions = Array.from({ length: times }, (_, index) => distribution(`upstream-${index}`));
  synthesize(distributions, (app) => polls(app));
}

function synthesizeApplications(count) {
  process.env.CDK8S_OUTDIR = mkdtempSync(join(tmpdir(), 'bench-'));
  synthesize([distribution()], (app) => {
    for (let index = 0; index < count; index++) polls(app, `polls-${index}`);
  });
}

/** The same documents, given as they are: what cdk8s itself costs. */
function synthesizeBare(manifests) {
  const app = newApp();
  const chart = new Chart(app, 'polls', { namespace: 'polls' });
  manifests.forEach((manifest, index) => new ApiObject(chart, `Resource${index}`, manifest));
  app.synth();
}

function milliseconds(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** The median of several rounds, measured alternately so that a slow moment of the machine hits both. */
function ratio(one, other) {
  const ratios = [];
  one();
  other();
  for (let round = 0; round < ROUNDS; round++) ratios.push(milliseconds(one) / milliseconds(other));
  return ratios.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

/** What new processes cost that run programs, without what Node itself costs: the median of the ratios of 15 rounds. */
function processRatio(one, other) {
  const run = (program) =>
    milliseconds(() => execFileSync(process.execPath, ['-e', program], { cwd: __dirname }));
  const ratios = Array.from({ length: 15 }, () => {
    const node = run('');
    return (run(one) - node) / (run(other) - node);
  });
  return ratios.sort((a, b) => a - b)[7];
}

const CDK8S = "require('cdk8s')";
const ONE_PLATFORM = "const { Distribution, DjangoApp } = require('cdk8s-django'); Distribution.gke();";

const app = newApp();
Distribution.bind(app, distribution());
const manifests = polls(app).toJson();

const rows = [
  [
    'require cdk8s-django : cdk8s',
    processRatio("require('cdk8s-django')", CDK8S),
    'below 1: it loads what is used',
  ],
  ['DjangoApp and GKE : cdk8s', processRatio(ONE_PLATFORM, CDK8S), '1 adds nothing'],
  [
    'ten distributions : five',
    ratio(
      () => synthesizePolls(10),
      () => synthesizePolls(5),
    ),
    '2 is linear',
  ],
  [
    'forty applications : ten',
    ratio(
      () => synthesizeApplications(40),
      () => synthesizeApplications(10),
    ),
    '4 is linear',
  ],
  [
    'constructs : bare ApiObjects',
    ratio(
      () => synthesizePolls(1),
      () => synthesizeBare(manifests),
    ),
    '1 adds nothing',
  ],
];
for (const [name, value, meaning] of rows)
  console.log(`${name.padEnd(32)}${value.toFixed(2).padStart(6)}   ${meaning}`);
