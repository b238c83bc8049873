/**
 * Lines of a shell script by which process 1, a server, reads renewed files when the kubelet has written them. The
 * script becomes that server by `exec`.
 */
export function reloading(files: string[], seconds: number): string[] {
  return [
    `sum() { cksum ${files.join(' ')}; }`,
    '(',
    '  before=$(sum)',
    `  while sleep ${seconds}; do`,
    '    now=$(sum) || continue',
    '    [ "$now" = "$before" ] || kill -HUP 1',
    '    before=$now',
    '  done',
    ') &',
  ];
}
