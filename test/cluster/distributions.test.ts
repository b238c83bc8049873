import { Distribution, IDistribution, StorageClasses } from 'cdk8s-django';
import { apply, kubectl, tryApply } from './support/kubectl';
import { distManifests, movedTo } from './support/manifests';
import { Namespace, NamespaceName } from './support/namespaces';
import { Polls, vote } from './support/polls';
import { routed } from './support/routed';

describe('every document is what the API server expects, for', () => {
  const namespaces = [new Namespace('polls-dry-run'), new Namespace('polls-dry-run-gateway')];

  beforeAll(() => Promise.all(namespaces.map((namespace) => namespace.clear())));
  afterAll(() => Promise.all(namespaces.map((namespace) => namespace.remove())));

  test.each(['gke', 'eks', 'aks', 'openshift', 'upstream'])('%s', async (distribution) => {
    const manifests = movedTo('polls-dry-run', distManifests(distribution));
    expect(await definitionsToInstall(manifests)).toEqual([]);

    // For real, because the rest is to be in them; with their labels, so that Pod Security warns of every pod.
    await apply(manifests.filter(({ kind }) => kind === 'Namespace'));
    const { stdout, stderr } = await tryApply(manifests, '--dry-run=server', '--validate=strict');

    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(manifests.length);
  });
});

describe('the public route of', () => {
  // The cluster's own volumes, and the facts that the routers of the clouds would need.
  const storage = new StorageClasses({});
  const distributions: [NamespaceName, IDistribution][] = [
    ['polls-gke', Distribution.gke({ storage, certificateMap: 'polls' })],
    [
      'polls-eks',
      Distribution.eks({
        storage,
        certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
        loadBalancerCidrs: ['192.0.2.0/24'],
      }),
    ],
    [
      'polls-aks',
      Distribution.aks({
        storage,
        keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
        certificateClientId: '00000000-0000-0000-0000-000000000000',
      }),
    ],
  ];

  describe.each(distributions)('%s', (namespace, distribution) => {
    routed(distribution.name)('takes a vote over HTTPS, and redirects plain HTTP to it', async () => {
      const polls = new Polls(new Namespace(namespace));
      try {
        await polls.deploy({ distribution });
        await polls.createSamplePolls();
        const visitor = await polls.visitor();
        expect((await vote(visitor)).body).toContain('1 vote in all');
        const { status, headers } = await visitor.getPlain('/1/');
        expect([301, 302, 308]).toContain(status);
        expect(headers.location).toBe(`https://${polls.host}/1/`);
      } finally {
        await polls.namespace.remove();
        if (namespace === 'polls-aks') await new Namespace('polls-aks-gateway').remove();
      }
    });
  });
});

/** The kinds of these manifests that the cluster does not know. */
async function definitionsToInstall(manifests: any[]): Promise<string[]> {
  const known = new Set<string>();
  for (const line of (await kubectl('api-resources', '--no-headers')).trim().split('\n')) {
    const [kind, , version] = line.trim().split(/\s+/).reverse();
    known.add(`${version} ${kind}`);
  }
  const missing = manifests
    .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    .filter((it) => !known.has(it));
  return missing.map((it) => `install the definition of ${it}`);
}
