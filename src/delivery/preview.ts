import { ApiObject, Chart } from 'cdk8s';
import { IConstruct, IMixin } from 'constructs';
import { DjangoApp } from '../django-app/django-app';
import { writtenNamespace } from '../fleet/delivery';
import { annotate, holdsData, isShared, resourcesOf, runtimeOf } from '../gitops/resources';
import * as k8s from '../kubernetes/api';
import { InvalidInputError, Problem } from '../kubernetes/errors';
import { MANAGED_BY } from '../kubernetes/labels';
import { addProblems, LocatedProblem } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { ManagedPostgres } from '../managed-postgres/managed-postgres';
import { IPythonImage } from '../platform/python-image';
import { checkText } from './checks';
import { scheduleOf } from './end-date';
import { PreviewEnd } from './preview-end';
import { branchLabel, previewNamespace } from './preview-names';
import { makeSmall } from './small';

/** The labels of a preview's namespaces, with the name of the first one, and with that of the application. */
const PREVIEW_LABEL = 'preview.cdk8s-django/namespace';
const APPLICATION_LABEL = 'preview.cdk8s-django/application';
const BRANCH_ANNOTATION = 'preview.cdk8s-django/branch';
const UNTIL_ANNOTATION = 'preview.cdk8s-django/until';

/** The branch that a preview is of. */
export interface PreviewProps {
  /** Name of the application: a DNS label of at most 40 characters. */
  readonly name: string;

  /** The Git branch. */
  readonly branch: string;

  /** Host below which each preview has its own: `preview.example.com`. */
  readonly parentHost: string;

  /**
   * The day on which it removes itself, at 0:00 UTC: `2027-02-14`.
   *
   * @default - never
   */
  readonly until?: string;
}

/**
 * An environment for a branch, from the same chart as production, with a namespace and a host of its own. It has one
 * replica of each process, small requests and volumes, and a database of its own if the chart makes one. The volume of a
 * database that is restored (`restoreFrom`) keeps its size. Applied to the charts as a mixin, it makes their pods small,
 * sees to the namespace, and lets Argo CD and Flux delete what they would keep in production. With `until`, a CronJob
 * beside the application deletes the namespace on that day.
 *
 * All that it makes is in its namespace, so that deleting the namespace removes it; AKS has one more beside it. Both
 * have the label `preview.cdk8s-django/namespace` with the name of the first. What several namespaces share, such
 * as a StorageClass, is left.
 *
 * Throws when:
 * - the name, the branch or the parent host cannot be part of a namespace or host;
 * - `until` is not a day.
 *
 * It throws at synth when a chart makes something outside the namespace. So the distribution of previews needs a
 * `firstPriorityClassName`: without one, a PriorityClass for each namespace would be made and stay. It also throws at
 * synth when a chart has a ManagedPostgres: its claim could change the server that production uses.
 *
 * @example
 * const preview = new Preview({ name: 'polls', branch: 'fix/login', parentHost: 'preview.example.com' });
 * const upstream = Distribution.upstream({ clusterIssuer: 'letsencrypt', firstPriorityClassName: '' });
 * synthesize([upstream], (app) => {
 *   const chart = new Chart(app, 'polls', { namespace: preview.namespace });
 *   const polls = new DjangoApp(chart, 'Polls', {
 *     name: 'polls',
 *     image: 'registry.example.com/polls:fix-login',
 *     settingsModule: 'mysite.settings',
 *   });
 *   new PublicRoute(chart, 'Route', { app: polls, hosts: [preview.host] });
 *   app.with(preview);
 * });
 */
export class Preview implements IMixin {
  /** Its namespace: `polls-preview-fix-login-3k9xz`. */
  readonly namespace: string;

  /** Its host: `fix-login-3k9xz.preview.example.com`. */
  readonly host: string;

  private readonly schedule?: string;

  constructor(private readonly props: PreviewProps) {
    const name = checkText('Preview', 'name', props.name);
    const label = branchLabel(name, checkText('Preview', 'branch', props.branch));
    this.namespace = previewNamespace(checkPart('name', name, LABEL), label);
    this.host = `${label}.${checkPart('parentHost', props.parentHost, PARENT_HOST)}`;
    this.schedule = props.until === undefined ? undefined : scheduleOf(props.until);
  }

  /** Whether a construct is a chart. */
  supports(construct: IConstruct): boolean {
    return Chart.isChart(construct);
  }

  /** Makes a chart a preview. */
  applyTo(construct: IConstruct): void {
    const chart = Chart.of(construct);
    addProblems(chart, () => resourcesOf(chart).flatMap((resource) => this.outside(chart, resource)));
    addProblems(chart, () => claimsOf(chart).map(refusedClaim));
    const app = chart.node.findAll().find((one) => one instanceof DjangoApp);
    if (app instanceof DjangoApp) this.makeNamespace(chart, app);
    const runtime = runtimeOf(chart);
    for (const resource of [...resourcesOf(chart), ...runtime]) {
      makeSmall(resource);
      if (!holdsData(resource) && !runtime.includes(resource)) continue;
      annotate(resource, 'argocd.argoproj.io/sync-options', 'Prune=true');
      annotate(resource, 'kustomize.toolkit.fluxcd.io/prune', 'enabled');
    }
  }

  /** Says on its namespaces what they are. Makes the one if no chart does, and what deletes them, once for all. */
  private makeNamespace(chart: Chart, python: IPythonImage): void {
    const { namespace, schedule } = this;
    const metadata = { name: namespace, labels: MANAGED_BY };
    if (!this.namespacesIn(chart).some(({ name }) => name === namespace)) {
      new Resource(chart, 'PreviewNamespace', k8s.manifest('Namespace', { metadata }));
    }
    const all = this.namespacesIn(chart);
    for (const one of all) {
      one.metadata.addLabel(PREVIEW_LABEL, namespace);
      one.metadata.addLabel(APPLICATION_LABEL, this.props.name);
      one.metadata.addAnnotation(BRANCH_ANNOTATION, this.props.branch);
      if (this.props.until) one.metadata.addAnnotation(UNTIL_ANNOTATION, this.props.until);
    }
    const hasEnd = chart.node.root.node.findAll().some((one) => one instanceof PreviewEnd);
    if (schedule === undefined || hasEnd) return;
    const others = all.map(({ name }) => name).filter((name) => name !== namespace);
    new PreviewEnd(chart, 'PreviewEnd', { namespace, others, python, schedule });
  }

  /** The namespaces of the preview that charts make: its own, and those that a platform needs beside it. */
  private namespacesIn(chart: Chart): ApiObject[] {
    const isOwn = (one: IConstruct): one is ApiObject =>
      ApiObject.isApiObject(one) &&
      one.kind === 'Namespace' &&
      `${one.name}-`.startsWith(`${this.namespace}-`);
    return chart.node.root.node.findAll().filter(isOwn);
  }

  /** What is wrong with a resource that would stay when the namespace is deleted. */
  private outside(chart: Chart, resource: ApiObject): Problem[] {
    const { kind, name } = resource;
    const namespace = writtenNamespace(resource) ?? '';
    const own = [this.namespace, ...this.namespacesIn(chart).map((one) => one.name)];
    const isOwn = own.includes(kind === 'Namespace' ? name : namespace);
    if (isOwn || isShared(resource)) return [];
    return [
      {
        property: kind,
        value: name,
        reason: `is not in the namespace ${this.namespace} of the preview, and would stay when that is removed`,
        remedy:
          kind === 'PriorityClass'
            ? 'Give the distribution of previews another class, or none: firstPriorityClassName: ""'
            : 'Give the chart the namespace of the preview, and leave out what is not for previews',
      },
    ];
  }
}

/** The claims of servers of a cloud in a chart, without those of charts within it. */
function claimsOf(chart: Chart): ManagedPostgres[] {
  return chart.node
    .findAll()
    .filter((one): one is ManagedPostgres => one instanceof ManagedPostgres && Chart.of(one) === chart);
}

/** What is wrong with a claim: its server has one name in the cloud, in a preview as in production. */
function refusedClaim({ name, node }: ManagedPostgres): LocatedProblem {
  return {
    path: node.path,
    property: 'ManagedPostgres',
    value: name,
    reason: 'is in a preview, where its claim could change the server of that name that production uses',
    remedy: 'Leave it out of previews: make it in a chart of its own, which they do not have',
  };
}

const LABEL = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const PARENT_HOST = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;

function checkPart(property: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return value;
  throw new InvalidInputError('Preview', {
    property,
    value,
    reason: property === 'name' ? 'is not a DNS label of at most 40 characters' : 'is not a host with a dot',
    remedy: 'Use lower-case letters, digits and "-", and between the labels of a host "."',
  });
}
