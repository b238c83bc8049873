import { InvalidInputError } from './errors';

/** preStop sleep, which the pods use, is on by default from this minor version; native sidecars are since 1.29. */
export const OLDEST_MINOR = 30;

/** The minor version: 34 of "1.34". None when the version is another or has more than the two numbers. */
export function minorVersion(version: string): number | undefined {
  const match = /^1\.(\d+)$/.exec(version);
  return match ? Number(match[1]) : undefined;
}

/**
 * The Kubernetes version that a distribution targets. Throws when it is older than what every program needs.
 *
 * @param who - what the error calls the distribution
 */
export function checkVersion(version: string, who: string): string {
  const minor = minorVersion(version);
  if (minor !== undefined && minor >= OLDEST_MINOR) return version;
  throw new InvalidInputError(who, {
    property: 'kubernetesVersion',
    value: version,
    reason: `is not a version from 1.${OLDEST_MINOR} on`,
    remedy: 'Give major and minor version, such as "1.34"',
  });
}
