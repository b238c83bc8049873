import { Construct } from 'constructs';
import { ApplicationSet, AppProject } from '../../imports/argoproj.io';
import { checkName } from '../kubernetes/names';
import { SYNC_POLICY, TEMPLATES } from './argo-cd';
import { checkSource, checkText } from './checks';
import { previewNamespace } from './preview-names';
import { IPullRequests } from './pull-requests';

/** Whose previews Argo CD makes, and from what. */
export interface ArgoCdPreviewsProps {
  /** Name of the application, as its Previews have it. */
  readonly name: string;

  /** The requests that each have a preview while they are open. */
  readonly pullRequests: IPullRequests;

  /** URL of the Git repository that has the manifests of the previews. */
  readonly repository: string;

  /**
   * Where the manifests of a request are: a branch or commit, with the names that the generator gives.
   *
   * @default - `{{.head_sha}}`: the request's own branch has them
   */
  readonly revision?: string;

  /**
   * Path of the manifests in the repository.
   *
   * @default dist
   */
  readonly path?: string;

  /**
   * The name that Argo CD has for the cluster.
   *
   * @default - the cluster that Argo CD is in, `in-cluster`
   */
  readonly cluster?: string;

  /**
   * Namespace of Argo CD.
   *
   * @default argocd
   */
  readonly namespace?: string;
}

/** What is not in a namespace and is shared: a preview may have it, and it stays. */
const SHARED = [
  { group: 'storage.k8s.io', kind: 'StorageClass' },
  { group: 'networking.k8s.io', kind: 'IngressClass' },
];

/**
 * Has Argo CD make a preview for each open pull request: an ApplicationSet with the generator of pull requests, and an
 * AppProject that allows the namespaces of these previews alone. When a request is closed, Argo CD deletes all that it
 * applied for it, the namespace and its volumes too.
 *
 * A pipeline of the request makes the manifests with a Preview, and commits them where `revision` and `path` say. Make
 * that Preview without an end date: Argo CD would make its namespace again.
 *
 * @example
 * new ArgoCdPreviews(new Chart(new App(), 'previews'), 'Previews', {
 *   name: 'polls',
 *   pullRequests: new GithubPullRequests({ owner: 'example', repository: 'polls' }),
 *   repository: 'https://github.com/example/polls.git',
 *   path: 'preview/upstream',
 * });
 */
export class ArgoCdPreviews extends Construct {
  constructor(scope: Construct, id: string, props: ArgoCdPreviewsProps) {
    super(scope, id);
    const { pullRequests, cluster = 'in-cluster', namespace = 'argocd' } = props;
    const name = `${checkName(this, 'name', props.name)}-previews`;
    const repository = checkText('ArgoCdPreviews', 'repository', props.repository);
    const path = checkSource('ArgoCdPreviews', props.path ?? 'dist');
    const namespaces = previewNamespace(props.name, '*');
    new AppProject(this, 'Project', {
      metadata: { name, namespace },
      spec: {
        description: `Previews of ${props.name}`,
        sourceRepos: [repository],
        destinations: [{ name: cluster, namespace: namespaces }],
        clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: namespaces }, ...SHARED],
        namespaceResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    });
    new ApplicationSet(this, 'ApplicationSet', {
      metadata: { name, namespace },
      spec: {
        ...TEMPLATES,
        generators: [{ pullRequest: { ...pullRequests.toGenerator(), requeueAfterSeconds: 300 } }],
        template: {
          metadata: { name: `${props.name}-preview-{{.number}}` },
          spec: {
            project: name,
            source: { repoUrl: repository, targetRevision: props.revision ?? '{{.head_sha}}', path },
            // One that the project allows. All manifests name theirs, which Argo CD cannot know: this one is never made.
            destination: { name: cluster, namespace: previewNamespace(props.name, '{{.number}}') },
            syncPolicy: { ...SYNC_POLICY, syncOptions: undefined },
          },
        },
      },
    });
  }
}
