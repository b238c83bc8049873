import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Distribution, IDistribution, LeastPrivilegeAccess, synthesize } from 'cdk8s-django';
import { AnnotatedIdentity } from 'cdk8s-django/identity';
import { podsIn } from '../../support/manifests';
import { chartOn, django, errorOf, find, NAMESPACE, postgres, synth } from '../../support/synth';

/** What a program with one chart is written to. */
const FILES = ['access.md', 'polls.k8s.yaml', 'zz-polls-runtime.k8s.yaml'];

const GSA = 'polls@acme.iam.gserviceaccount.com';
const ROLE = 'arn:aws:iam::111122223333:role/apps/polls';
const CLIENT_ID = '00000000-0000-0000-0000-000000000000';

const DISTRIBUTIONS: Record<string, () => IDistribution> = {
  'gke directly': () => Distribution.gke({ projectId: 'acme' }),
  'gke with a Google service account': () =>
    Distribution.gke({ projectId: 'acme', googleServiceAccounts: { polls: GSA } }),
  'eks with Pod Identity': () => Distribution.eks({ clusterName: 'main' }),
  'eks with a role': () => Distribution.eks({ roleArns: { polls: ROLE } }),
  aks: () => Distribution.aks({ clientIds: { polls: CLIENT_ID } }),
  'openshift with annotations': () =>
    Distribution.openshift({
      identity: new AnnotatedIdentity({
        serviceAccountAnnotations: { polls: { 'eks.amazonaws.com/role-arn': ROLE } },
        podLabels: { cloud: 'aws' },
        egress: [{ peers: [{ cidr: '10.1.2.3/32' }], ports: [{ port: 8443 }] }],
      }),
    }),
};

const ANNOTATIONS: Record<string, Record<string, string> | undefined> = {
  'gke directly': undefined,
  'gke with a Google service account': { 'iam.gke.io/gcp-service-account': GSA },
  'eks with Pod Identity': undefined,
  'eks with a role': { 'eks.amazonaws.com/role-arn': ROLE },
  aks: { 'azure.workload.identity/client-id': CLIENT_ID },
  'openshift with annotations': { 'eks.amazonaws.com/role-arn': ROLE },
};

const LABELS: Record<string, Record<string, string>> = {
  aks: { 'azure.workload.identity/use': 'true' },
  'openshift with annotations': { cloud: 'aws' },
};

const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: 'TCP' }));
const to = (cidr: string, ...ports: number[]) => ({ to: [{ ipBlock: { cidr } }], ports: tcp(...ports) });
const HTTPS = { ports: tcp(443) };
const METADATA = [to('169.254.169.254/32', 80, 8080), to('169.254.169.252/32', 987, 988)];
const EGRESS: Record<string, any[]> = {
  'gke directly': [...METADATA, HTTPS],
  'gke with a Google service account': [...METADATA, HTTPS],
  'eks with Pod Identity': [to('169.254.170.23/32', 80), HTTPS],
  'eks with a role': [HTTPS],
  aks: [HTTPS],
  'openshift with annotations': [to('10.1.2.3/32', 8443)],
};

const COMMANDS: Record<string, string[]> = {
  'gke directly': [
    'gcloud projects describe "acme"',
    'workloadIdentityPools/acme.svc.id.goog/subject/ns/polls/sa/polls"',
  ],
  'gke with a Google service account': [
    `gcloud iam service-accounts add-iam-policy-binding ${GSA}`,
    '--member="serviceAccount:acme.svc.id.goog[polls/polls]"',
  ],
  'eks with Pod Identity': [
    'aws eks create-pod-identity-association --cluster-name "main" --namespace polls',
    '--service-account polls',
  ],
  'eks with a role': ['# system:serviceaccount:polls:polls', 'PRINCIPAL="polls"'],
  aks: ['--subject system:serviceaccount:polls:polls --audience api://AzureADTokenExchange'],
};

function define(chart: Chart, platformIdentity = true) {
  const app = django(chart, { database: postgres(chart), platformIdentity });
  app.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '@daily' });
  new LeastPrivilegeAccess(chart, 'Access', { app });
}

describe.each(Object.keys(DISTRIBUTIONS))('an identity on %s', (name) => {
  const make = DISTRIBUTIONS[name];
  const made = () => synth((chart) => define(chart), make());

  it('is that of the ServiceAccount, which needs no API token for it', () => {
    const account = find(made(), 'ServiceAccount', 'polls');
    expect(account.metadata.annotations).toEqual(ANNOTATIONS[name]);
    expect(account.automountServiceAccountToken).toBe(false);
  });

  it('is known by labels of all pods of the application, which select nothing', () => {
    const pods = podsIn(made()).filter(({ spec }) => spec.serviceAccountName === 'polls');
    expect(pods.map(({ kind }) => kind).sort()).toEqual(['CronJob', 'Deployment', 'Job']);
    for (const { labels } of pods) expect(labels).toMatchObject(LABELS[name] ?? {});
    const { selector } = find(made(), 'Deployment', 'polls').spec;
    expect(Object.keys(selector.matchLabels)).toHaveLength(3);
  });

  it('can be fetched under the network policies', () => {
    for (const policy of ['polls', 'polls-jobs']) {
      const { egress } = find(made(), 'NetworkPolicy', policy).spec;
      expect(egress).toEqual(expect.arrayContaining(EGRESS[name]));
    }
  });

  it('comes with the commands that link it', () => {
    const chart = chartOn(make());
    define(chart);
    const text = Distribution.identityCommands(chart);
    if (!COMMANDS[name]) return expect(text).toBeUndefined();
    for (const command of COMMANDS[name]) expect(text).toContain(command);
  });

  it('leaves no trace where it is not asked for', () => {
    const without = synth((chart) => define(chart, false), make());
    expect(find(without, 'ServiceAccount', 'polls').metadata.annotations).toBeUndefined();
    const { egress } = find(without, 'NetworkPolicy', 'polls').spec;
    for (const rule of EGRESS[name]) expect(egress).not.toContainEqual(rule);
    const plain = find(without, 'Deployment', 'polls').spec.template.metadata.labels;
    expect(Object.keys(plain)).toHaveLength(4);
  });
});

describe('the metadata server of GKE', () => {
  it('is where a program says', () => {
    const metadataServer = [{ peers: [{ cidr: '169.254.169.254/32' }], ports: [{ port: 80 }] }];
    const made = synth((chart) => define(chart), Distribution.gke({ metadataServer }));
    const { egress } = find(made, 'NetworkPolicy', 'polls').spec;
    expect(egress).toContainEqual(to('169.254.169.254/32', 80));
    expect(JSON.stringify(egress)).not.toContain('169.254.169.252');
  });
});

describe('the file of commands', () => {
  const outputs = (platformIdentity: boolean, directory = mkdtempSync(join(tmpdir(), 'identity-'))) => {
    const before = process.env.CDK8S_OUTDIR;
    process.env.CDK8S_OUTDIR = directory;
    try {
      synthesize([Distribution.gke({ projectId: 'acme' }), Distribution.openshift()], (app) => {
        const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
        django(chart, { platformIdentity: platformIdentity && Distribution.of(app).name === 'gke' });
      });
    } finally {
      if (before === undefined) delete process.env.CDK8S_OUTDIR;
      else process.env.CDK8S_OUTDIR = before;
    }
    return directory;
  };

  it('is beside the manifests where there are commands, with a name that kubectl leaves out', () => {
    const directory = outputs(true);
    expect(readdirSync(join(directory, 'gke')).sort()).toEqual([...FILES, 'identity.txt'].sort());
    expect(readdirSync(join(directory, 'openshift')).sort()).toEqual(FILES);
    const text = readFileSync(join(directory, 'gke', 'identity.txt'), 'utf8');
    expect(text).toContain('# ServiceAccount "polls" of namespace "polls"\n');
  });

  it('goes when there are none any more', () => {
    const directory = outputs(false, outputs(true));
    expect(readdirSync(join(directory, 'gke')).sort()).toEqual(FILES);
  });
});

describe('an identity that cannot be', () => {
  const asked = (chart: Chart) => django(chart, { platformIdentity: true });

  it.each(['openshift', 'upstream'])('for want of any on %s', (name) => {
    const distribution = name === 'openshift' ? Distribution.openshift() : Distribution.upstream();
    expect(errorOf(asked, distribution)).toBe(
      `polls/Polls: platformIdentity true is needed, and ${name} does not have identities. ` +
        'Give the distribution identity: new AnnotatedIdentity({ … }).',
    );
  });

  it('for want of a client ID on AKS', () => {
    expect(errorOf(asked, Distribution.aks({ clientIds: { other: CLIENT_ID } }))).toBe(
      'polls/Polls: clientIds.polls (not given) is needed for ServiceAccount "polls" to act as a managed identity. ' +
        'Give Distribution.aks({ clientIds: { "polls": "…" } }).',
    );
  });

  it('for a role that is none', () => {
    expect(errorOf(asked, Distribution.eks({ roleArns: { polls: 'polls' } }))).toBe(
      'polls/Polls: roleArns.polls "polls" is not the ARN of an IAM role. ' +
        'Give Distribution.eks({ roleArns: { "polls": "arn:aws:iam::111122223333:role/polls" } }).',
    );
  });

  const LABEL_REMEDY =
    'Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one.';
  it.each([
    [
      'an application that is misspelt',
      { serviceAccountAnnotations: { pols: {} } },
      'serviceAccountAnnotations.polls (not given) is needed for that ServiceAccount, and those of ["pols"] alone are ' +
        'given. Give its annotations, or {} when it needs none.',
    ],
    [
      'what is no annotation',
      { serviceAccountAnnotations: { polls: { 'a b': 'x' } } },
      `serviceAccountAnnotations.polls "a b" is not the key of a label. ${LABEL_REMEDY}`,
    ],
    [
      'what is no label',
      { serviceAccountAnnotations: { polls: {} }, podLabels: { 'a b': 'c' } },
      `podLabels "a b" is not the key of a label. ${LABEL_REMEDY}`,
    ],
    [
      'a label of the library',
      { serviceAccountAnnotations: { polls: {} }, podLabels: { 'app.kubernetes.io/name': 'other' } },
      'podLabels "app.kubernetes.io/name" is a label of the library, which its Deployments and Services find the pods ' +
        'by. Leave it out.',
    ],
  ])('for %s', (_what, props, message) => {
    const distribution = Distribution.openshift({ identity: new AnnotatedIdentity(props as any) });
    expect(errorOf(asked, distribution)).toBe(`polls/Polls: identity.${message}`);
  });
});
