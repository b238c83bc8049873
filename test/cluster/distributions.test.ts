import { documentsOf } from '../every-option/documents';
import { PLATFORMS } from '../every-option/platforms';
import { definitionOf, knownDefinitions, WITHOUT_DEFINITION } from './support/definitions';
import { apply, tryApply } from './support/kubectl';
import { distManifests, movedTo } from './support/manifests';
import { Namespace } from './support/namespaces';

const namespaces = [new Namespace('polls-dry-run'), new Namespace('polls-dry-run-gateway')];

const deprecated = (kind: string) =>
  `Warning: gateway.k8s.aws/v1beta1 ${kind} is deprecated; use gateway.k8s.aws/v1 ${kind}\n`;

/** GKE knows its own Ingress by the annotation alone; EKS' definitions have both versions, and warn of the older. */
const WARNINGS: Record<string, string> = {
  'gke, Ingress':
    'Warning: annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead\n',
  'eks, Gateway': deprecated('TargetGroupConfiguration') + deprecated('LoadBalancerConfiguration'),
  'eks, a shared Gateway': deprecated('TargetGroupConfiguration'),
};

let known: Set<string>;

beforeAll(async () => {
  known = await knownDefinitions();
  await Promise.all(namespaces.map((namespace) => namespace.clear()));
  // For real, because the rest is to be in them; with their labels, so that Pod Security warns of every pod.
  const all = movedTo('polls-dry-run', distManifests('aks'));
  await apply(
    all.filter(({ kind }) => kind === 'Namespace'),
    '--server-side',
  );
});
afterAll(() => Promise.all(namespaces.map((namespace) => namespace.remove())));

/** Has the API server look at manifests, schemas, rules and admission, as if they were applied. */
async function dryRun(manifests: any[], warnings = ''): Promise<void> {
  // What a platform has of its own may be of kinds without a definition alone.
  if (manifests.length === 0) return;
  const { stdout, stderr } = await tryApply(
    manifests,
    '--server-side',
    '--dry-run=server',
    '--validate=strict',
  );
  expect(stderr).toBe(warnings);
  expect(stdout.trim().split('\n')).toHaveLength(manifests.length);
}

describe('every document of dist/ is what the API server expects, for', () => {
  test.each(['gke', 'eks', 'aks', 'openshift', 'upstream'])('%s', async (distribution) => {
    const manifests = movedTo('polls-dry-run', distManifests(distribution));
    expect(manifests.map(definitionOf).filter((definition) => !known.has(definition))).toEqual([]);
    await dryRun(manifests);
  });
});

describe('every document that any option leads to is what the API server expects, for', () => {
  // Most are the same on several platforms: once is enough.
  const seen = new Set<string>();
  const documents = Object.entries(PLATFORMS).map(([title, platform]) => {
    const manifests = movedTo('polls-dry-run', documentsOf(platform).manifests);
    const fresh = manifests.filter((manifest) => !seen.has(JSON.stringify(manifest)));
    fresh.forEach((manifest) => seen.add(JSON.stringify(manifest)));
    return { title, manifests: fresh };
  });

  test('every kind but those that nobody has a definition of', () => {
    const all = new Set(documents.flatMap(({ manifests }) => manifests.map(definitionOf)));
    expect([...all].filter((definition) => !known.has(definition)).sort()).toEqual(WITHOUT_DEFINITION);
  });

  test.each(documents)('$title', async ({ title, manifests }) => {
    const checked = manifests.filter((manifest) => known.has(definitionOf(manifest)));
    await dryRun(checked.map(inOurNamespace), WARNINGS[title]);
  });
});

/** A document for a namespace of somebody else's, such as Velero's, in one that is there. */
function inOurNamespace(manifest: any): any {
  const { namespace } = manifest.metadata;
  const ours = namespace === undefined || namespaces.some(({ name }) => name === namespace);
  return ours ? manifest : { ...manifest, metadata: { ...manifest.metadata, namespace: namespaces[1].name } };
}
