/** preStop sleep, which the pods use, is on by default from this minor version; native sidecars are since 1.29. */
export const OLDEST_MINOR = 30;

/** The minor version: 34 of "1.34". None when the version is another or has more than the two numbers. */
export function minorVersion(version: string): number | undefined {
  const match = /^1\.(\d+)$/.exec(version);
  return match ? Number(match[1]) : undefined;
}
