import { Construct } from 'constructs';
import { releaseOf } from '../kubernetes/images';
import { Problems } from '../kubernetes/problems';
import { DjangoAppProps } from './django-app-props';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$/;
const COMMIT = /^[0-9a-f]{7,64}$/;

/** Checks what a release is called. */
export function checkRelease(scope: Construct, { release, commit }: DjangoAppProps): void {
  if (release !== undefined && !NAME.test(release)) {
    Problems.report(scope, {
      property: 'release',
      value: release,
      reason: 'is not a name of a release',
      remedy: 'Give 1 to 63 letters, digits, ".", "_", "+" and "-", such as "2026.11"',
    });
  }
  if (commit !== undefined && !COMMIT.test(commit)) {
    Problems.report(scope, {
      property: 'commit',
      value: commit,
      reason: 'is not a commit',
      remedy: 'Give its 7 to 64 hexadecimal digits, as `git rev-parse HEAD` prints them',
    });
  }
}

/** What the release is called, in metrics and in log lines. */
export function releaseName({ release, image }: DjangoAppProps): string {
  return release ?? releaseOf(image);
}

/** By them log lines and metrics know a release that the program names. Without the overlay nothing reads them. */
export function releaseVariables(props: DjangoAppProps): Record<string, string> {
  const isNamed = props.release !== undefined || props.commit !== undefined;
  if (!isNamed || props.settingsOverlay?.enabled === false) return {};
  return {
    CDK8S_DJANGO_RELEASE: releaseName(props),
    ...(props.commit && { CDK8S_DJANGO_COMMIT: props.commit }),
  };
}

/** What `kubectl rollout history` shows of a revision. */
export function changeCause({ release, commit, image }: DjangoAppProps): string {
  return [release, commit && `commit ${commit}`, image].filter(Boolean).join(', ');
}
