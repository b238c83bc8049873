import { Duration } from 'cdk8s';
import * as k8s from '../../kubernetes/api';

/** A Job of backups that comes again and again. */
export interface BackupSchedule {
  readonly schedule: string;
  /** UTC without it. */
  readonly timeZone?: string;
  /** How long one Job may take. */
  readonly deadline: Duration;
  readonly template: k8s.PodTemplateSpec;
}

/** What a CronJob of backups is made of. */
export function backupCronJobSpec({ schedule, timeZone, deadline, template }: BackupSchedule): any {
  return k8s.manifest('CronJob', {
    spec: {
      schedule,
      timeZone: timeZone ?? 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: Duration.hours(1).toSeconds(),
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          // The schedule runs it again. A pod that its node lost has not failed.
          backoffLimit: 0,
          podFailurePolicy: {
            rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
          },
          activeDeadlineSeconds: deadline.toSeconds(),
          template,
        },
      },
    },
  }).spec;
}
