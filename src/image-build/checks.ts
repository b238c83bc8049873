import { Construct } from 'constructs';
import { GitSource } from '../platform/builds';
import { checkResourceName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';

const URL_PATTERN = /^(https?:\/\/|ssh:\/\/|git@[-.\w]+:)[^\s]+$/;
const REVISION = /^(?!.*\.\.)[^\s~^:?*[\\-][^\s~^:?*[\\]*$/;

/** The tag of an image, which is not `latest`. */
export function checkVersion(scope: Construct, version: string): string {
  if (typeof version !== 'string' || !/^\w[-.\w]{0,127}$/.test(version) || version === 'latest') {
    Problems.report(scope, {
      property: 'version',
      value: version,
      reason: 'is not a version',
      remedy: 'Give letters, digits, "_", "." and "-", at most 128, such as "1.4.2", and not "latest"',
    });
  }
  return version;
}

/** A path within a folder. */
export function checkRelativePath(scope: Construct, property: string, path: string): string {
  const isPath = typeof path === 'string' && /^[^\s/](?:[^\n\r]*\S)?$/.test(path);
  if (!isPath || path.split('/').includes('..')) {
    Problems.report(scope, {
      property,
      value: path,
      reason: 'is not a path within the sources',
      remedy: 'Give it without "/" at its start and without ".."',
    });
  }
  return path;
}

/** Where sources are. */
export function checkGitSource(scope: Construct, source: GitSource): GitSource {
  const url = source?.url;
  if (typeof url !== 'string' || !URL_PATTERN.test(url)) {
    Problems.report(scope, {
      property: 'source.url',
      value: url,
      reason: 'is not the URL of a Git repository',
      remedy: 'Give it as "https://…", "ssh://…" or "git@host:path"',
    });
  }
  if (/^https?:\/\/[^/]*@/.test(url)) {
    Problems.report(scope, {
      property: 'source.url',
      value: url.replace(/\/\/[^/]*@/, '//…@'),
      reason: 'has a user or password in it, which manifests would show',
      remedy: 'Leave it out of the URL, and give source.secretName',
    });
  }
  const { revision, directory, secretName } = source;
  if (revision !== undefined && !REVISION.test(revision)) {
    Problems.report(scope, {
      property: 'source.revision',
      value: revision,
      reason: 'is not a commit, tag or branch',
      remedy: 'Give one, such as "v1.4.2"',
    });
  }
  if (directory !== undefined) checkRelativePath(scope, 'source.directory', directory);
  if (secretName !== undefined) checkResourceName(scope, 'source.secretName', secretName);
  return source;
}

/** Whether a revision always means the same code. */
export function isCommit(revision?: string): boolean {
  return revision !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision);
}
