import { groupOf, namespaceOfObject } from '../../access-report/objects';
import { sortedBy, uniqueSorted } from '../../kubernetes/collections';
import { podOf } from '../../kubernetes/pod-manifests';
import { manifestsIn } from '../manifests';
import { ExitCode } from '../problem';
import { Terminal } from '../terminal';
import { imageFindings } from './doctor-image';
import { Kubectl, Outcome, printed, problemOf } from './kubectl';

/** What is not as the manifests need it, or cannot be looked at. */
interface Finding {
  readonly text: string;
  /** Whether it keeps the manifests from working, as far as can be told. */
  readonly isLack: boolean;
}

/** The least version of Kubernetes that the manifests are for. */
const LEAST_MINOR = 30;

/** What brings the definitions of a group. */
const BRINGS: Record<string, string> = {
  'gateway.networking.k8s.io': 'Install the Gateway API and a controller for it',
  'monitoring.coreos.com': 'Install the Prometheus Operator',
  'cert-manager.io': 'Install cert-manager',
  'external-secrets.io': 'Install the External Secrets Operator',
  'barmancloud.cnpg.io': 'Install the Barman Cloud plugin of CloudNativePG',
  'postgresql.cnpg.io': 'Install CloudNativePG',
  'keda.sh': 'Install KEDA',
  'autoscaling.k8s.io': 'Install the VerticalPodAutoscaler',
  'snapshot.storage.k8s.io': 'Install the snapshot controller and its definitions',
  'velero.io': 'Install Velero',
  'projectcontour.io': 'Install Contour',
  'shipwright.io': 'Install Shipwright Build',
};

/** What `doctor` is given. */
export interface DoctorOptions {
  /** Whether to run a short program in the images of the application too. */
  readonly image?: boolean;
}

/**
 * Says what a cluster lacks for manifests. It reads, and asks the API server about rights. It changes nothing, save
 * that a pod for each image is there for a moment.
 */
export async function doctor(
  folder: string,
  { image = false }: DoctorOptions,
  { kubectl, terminal }: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  const manifests = manifestsIn(folder);
  const version = JSON.parse(await printed(kubectl, ['get', '--raw=/version']));
  const findings = [
    ...versionFindings(version),
    ...(await new Examination(kubectl, manifests).findings()),
    ...(image ? await imageFindings(kubectl, manifests) : []),
  ];
  findings.forEach(({ text, isLack }) => terminal.write(`${isLack ? '! ' : '? '}${text}`));
  const lacks = findings.filter(({ isLack }) => isLack).length;
  const unknown = findings.length - lacks;
  const about = `${manifests.length} objects of ${folder} on Kubernetes ${version.gitVersion}`;
  terminal.write(
    lacks || unknown
      ? `${about}: ${lacks} lacking, ${unknown} that could not be looked at.`
      : `${about}: nothing is lacking.`,
  );
  return lacks ? ExitCode.FAILURE : ExitCode.SUCCESS;
}

function versionFindings({ minor, gitVersion }: any): Finding[] {
  return parseInt(minor, 10) < LEAST_MINOR
    ? [lack(`Kubernetes is ${gitVersion}. The manifests are for 1.${LEAST_MINOR} and later.`)]
    : [];
}

const lack = (text: string): Finding => ({ text, isLack: true });
const unknown = (text: string): Finding => ({ text, isLack: false });

/** A resource as a request names it. */
interface ServedResource {
  readonly group: string;
  readonly name: string;
  readonly namespaced: boolean;
}

class Examination {
  constructor(
    private readonly kubectl: Kubectl,
    private readonly manifests: any[],
  ) {}

  async findings(): Promise<Finding[]> {
    const { findings, served } = await this.definitions();
    return [
      ...findings,
      ...(await this.classes()),
      ...(await this.secrets()),
      ...(await this.routers()),
      ...(await this.rights(served)),
    ];
  }

  /** Each version of a group is asked once for its resources. */
  private async definitions(): Promise<{ findings: Finding[]; served: Map<string, ServedResource> }> {
    const served = new Map<string, ServedResource>();
    const findings: Finding[] = [];
    for (const apiVersion of uniqueSorted(this.manifests.map((one) => one.apiVersion))) {
      const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const outcome = await this.kubectl.call(['get', `--raw=${path}`]);
      const resources: any[] = this.found(outcome) ? JSON.parse(outcome.stdout).resources : [];
      const group = groupOf(apiVersion);
      for (const kind of uniqueSorted(
        this.manifests.filter((one) => one.apiVersion === apiVersion).map((one) => one.kind),
      )) {
        const resource = resources.find((one) => one.kind === kind && !one.name.includes('/'));
        if (resource) served.set(`${apiVersion} ${kind}`, { group, ...resource });
        else
          findings.push(
            lack(
              `The cluster does not know ${kind} of ${apiVersion}. ${BRINGS[group] ?? 'Install what brings its definition'}.`,
            ),
          );
      }
    }
    return { findings, served };
  }

  /** Whether something was found. It throws for everything else but an answer. */
  private found(outcome: Outcome): boolean {
    if (outcome.code === 0) return true;
    if (/not ?found|could not find the requested resource|doesn't have a resource type/i.test(outcome.stderr))
      return false;
    throw problemOf(outcome);
  }

  /** What manifests name and an administrator has made. */
  private async classes(): Promise<Finding[]> {
    const named = sortedBy(
      [
        ...new Map(
          this.manifests.flatMap(namedClasses).map((one) => [`${one.kind} ${one.name}`, one]),
        ).values(),
      ],
      ({ kind, name }) => `${kind} ${name}`,
    );
    const own = new Set(this.manifests.map(({ kind, metadata }) => `${kind} ${metadata?.name}`));
    const findings: Finding[] = [];
    for (const { kind, name, resource, path } of named.filter((one) => !own.has(`${one.kind} ${one.name}`))) {
      if (!name) findings.push(...(await this.defaultStorageClass()));
      else
        findings.push(
          ...(await this.look(
            `${kind} ${name}`,
            ['get', resource, name, '--output=name'],
            `${path} names it`,
          )),
        );
    }
    return findings;
  }

  private async defaultStorageClass(): Promise<Finding[]> {
    const outcome = await this.kubectl.call(['get', 'storageclasses', '--output=json']);
    if (outcome.code !== 0)
      return [unknown(`Whether there is a default StorageClass: ${problemOf(outcome).message}`)];
    const isDefault = ({ metadata }: any) =>
      metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    return JSON.parse(outcome.stdout).items.some(isDefault)
      ? []
      : [
          lack(
            'No StorageClass is the default one, and a volume names none. Name one, or annotate one as the default.',
          ),
        ];
  }

  private async look(what: string, args: string[], why: string): Promise<Finding[]> {
    const outcome = await this.kubectl.call(args);
    if (outcome.code === 0) return [];
    if (/forbidden/i.test(outcome.stderr))
      return [unknown(`Whether there is ${what} (${why}): you may not look.`)];
    return this.found(outcome) ? [] : [lack(`There is no ${what}; ${why}.`)];
  }

  /** Secrets that pods need and the manifests do not make. The answer is a table without their values. */
  private async secrets(): Promise<Finding[]> {
    const made = new Set(
      this.manifests
        .filter(({ kind }) =>
          ['Secret', 'ExternalSecret', 'SealedSecret', 'SecretProviderClass'].includes(kind),
        )
        .map((one) => `${namespaceOfObject(one)}/${one.spec?.target?.name ?? one.metadata.name}`),
    );
    const findings: Finding[] = [];
    for (const secret of uniqueSorted(this.manifests.flatMap(secretsOf)).filter((one) => !made.has(one))) {
      const [namespace, name] = secret.split('/');
      const place = namespace ? [`--namespace=${namespace}`] : [];
      findings.push(
        ...(await this.look(
          `Secret ${secret}`,
          ['get', 'secret', name, ...place, '--no-headers'],
          'pods read it',
        )),
      );
    }
    return findings;
  }

  /** A policy lets in pods of namespaces by labels. If no namespace has them, requests are answered with 503. */
  private async routers(): Promise<Finding[]> {
    const selectors = uniqueSorted(this.manifests.flatMap(routerSelectors));
    if (!selectors.length) return [];
    const outcome = await this.kubectl.call(['get', 'namespaces', '--output=json']);
    if (outcome.code !== 0)
      return [unknown(`Whether a namespace has the labels of the router: ${problemOf(outcome).message}`)];
    const namespaces: any[] = JSON.parse(outcome.stdout).items;
    const own = this.manifests.filter(({ kind }) => kind === 'Namespace');
    const has = (selector: string) =>
      [...namespaces, ...own].some(({ metadata }) =>
        Object.entries(JSON.parse(selector)).every(([key, value]) => labelsOf(metadata)[key] === value),
      );
    return selectors
      .filter((selector) => !has(selector))
      .map((selector) =>
        lack(
          `No namespace has the labels ${selector}, by which a NetworkPolicy lets in. Nothing of there is let in; for a router that means 503. Correct the namespace or labels of the router in the distribution, or label the namespace.`,
        ),
      );
  }

  /** What applying needs, asked for all kinds at once. */
  private async rights(served: Map<string, ServedResource>): Promise<Finding[]> {
    const requests = this.manifests.flatMap((one) => {
      const resource = served.get(`${one.apiVersion} ${one.kind}`);
      return resource ? this.requestsFor(one, resource) : [];
    });
    const asked = [...new Map(requests.map((one) => [shownRequest(one), one]))];
    const items = asked.map(([, resourceAttributes]) => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    }));
    const reviews = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const jsonpath = '--output=jsonpath={.status.allowed}{"\\n"}';
    const outcome = await this.kubectl.call(['create', '--filename=-', jsonpath], reviews);
    if (outcome.code !== 0) return [unknown(`Your rights: ${problemOf(outcome).message}`)];
    const answers = outcome.stdout.trim().split('\n');
    const denied = asked.filter((_, index) => answers[index] !== 'true');
    return denied.map(([request]) => lack(`You may not ${request}, which applying needs.`));
  }

  /** To apply is to get, and to create or patch. Those who may not create what has no namespace may find it unchanged. */
  private requestsFor(one: any, { group, name, namespaced }: ServedResource): AccessRequest[] {
    if (!namespaced) return [{ verb: 'get', group, resource: name, name: one.metadata.name }];
    const namespace = namespaceOfObject(one) || this.kubectl.namespace;
    const request = { group, resource: name, namespace };
    const patched = one.kind === 'Secret' ? { ...request, name: one.metadata.name } : request;
    return [
      { verb: 'create', ...request },
      { verb: 'patch', ...patched },
    ];
  }
}

/** A request, as a review asks for it. */
interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

function shownRequest({ verb, group, resource, namespace, name }: AccessRequest): string {
  const what = [group ? `${resource}.${group}` : resource, ...(name ? [name] : [])].join(' ');
  return `${verb} ${what}${namespace ? ` in namespace ${namespace}` : ''}`;
}

function labelsOf(metadata: any): Record<string, string> {
  return { 'kubernetes.io/metadata.name': metadata.name, ...metadata.labels };
}

interface NamedClass {
  readonly kind: string;
  readonly resource: string;
  /** Empty for the default StorageClass. */
  readonly name: string;
  readonly path: string;
}

function namedClasses({ kind, metadata, spec }: any): NamedClass[] {
  const path = `${kind} ${metadata?.name}`;
  const storage = (claim: any): NamedClass[] => [
    { kind: 'StorageClass', resource: 'storageclasses', name: claim?.spec?.storageClassName ?? '', path },
  ];
  const issuer = metadata?.annotations?.['cert-manager.io/cluster-issuer'];
  return [
    ...(kind === 'PersistentVolumeClaim' ? storage({ spec }) : []),
    ...(kind === 'StatefulSet' ? (spec.volumeClaimTemplates ?? []).flatMap(storage) : []),
    ...(kind === 'Gateway'
      ? [{ kind: 'GatewayClass', resource: 'gatewayclasses', name: spec.gatewayClassName, path }]
      : []),
    ...(kind === 'Ingress' && spec.ingressClassName
      ? [{ kind: 'IngressClass', resource: 'ingressclasses', name: spec.ingressClassName, path }]
      : []),
    ...(issuer
      ? [{ kind: 'ClusterIssuer', resource: 'clusterissuers.cert-manager.io', name: issuer, path }]
      : []),
  ];
}

/** The Secrets without which containers of an object do not start. */
function secretsOf(object: any): string[] {
  const spec = podOf(object).value?.spec;
  if (!spec?.containers) return [];
  const containers: any[] = [...(spec.initContainers ?? []), ...spec.containers];
  const references: any[] = [
    ...containers.flatMap(({ env = [] }) => env.map((one: any) => one.valueFrom?.secretKeyRef)),
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map((one: any) => one.secretRef)),
    ...(spec.volumes ?? []).map(({ secret }: any) => secret && { name: secret.secretName, ...secret }),
  ];
  return references
    .filter((one) => one?.name && !one.optional)
    .map(({ name }) => `${namespaceOfObject(object)}/${name}`);
}

function routerSelectors({ kind, spec }: any): string[] {
  if (kind !== 'NetworkPolicy') return [];
  return (spec.ingress ?? [])
    .flatMap(({ from = [] }: any) => from)
    .map(({ namespaceSelector }: any) => namespaceSelector?.matchLabels)
    .filter(Boolean)
    .map((labels: any) => JSON.stringify(labels));
}
