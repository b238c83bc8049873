import { ENDING_PODS, FieldReason } from '../kubernetes/field-reason';

const JOB = 'https://kubernetes.io/docs/concepts/workloads/controllers/job/';
const CRON_JOB = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
const SPECS = '{Job.spec,CronJob.spec.jobTemplate.spec}';

/** Reasons for Jobs and CronJobs. */
export const JOB_REASONS: FieldReason[] = [
  {
    fields: ['Job.spec.backoffLimit'],
    why: 'A run that failed is tried again from the start, unless another try cannot help. What fills a Secret is tried more often, because pods wait for it.',
    source: `${JOB}#pod-backoff-failure-policy`,
    values: [4, 10],
  },
  {
    fields: ['CronJob.spec.jobTemplate.spec.backoffLimit'],
    why: 'A run that failed is not tried again, because the schedule runs it again. Only the step of a rotation is, which no schedule runs.',
    source: `${JOB}#pod-backoff-failure-policy`,
    values: [0, 4],
  },
  {
    fields: [`${SPECS}.activeDeadlineSeconds`],
    why: 'It is the longest time of all tries together, with what they may wait for. A single try is ended by its own program.',
    source: `${JOB}#job-termination-and-cleanup`,
  },
  {
    fields: ['Job.spec.ttlSecondsAfterFinished'],
    why: 'The Job and its log stay for a while, and applying again finds it and runs nothing. One that would run again, such as a command, stays until you delete it and has no such field.',
    source: `${JOB}#clean-up-finished-jobs-automatically`,
    values: [3600, 86_400],
  },
  {
    fields: [
      `${SPECS}.podFailurePolicy.rules.action`,
      `${SPECS}.podFailurePolicy.rules.onExitCodes.{operator,values}`,
      `${SPECS}.podFailurePolicy.rules.onPodConditions.{type,status}`,
    ],
    why: 'A pod whose node goes, or whose place another one needed, has not failed. The exit codes 79 and 124 are those with which a program of the library says that another try cannot help.',
    source: `${JOB}#pod-failure-policy`,
  },
  {
    fields: [`${ENDING_PODS}.spec.restartPolicy`],
    why: 'A pod that failed is kept for its log, and another one tries again. A Job that fills a Secret starts its container again in the same pod.',
    source: `${JOB}#handling-pod-and-container-failures`,
    values: ['Never', 'OnFailure'],
  },
  {
    fields: ['CronJob.spec.{schedule,timeZone}'],
    why: 'It is the schedule that you gave, or one of the night for backups and for clearing sessions. A schedule of a rotation that you start by hand never runs.',
    source: CRON_JOB,
  },
  {
    fields: ['CronJob.spec.concurrencyPolicy'],
    why: 'A run that is due while the last one runs is left out, unless you chose otherwise.',
    source: `${CRON_JOB}#concurrency-policy`,
  },
  {
    fields: ['CronJob.spec.startingDeadlineSeconds'],
    why: 'A run may start so late, after the control plane was away. Without it Kubernetes stops a schedule that has missed 100 runs.',
    source: `${CRON_JOB}#starting-deadline`,
  },
  {
    fields: ['CronJob.spec.{successfulJobsHistoryLimit,failedJobsHistoryLimit}'],
    why: 'The logs of the last runs can be read. Kubernetes keeps only one that failed. A drill keeps one of each, because its volume has a copy of all data.',
    source: `${CRON_JOB}#jobs-history-limits`,
    values: [1, 3],
  },
];
