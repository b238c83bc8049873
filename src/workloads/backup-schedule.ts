import { Duration } from 'cdk8s';
import * as k8s from '../kubernetes/api';

/** A Job of backups that comes again and again. */
export interface BackupSchedule {
  readonly schedule: string;
  /** UTC without it. */
  readonly timeZone?: string;
  /** How long one Job may take. */
  readonly deadline: Duration;
  readonly template: k8s.PodTemplateSpec;
  /**
   * How long the Jobs of a schedule stay after their end, and with them the pods and their volumes: the last that
   * succeeded and the last that failed.
   *
   * @default - three of each stay until others take their place
   */
  readonly keptFor?: Duration;
}

/** What a CronJob of backups is made of. */
export function backupCronJobSpec(options: BackupSchedule): any {
  const { schedule, timeZone, deadline, template, keptFor } = options;
  const kept = keptFor ? 1 : 3;
  return k8s.manifest('CronJob', {
    spec: {
      schedule,
      timeZone: timeZone ?? 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: Duration.hours(1).toSeconds(),
      successfulJobsHistoryLimit: kept,
      failedJobsHistoryLimit: kept,
      jobTemplate: {
        spec: {
          // The schedule runs it again. A pod that its node lost has not failed.
          backoffLimit: 0,
          podFailurePolicy: {
            rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
          },
          activeDeadlineSeconds: deadline.toSeconds(),
          ttlSecondsAfterFinished: keptFor?.toSeconds(),
          template,
        },
      },
    },
  }).spec;
}
