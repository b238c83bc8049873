import { ApplicationSetSpecGeneratorsPullRequest } from '../../imports/argoproj.io';
import { checkLabel, checkSecretName, checkText, checkUrl } from './checks';

/** The requests of a Git host, as Argo CD's generator asks for them. */
export interface IPullRequests {
  /** The fields of `pullRequest` of an ApplicationSet's generator. */
  toGenerator(): any;
}

/** Which pull requests of GitHub have a preview. */
export interface GithubPullRequestsProps {
  /** Owner of the repository. */
  readonly owner: string;

  /** Name of the repository. */
  readonly repository: string;

  /**
   * URL of a GitHub Enterprise Server, such as `https://github.example.com`.
   *
   * @default - github.com
   */
  readonly url?: string;

  /**
   * Labels that a pull request must have.
   *
   * @default - none
   */
  readonly labels?: string[];

  /**
   * Name of a Secret of Argo CD's namespace whose key `token` has an access token.
   *
   * @default - none: the repository is public
   */
  readonly tokenSecretName?: string;
}

/**
 * The open pull requests of a repository of GitHub.
 *
 * Throws when:
 *
 * - a name or a label is empty or has spaces that do not belong to it;
 * - the URL is not one of HTTP, or has a login or a query;
 * - no Secret can have the name.
 *
 * @example
 * const requests = new GithubPullRequests({ owner: 'example', repository: 'polls', labels: ['preview'] });
 */
export class GithubPullRequests implements IPullRequests {
  constructor(private readonly props: GithubPullRequestsProps) {
    const where = 'GithubPullRequests';
    checkText(where, 'owner', props.owner);
    checkText(where, 'repository', props.repository);
    checkRequests(where, props);
  }

  /** The fields of the generator. */
  toGenerator(): any {
    const { owner, repository, url, labels, tokenSecretName } = this.props;
    const generator: ApplicationSetSpecGeneratorsPullRequest = {
      github: { owner, repo: repository, api: url, labels, tokenRef: tokenRef(tokenSecretName) },
    };
    return generator;
  }
}

/** Which merge requests of GitLab have a preview. */
export interface GitlabMergeRequestsProps {
  /** Path or number of the project: `example/polls`. */
  readonly project: string;

  /**
   * URL of the GitLab, such as `https://gitlab.example.com`.
   *
   * @default - gitlab.com
   */
  readonly url?: string;

  /**
   * Labels that a merge request must have.
   *
   * @default - none
   */
  readonly labels?: string[];

  /**
   * Name of a Secret of Argo CD's namespace whose key `token` has an access token.
   *
   * @default - none: the project is public
   */
  readonly tokenSecretName?: string;
}

/**
 * The open merge requests of a project of GitLab.
 *
 * Throws when:
 *
 * - a name or a label is empty or has spaces that do not belong to it;
 * - the URL is not one of HTTP, or has a login or a query;
 * - no Secret can have the name.
 *
 * @example
 * const requests = new GitlabMergeRequests({ project: 'example/polls', tokenSecretName: 'gitlab' });
 */
export class GitlabMergeRequests implements IPullRequests {
  constructor(private readonly props: GitlabMergeRequestsProps) {
    const where = 'GitlabMergeRequests';
    checkText(where, 'project', props.project);
    checkRequests(where, props);
  }

  /** The fields of the generator. */
  toGenerator(): any {
    const { project, url, labels, tokenSecretName } = this.props;
    const generator: ApplicationSetSpecGeneratorsPullRequest = {
      // Without it, the generator asks for merged and closed requests too.
      gitlab: { project, api: url, labels, pullRequestState: 'opened', tokenRef: tokenRef(tokenSecretName) },
    };
    return generator;
  }
}

/** Checks what the requests of each Git host have. */
function checkRequests(
  where: string,
  { url, labels = [], tokenSecretName }: Pick<GitlabMergeRequestsProps, 'url' | 'labels' | 'tokenSecretName'>,
): void {
  if (url !== undefined) checkUrl(where, 'url', url);
  labels.forEach((label, index) => checkLabel(where, `labels[${index}]`, label));
  if (tokenSecretName !== undefined) checkSecretName(where, 'tokenSecretName', tokenSecretName);
}

function tokenRef(secretName?: string): { secretName: string; key: string } | undefined {
  return secretName === undefined ? undefined : { secretName, key: 'token' };
}
