import { forever } from './beside';

/**
 * Lines of a shell script by which process 1, a server, reads renewed files when the kubelet has written them. The
 * script becomes that server by `exec`.
 */
export function reloading(files: string[], seconds: number): string[] {
  return [
    `sum() { cksum ${files.join(' ')}; }`,
    // A loop that begins again compares with the sum of the start: it may have missed a change.
    'before=$(sum) || true',
    ...forever([
      `while sleep ${seconds}; do`,
      '  now=$(sum) || continue',
      '  [ "$now" = "$before" ] || kill -HUP 1',
      '  before=$now',
      'done',
    ]),
  ];
}
