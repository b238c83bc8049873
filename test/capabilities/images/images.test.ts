import { App, Chart } from 'cdk8s';
import {
  Distribution,
  DjangoAppProps,
  IDistribution,
  ImageBuild,
  PostgresBackend,
  ValkeyBackend,
} from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { SAMPLES } from '../../support/distributions';
import { K3s } from '../../support/own-distribution';
import { django, find, IMAGE, NAMESPACE, postgres } from '../../support/synth';

const GOOGLE = 'europe-docker.pkg.dev/acme/web/polls:1.4.2';
const AMAZON = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/polls:1.4.2';
const AZURE = 'acme.azurecr.io/web/polls:1.4.2';
const INTERNAL = 'image-registry.openshift-image-registry.svc:5000';

/** The commands of the side file, without its header. */
function commands(distribution: IDistribution, ...apps: Partial<DjangoAppProps>[]): string[] {
  const app = new App();
  Distribution.bind(app, distribution);
  const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
  apps.forEach((props, index) => django(chart, { name: `app-${index}`, ...props }, `App${index}`));
  const [, ...blocks] = Distribution.identityCommands(app)?.trim().split('\n\n') ?? [];
  return blocks;
}

describe("an image of the platform's registry", () => {
  it('is pulled by the service account of the nodes of GKE', () => {
    expect(commands(Distribution.gke(), { image: GOOGLE })).toEqual([
      '# Images of europe-docker.pkg.dev/acme/web\n' +
        '# NODE_SERVICE_ACCOUNT is the Google service account of the nodes.\n' +
        'gcloud artifacts repositories add-iam-policy-binding web --project="acme" \\\n' +
        '  --location=europe --role=roles/artifactregistry.reader \\\n' +
        '  --member="serviceAccount:${NODE_SERVICE_ACCOUNT:?}"',
    ]);
  });

  it('is pulled from a project of a domain', () => {
    const image = 'europe-west1-docker.pkg.dev/example.com/acme/web/polls:1.4.2';
    const [block] = commands(Distribution.gke(), { image });
    expect(block).toContain('add-iam-policy-binding web --project="example.com:acme"');
    expect(block).toContain('--location=europe-west1 ');
  });

  it('is pulled by the role of the nodes of EKS', () => {
    expect(commands(Distribution.eks(), { image: AMAZON })).toEqual([
      '# Images of 111122223333.dkr.ecr.eu-west-1.amazonaws.com\n' +
        '# NODE_ROLE is the IAM role of the nodes. If it is of another account than 111122223333, the policy of the\n' +
        '# repository has to allow that account too.\n' +
        'aws iam attach-role-policy --role-name "${NODE_ROLE:?}" ' +
        '--policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly',
    ]);
  });

  it.each([
    ['cn-north-1.amazonaws.com.cn', 'arn:aws-cn:iam'],
    ['us-gov-west-1.amazonaws.com', 'arn:aws-us-gov:iam'],
  ])('is pulled with the policy of its partition: %s', (domain, arn) => {
    const [block] = commands(Distribution.eks(), { image: `111122223333.dkr.ecr.${domain}/polls:1.4.2` });
    expect(block).toContain(`--policy-arn ${arn}::aws:policy/`);
  });

  it('is pulled by the kubelets of AKS', () => {
    expect(commands(Distribution.aks(), { image: AZURE })).toEqual([
      '# Images of acme.azurecr.io/web\n' +
        '# CLUSTER and CLUSTER_RESOURCE_GROUP are the names of the cluster and of its resource group.\n' +
        'az aks update --name "${CLUSTER:?}" --resource-group "${CLUSTER_RESOURCE_GROUP:?}" \\\n' +
        '  --attach-acr acme',
    ]);
  });

  it('needs its commands once for several applications', () => {
    expect(commands(Distribution.aks(), { image: AZURE }, { image: AZURE })).toHaveLength(1);
  });

  it('needs nothing when it is pulled with a Secret', () => {
    expect(commands(Distribution.gke(), { image: GOOGLE, imagePullSecrets: ['registry'] })).toEqual([]);
  });

  it('needs its commands for the images of a database too', () => {
    const app = new App();
    Distribution.bind(app, Distribution.aks());
    const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
    postgres(chart, { image: 'acme.azurecr.io/postgres:15', pythonImage: 'other.azurecr.io/python:3.13' });
    const text = Distribution.identityCommands(app);
    expect(text).toContain('--attach-acr acme\n');
    expect(text).toContain('--attach-acr other\n');
  });

  it("is pulled for the server and the password of a ValkeyBackend, by AKS' nodes", () => {
    const app = new App();
    Distribution.bind(app, Distribution.aks());
    const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
    new ValkeyBackend(chart, 'Cache', {
      name: 'polls-cache',
      image: 'acme.azurecr.io/valkey:8.1',
      pythonImage: 'other.azurecr.io/python:3.13',
    });
    const text = Distribution.identityCommands(app);
    expect(text).toContain('--attach-acr acme\n');
    expect(text).toContain('--attach-acr other\n');
  });
});

describe('an image of any other registry', () => {
  it.each([...SAMPLES, { name: 'k3s', make: () => new K3s() }])('needs nothing on $name', ({ make }) => {
    const images = [IMAGE, 'polls:1.4.2', 'docker.io/acme/polls:1.4.2', 'gcr.io.example.com/a/polls:1'];
    for (const image of images) {
      expect(commands(make(), { image })).toEqual([]);
    }
  });

  it.each([
    ['GKE', Distribution.gke(), AMAZON],
    ['EKS', Distribution.eks(), AZURE],
    ['AKS', Distribution.aks(), GOOGLE],
    ['upstream', Distribution.upstream(), GOOGLE],
  ])("needs nothing on %s when it is another platform's", (_name, distribution, image) => {
    expect(commands(distribution, { image })).toEqual([]);
  });
});

describe("an image of OpenShift's registry", () => {
  const bindings = (define: (chart: Chart, app: App) => void) =>
    manifestsFor(Distribution.openshift(), (app) =>
      define(new Chart(app, 'polls', { namespace: NAMESPACE }), app),
    ).filter(({ kind, roleRef }) => kind === 'RoleBinding' && roleRef.name === 'system:image-puller');
  const image = `${INTERNAL}/builds/polls:1.4.2`;

  it('may be pulled from another namespace, by a RoleBinding there', () => {
    const made = bindings((chart) => {
      const { imagePullResources } = django(chart, { image });
      expect(imagePullResources.map(({ kind }) => kind)).toEqual(['RoleBinding']);
    });
    expect(made).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: {
          name: 'image-pullers-of-polls',
          namespace: 'builds',
          labels: { 'app.kubernetes.io/managed-by': 'cdk8s-django' },
        },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:image-puller' },
        subjects: [
          { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:serviceaccounts:polls' },
        ],
      },
    ]);
  });

  it.each([
    ['of its own namespace', `${INTERNAL}/polls/polls:1.4.2`],
    ['that everybody may pull', `${INTERNAL}/openshift/python:3.13`],
    ['of another registry', IMAGE],
  ])('needs no RoleBinding when it is one %s', (_what, other) => {
    expect(bindings((chart) => django(chart, { image: other }))).toEqual([]);
  });

  it('has one RoleBinding for several images of a namespace', () => {
    const made = bindings((chart) => {
      const database = postgres(chart, { image: `${INTERNAL}/builds/postgres:15` });
      django(chart, { image, database });
      django(chart, { name: 'shop', image }, 'Shop');
    });
    expect(made).toHaveLength(1);
  });

  it('has one in each namespace that images come from', () => {
    const made = bindings((chart) => {
      const other = `${INTERNAL}/databases/postgres:15`;
      new PostgresBackend(chart, 'Database', {
        name: 'polls-db',
        storage: '1Gi',
        image: other,
        pythonImage: image,
      });
    });
    expect(made.map(({ metadata }) => metadata.namespace).sort()).toEqual(['builds', 'databases']);
  });

  it('needs none when its build gives the right already', () => {
    const define = (pullNamespaces: string[]) => (chart: Chart, app: App) => {
      const build = new ImageBuild(new Chart(app, 'builds', { namespace: 'builds' }), 'Image', {
        name: 'polls',
        version: '1.4.2',
        source: { url: 'https://git.example.com/polls.git', revision: 'v1.4.2' },
        pullNamespaces,
      });
      django(chart, { image: build.image });
    };
    const names = (pullNamespaces: string[]) =>
      bindings(define(pullNamespaces))
        .map(({ metadata }) => metadata.name)
        .sort();
    expect(names(['polls'])).toEqual(['polls-image-pullers']);
    expect(names(['shop'])).toEqual(['image-pullers-of-polls', 'polls-image-pullers']);
    expect(names([])).toEqual(['image-pullers-of-polls']);
  });

  it('leaves the application as it is', () => {
    const make = (props: Partial<DjangoAppProps>) =>
      manifestsFor(Distribution.openshift(), (app) => {
        django(new Chart(app, 'polls', { namespace: NAMESPACE }), props);
      });
    const { spec } = find(make({ image }), 'Deployment', 'polls').spec.template;
    expect(spec).not.toHaveProperty('imagePullSecrets');
    expect(spec.containers[0].image).toBe(image);
  });
});
