import { randomBytes } from 'node:crypto';
import { uniqueSorted } from '../../kubernetes/collections';
import { Kubectl, problemOf } from './kubectl';

/** What an image is, as the program in it says. */
interface ImageFacts {
  readonly python: number[];
  readonly user: number;
  /** Packages by their names on PyPI, with the version. */
  readonly packages: Record<string, string>;
  /** Modules that were looked for and are there. */
  readonly modules: string[];
  readonly writable: boolean;
}

/** What is not as the manifests need it in an image, or could not be looked at. */
export interface ImageFinding {
  readonly text: string;
  readonly isLack: boolean;
}

const PREFIX = 'cdk8s-django-image: ';

/** Python 2 reads it too, so that it can say its version. It comes by standard input: the image needs no file of ours. */
const PROGRAM = `
import json, os, sys, tempfile
facts = {"python": list(sys.version_info[:2]), "user": os.getuid(), "packages": {}, "modules": [], "writable": True}
try:
    from importlib import metadata, util
    for name in PACKAGES:
        try:
            facts["packages"][name] = metadata.version(name)
        except Exception:
            pass
    facts["modules"] = [name for name in MODULES if util.find_spec(name)]
except ImportError:
    pass
try:
    tempfile.TemporaryFile(dir="/tmp").close()
except Exception:
    facts["writable"] = False
print("${PREFIX}" + json.dumps(facts))
`;

const DRIVERS = ['psycopg', 'psycopg2', 'psycopg2-binary'];

/** What the pods of one image need. */
interface Needs {
  readonly image: string;
  readonly namespace?: string;
  readonly podSpec: any;
  readonly packages: string[];
  readonly modules: string[];
  readonly needsDriver: boolean;
}

/** Runs a short program in each image that has the application, as the user and with the limits of its pods. */
export async function imageFindings(kubectl: Kubectl, manifests: any[]): Promise<ImageFinding[]> {
  const deployments = manifests.filter(isOfApplication);
  const images = uniqueSorted(deployments.map((one) => containerOf(one).image as string));
  const findings: ImageFinding[] = [];
  for (const image of images) {
    const pods = deployments.filter((one) => containerOf(one).image === image);
    findings.push(...(await findingsOf(kubectl, needsOf(pods, manifests))));
  }
  return findings;
}

const containerOf = ({ spec }: any) => spec.template.spec.containers[0];

/** Whether a Deployment runs the Python of the library in the image of the application. */
function isOfApplication(one: any): boolean {
  if (one.kind !== 'Deployment') return false;
  const { command = [] } = containerOf(one);
  return command[0] === 'python' && /^(cdk8s_django\.|celery$)/.test(command[2] ?? '');
}

function needsOf(deployments: any[], manifests: any[]): Needs {
  const [{ metadata, spec }] = deployments;
  const containers = deployments.map(containerOf);
  const commands = containers.map(({ command, args = [] }) => [...command, ...args] as string[]);
  const servers = commands.filter((one) => one[2] === 'cdk8s_django.serve').map((one) => one[3]);
  const celery = commands.some((one) => one[2] === 'celery') ? ['celery'] : [];
  const settings = containers.flatMap(({ envFrom = [] }) =>
    envFrom.map(({ configMapRef }: any) => settingsIn(manifests, metadata.namespace, configMapRef?.name)),
  );
  const urls = containers.flatMap(({ env = [] }) => env.map(({ value }: any) => String(value)));
  return {
    image: containers[0].image,
    namespace: metadata.namespace,
    podSpec: spec.template.spec,
    packages: uniqueSorted(['django', ...servers, ...celery]),
    modules: uniqueSorted(settings.filter(Boolean).map((name) => name.split('.')[0])),
    needsDriver: urls.some((value) => /^postgres(ql)?:/.test(value)),
  };
}

function settingsIn(manifests: any[], namespace: string | undefined, name: string | undefined): string {
  const found = manifests.find(
    ({ kind, metadata }) =>
      kind === 'ConfigMap' && metadata.name === name && metadata.namespace === namespace,
  );
  return found?.data?.CDK8S_DJANGO_SETTINGS_MODULE ?? '';
}

async function findingsOf(kubectl: Kubectl, needs: Needs): Promise<ImageFinding[]> {
  const { image } = needs;
  const name = `cdk8s-django-image-${randomBytes(4).toString('hex')}`;
  const packages = [...needs.packages, ...DRIVERS];
  const input = `PACKAGES = ${JSON.stringify(packages)}\nMODULES = ${JSON.stringify(needs.modules)}\n${PROGRAM}`;
  const namespace = kubectl.namespace ?? needs.namespace;
  const outcome = await kubectl.call(
    [
      'run',
      name,
      `--image=${image}`,
      ...(namespace ? [`--namespace=${namespace}`] : []),
      '--restart=Never',
      '--rm',
      '--stdin',
      '--quiet',
      '--pod-running-timeout=2m',
      `--overrides=${JSON.stringify({ spec: podSpecFor(name, needs) })}`,
    ],
    input,
  );
  const line = outcome.stdout.split('\n').find((one) => one.startsWith(PREFIX));
  if (line) return lacksOf(needs, JSON.parse(line.slice(PREFIX.length)));
  if (/"python": executable file not found/.test(outcome.stderr))
    return [{ text: `The image ${image} does not have the program python.`, isLack: true }];
  const why = outcome.code === 0 ? 'its Python said nothing.' : problemOf(outcome).message;
  return [{ text: `Whether the image ${image} fits: ${why}`, isLack: false }];
}

/** A pod as those of the application, without their Secrets and ConfigMaps. */
function podSpecFor(name: string, { image, podSpec }: Needs): any {
  const { securityContext, imagePullSecrets, nodeSelector, tolerations, hostUsers, containers } = podSpec;
  const { securityContext: ofContainer, resources, env = [] } = containers[0];
  return {
    ...{ securityContext, imagePullSecrets, nodeSelector, tolerations, hostUsers },
    automountServiceAccountToken: false,
    containers: [
      {
        ...{ name, image, resources, securityContext: ofContainer },
        env: env.filter((one: any) => one.name === 'PYTHONPATH'),
        command: ['python', '-'],
        stdin: true,
        stdinOnce: true,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  };
}

function lacksOf({ image, packages, modules, needsDriver }: Needs, facts: ImageFacts): ImageFinding[] {
  const [major, minor] = facts.python;
  const version = facts.packages.django ?? '';
  const texts: string[] = [];
  if (major < 3 || minor < 9) texts.push(`has Python ${major}.${minor}. It needs 3.9 or newer.`);
  if (version && compared(version, [4, 2]) < 0) texts.push(`has Django ${version}. It needs 4.2 or newer.`);
  for (const name of packages.filter((one) => !facts.packages[one]))
    texts.push(`does not have the package ${name}. Add it to the requirements of the image.`);
  if (needsDriver && !DRIVERS.some((name) => facts.packages[name]))
    texts.push('does not have psycopg or psycopg2, by which Django asks PostgreSQL. Add one of them.');
  for (const name of modules.filter((one) => !facts.modules.includes(one)))
    texts.push(
      `does not have the module ${name} of the settings in its working directory. Set WORKDIR in the Containerfile, or give pythonPath.`,
    );
  if (!facts.writable) texts.push(`cannot write to /tmp as the user ${facts.user}.`);
  return texts.map((text) => ({ text: `The image ${image} ${text}`, isLack: true }));
}

function compared(version: string, [major, minor]: [number, number]): number {
  const [ofMajor, ofMinor] = version.split('.').map(Number);
  return ofMajor - major || ofMinor - minor;
}
