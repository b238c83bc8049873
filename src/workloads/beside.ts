/**
 * Lines of a shell script that run a loop beside the server that the script becomes. Nothing looks after such a loop but
 * a shell that starts it again when it was killed. It goes on also when that shell was killed, but PostgreSQL takes the
 * death of a child for a crash, and cuts all connections then.
 *
 * @param loop - lines whose success ends it
 */
export function besideServer(loop: string[]): string[] {
  return [
    '(',
    '  until (',
    ...loop.map((line) => `    ${line}`),
    '  ); do',
    '    sleep 1 || true',
    '  done',
    ') &',
  ];
}

/** Such lines that run again and again, also when a command of theirs was killed. */
export function forever(loop: string[]): string[] {
  return besideServer([...loop, 'exit 1']);
}
