import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SHORT_HASH_ENDING } from '../../src/kubernetes/hash';

/** What a program complains about: its rule, and the object as `Kind name`. */
export interface Finding {
  readonly rule: string;
  readonly object: string;
}

/** Findings of both programs in a folder of manifests. */
export function findingsIn(folder: string): Finding[] {
  return [...ofKubeScore(folder), ...ofCheckov(folder)];
}

interface Score {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly checks: readonly Check[];
}

interface Check {
  readonly check: { readonly id: string };
  readonly grade: number;
  readonly skipped: boolean;
}

/** The grade of a check that an object passes. */
const ALL_OK = 10;

function ofKubeScore(folder: string): Finding[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const paths = files.map((file) => join(folder, file));
  const scores: Score[] = json('KUBE_SCORE', [
    ...['score', '--output-format', 'json', '--kubernetes-version', 'v1.34'],
    ...['--enable-optional-test', 'container-seccomp-profile'],
    ...paths,
  ]);
  return scores.flatMap(({ type_meta, object_meta, checks }) =>
    checks
      .filter(({ skipped, grade }) => !skipped && grade < ALL_OK)
      .map(({ check }) => ({ rule: check.id, object: `${type_meta.kind} ${withoutHash(object_meta.name)}` })),
  );
}

function ofCheckov(folder: string): Finding[] {
  // Without the last one, it asks a server for guidelines.
  const options = [
    '--framework',
    'kubernetes',
    '--compact',
    '--quiet',
    '--output',
    'json',
    '--skip-download',
  ];
  const { results } = json('CHECKOV', ['--directory', folder, ...options]);
  return results.failed_checks.map(({ check_id, resource }: { check_id: string; resource: string }) => {
    const [kind, , name] = resource.split('.');
    return { rule: check_id, object: `${kind} ${withoutHash(name)}` };
  });
}

/** A Job's name ends with the hash of what it does. */
function withoutHash(name: string): string {
  return name.replace(SHORT_HASH_ENDING, '');
}

function json(variable: string, args: string[]) {
  const program = process.env[variable];
  if (program === undefined) throw new Error(`${variable} is not set: call "npm run test:audits".`);
  // Both end with 1 when they found something.
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (error !== undefined || stdout === '') throw new Error(`${program}: ${error ?? stderr}`);
  return JSON.parse(stdout);
}
