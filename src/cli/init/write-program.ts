import { Plan } from './plan';
import { comment, importOf, indented, object, quoted } from './typescript-text';
import { chartFile } from './write-chart';

/** `main.ts`: the facts of the clusters, and the call that writes the manifests. */
export function mainText(plan: Plan): string {
  const { className, image, distributions } = plan;
  return [
    importOf(['Distribution', 'synthesize'], 'cdk8s-django'),
    `import { ${className}Chart } from './${chartFile(plan)}';`,
    '',
    '// The facts of each cluster, once. Each distribution has a folder of its own in dist/.',
    ...distributions.flatMap(({ platform }) => (WARNINGS[platform] ? [comment(WARNINGS[platform])] : [])),
    `const distributions = ${listOf(distributions.map(({ expression }) => expression))};`,
    '',
    '// The pipeline says which image it has built.',
    `const image = process.env.IMAGE ?? ${quoted(image)};`,
    '',
    'synthesize(distributions, (app) => {',
    indented(chartOf(plan)),
    '});',
    '',
  ].join('\n');
}

/** The chart of the first environment. */
function chartOf({ name, className, host }: Plan): string {
  const props = object({ namespace: quoted(name), image: 'image', host: quoted(host) });
  return `new ${className}Chart(app, ${quoted(name)}, ${props});`;
}

/** What costs time if it is wrong, for readers of the program. */
const WARNINGS: { [platform: string]: string } = {
  upstream:
    'Network policies let in the pods of the router: with another namespace than theirs, visitors get 503.',
};

/** A list on one line if it is short. */
function listOf(expressions: string[]): string {
  const line = `[${expressions.join(', ')}]`;
  const isShort = line.length <= 80 && !line.includes('\n');
  return isShort ? line : `[\n${expressions.map((one) => `${indented(one)},\n`).join('')}]`;
}

/** A test of what must never change, for the first distribution. */
export function testText(plan: Plan): string {
  const { name, className, image, distributions, project } = plan;
  const { database, settings } = project;
  const environment = [
    `    CDK8S_DJANGO_SETTINGS_MODULE: ${quoted(settings.module.value)},`,
    ...(database.isPostgres ? [`    DATABASE_HOST: ${quoted(`${name}-db`)},`] : []),
  ];
  return [
    "import { Distribution } from 'cdk8s-django';",
    "import { manifestsFor } from 'cdk8s-django/testing';",
    "import 'cdk8s-django/testing/jest';",
    `import { ${className}Chart } from './${chartFile(plan)}';`,
    '',
    `const distribution = ${distributions[0].expression};`,
    'const manifests = manifestsFor(distribution, (app) => {',
    `  const image = ${quoted(image)};`,
    indented(chartOf(plan)),
    '});',
    '',
    "test('the Service leads to the web server', () => {",
    `  expect(manifests).toServe(${quoted(name)}, {`,
    '    servicePort: 8000,',
    `    workload: ${quoted(`Deployment/${name}`)},`,
    "    container: 'web',",
    '    port: 8000,',
    '  });',
    '});',
    '',
    "test('the replicas know their settings and servers', () => {",
    `  expect(manifests).toHaveEnvironment('Deployment', ${quoted(name)}, {`,
    ...environment,
    '  });',
    '});',
    '',
  ].join('\n');
}

/** What package.json needs of the library's own: its versions of tools. */
export interface ToolVersions {
  readonly [name: string]: string;
}

const RUN_TIME = ['cdk8s', 'cdk8s-plus-27', 'constructs'];
const TOOLS = ['@types/jest', '@types/node', 'cdk8s-cli', 'jest', 'ts-jest', 'ts-node', 'typescript'];

/** `package.json`, with the tools in the versions that the library is tested with. */
export function packageText({ name, library, tilt }: Plan, versions: ToolVersions): string {
  const only = (names: string[]) => Object.fromEntries(names.map((one) => [one, versions[one]]));
  const content = {
    name: `${name}-deploy`,
    private: true,
    scripts: {
      synth: 'cdk8s synth --check-upgrade=false',
      ...(tilt ? { 'synth:local': 'ts-node --transpile-only local.ts' } : {}),
      test: 'jest',
      check: 'tsc',
    },
    dependencies: { ...only(RUN_TIME), 'cdk8s-django': library },
    devDependencies: only(TOOLS),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

export const CDK8S_TEXT = `# What "cdk8s synth" runs. It does not check types, which takes longer than all the rest: "npm run check" does.
language: typescript
app: npx ts-node --transpile-only main.ts
`;

export const TSCONFIG_TEXT = `{
  "compilerOptions": {
    "target": "ES2022",
    "module": "node16",
    "moduleResolution": "node16",
    "isolatedModules": true,
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  }
}
`;

export const JEST_TEXT = `module.exports = { preset: 'ts-jest' };
`;

export const IGNORE_TEXT = `/node_modules/
# A GitOps engine reads the manifests from git: commit them for one, and remove this line.
/dist/
`;
