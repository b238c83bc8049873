import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkImage } from '../kubernetes/images';
import { Problems } from '../kubernetes/problems';
import { distributionOf } from '../platform/binding';
import { PostgresBackendProps } from './postgres-backend-props';
import { DUMP_SCRIPT, RESTORE_SCRIPT } from './upgrade-scripts';

/** The major version of an image, where the tag of PostgreSQL's or PostGIS' image says it. */
function majorOf(image: string): number | undefined {
  const [, major] = /(?:^|\/)post(?:gres|gis):(\d+)(?:[.@-]|$)/.exec(image) ?? [];
  return major === undefined ? undefined : Number(major);
}

/** Checks the image of the data that is there, against the one that the server is to have. */
export function upgradeSource(
  scope: Construct,
  { upgradeFrom, restoreFrom }: PostgresBackendProps,
  image: string,
): string | undefined {
  if (upgradeFrom === undefined) return undefined;
  checkImage(scope, 'upgradeFrom', upgradeFrom);
  const report = (reason: string, remedy: string) =>
    Problems.report(scope, { property: 'upgradeFrom', value: upgradeFrom, reason, remedy });
  const { postgres, backup } = distributionOf(scope);
  if (postgres) {
    report(
      'is for a server that the library makes, and the distribution runs this one',
      'Leave it out, and change the major version as the service that runs it does',
    );
  }
  if (restoreFrom !== undefined && backup?.dumps) {
    report(
      'is given together with restoreFrom, and a dump is restored into a newer PostgreSQL without it',
      'Leave one of them out',
    );
  }
  const [from, to] = [majorOf(upgradeFrom), majorOf(image)];
  if (from !== undefined && to !== undefined && from >= to) {
    report(
      `is PostgreSQL ${from}, and the server's image is PostgreSQL ${to}: data is only taken to a newer major version`,
      'Give the image that the data was made with, or leave it out',
    );
  }
  return upgradeFrom;
}

/**
 * Parameters without which the old server might not start, or not be dumped, or would forget what is not archived yet.
 * Each version knows them.
 */
const FOR_OLD_SERVER = [
  ...['max_locks_per_transaction', 'max_prepared_transactions', 'shared_preload_libraries'],
  ...['archive_mode', 'archive_command'],
];

/**
 * The containers that take data to another major version, before the server starts: the old image dumps, and the new
 * one restores. The pod is the only one that has the volume, and nobody can connect to it while they run.
 *
 * @param server - the container of the server
 * @param restoring - the same for data that is begun again when it was broken off
 */
export function upgradingContainers(
  { args, env, resources, volumeMounts }: k8s.Container,
  restoring: Pick<k8s.Container, 'image' | 'args'>,
  oldImage: string,
  scripts: string,
): k8s.Container[] {
  const kept = args!.filter((one) => FOR_OLD_SERVER.some((name) => one.startsWith(`--${name}=`)));
  const common = { env, resources, volumeMounts };
  return [
    {
      name: 'upgrade-dump',
      image: oldImage,
      command: ['sh', `${scripts}/${DUMP_SCRIPT}`],
      args: kept,
      ...common,
    },
    {
      name: 'upgrade-restore',
      image: restoring.image,
      command: ['sh', `${scripts}/${RESTORE_SCRIPT}`],
      // Without the name of the program.
      args: restoring.args!.slice(1),
      ...common,
    },
  ];
}
