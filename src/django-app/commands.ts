import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { noteClockChange } from '../kubernetes/clock-changes';
import { checkCron } from '../kubernetes/cron';
import { checkSeconds } from '../kubernetes/durations';
import { checkName, ONE_LINE } from '../kubernetes/names';
import { checkNoSecretWords } from '../kubernetes/plain-secrets';
import { Problems } from '../kubernetes/problems';
import { ContainerResources } from '../kubernetes/resources';
import { runtimeCommand } from '../runtime/runtime';
import { checkTimeZone } from '../kubernetes/time-zones';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';

/** What happens when a command is due while it runs. */
export enum ConcurrencyPolicy {
  /** It runs a second time beside the first. */
  ALLOW = 'Allow',

  /** This time is left out. */
  FORBID = 'Forbid',

  /** The one that runs is ended. */
  REPLACE = 'Replace',
}

/** A management command of an application. */
export interface CommandProps {
  /** Name of the command's resource, after that of the application: a DNS label. */
  readonly name: string;

  /** The command and its arguments, as for `manage.py`: `['loaddata', 'countries']`. */
  readonly command: string[];

  /**
   * How long it may take before it is stopped, in whole seconds. The time begins with the command, not while its pod
   * waits for the schema or for a place. One that was stopped is not tried again.
   *
   * @default Duration.hours(1)
   */
  readonly deadline?: Duration;

  /**
   * CPU and memory of its container.
   *
   * @default - those of a replica
   */
  readonly resources?: ContainerResources;
}

/** A management command that runs on a schedule. */
export interface ScheduledCommandProps extends CommandProps {
  /** When it runs: the five fields of cron, or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly schedule: string;

  /**
   * The time zone of the schedule, such as `Europe/Vienna`.
   *
   * @default - that of the cluster's controllers, mostly UTC
   */
  readonly timeZone?: string;

  /**
   * What happens when the last run still runs: `Forbid` leaves the new one out, `Replace` stops the old one, `Allow`
   * runs both, which count as one in the sum of connections.
   *
   * @default ConcurrencyPolicy.FORBID
   */
  readonly concurrencyPolicy?: ConcurrencyPolicy;

  /**
   * How late a run may still start, in whole seconds, at least 10.
   *
   * @default Duration.minutes(10)
   */
  readonly startingDeadline?: Duration;
}

/** The first superuser of an application. */
export interface SuperuserProps {
  /** Name to log in with: the value of the user model's USERNAME_FIELD, such as a mail address. */
  readonly username: string;

  /** The password. */
  readonly password: SecretValue;

  /**
   * Mail address.
   *
   * @default - none
   */
  readonly email?: string;
}

/** Django never deletes expired sessions by itself. */
export const SESSION_CLEARING: ScheduledCommandProps = {
  name: 'clearsessions',
  command: ['clearsessions'],
  schedule: '30 3 * * *',
  timeZone: 'Etc/UTC',
};

/** The id of the superuser's Job. */
export const SUPERUSER_ID = 'Superuser';

/** A CronJob's name, from which those of its Jobs are made, may be as long as this. */
const LONGEST_CRON_JOB_NAME = 52;
/** The controller looks every ten seconds: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
const SHORTEST_STARTING_DEADLINE_SECONDS = 10;

/** The id of a command's resource. */
export function commandId(name: string): string {
  return `Command-${name}`;
}

/** The name of a command's resource. */
export function commandName(
  scope: Construct,
  app: string,
  { name, command, deadline }: CommandProps,
): string {
  checkName(scope, 'name', name);
  const full = `${app}-${name}`;
  if (full.length > LONGEST_CRON_JOB_NAME) {
    Problems.report(scope, {
      property: 'name',
      value: name,
      reason: `makes a resource name of ${full.length} characters`,
      remedy: `Use at most ${LONGEST_CRON_JOB_NAME - app.length - 1} characters`,
    });
  }
  if (scope.node.tryFindChild(commandId(name))) {
    Problems.report(scope, {
      property: 'name',
      value: name,
      reason: 'is the name of another command of the application',
      remedy: 'Give one of them another name',
    });
  }
  if (deadline) checkSeconds(scope, 'deadline', deadline);
  // Django finds commands by the names of their modules.
  if (!/^\w+$/.test(command?.[0] ?? '') || command.some((word) => typeof word !== 'string')) {
    Problems.report(scope, {
      property: 'command',
      value: command,
      reason: 'is not a management command',
      remedy: 'Give the command and its arguments, such as ["loaddata", "countries"]',
    });
  }
  checkNoSecretWords(scope, 'command', command);
  return full;
}

/**
 * What runs a management command, and ends it at its deadline. The name of manage.py in the image does not matter.
 *
 * A Job's own deadline would also count the time for which its pod waits: for a place, for the schema.
 */
export function managementCommand({ command, deadline = DEFAULT_DEADLINE }: CommandProps): string[] {
  return runtimeCommand('command', '--deadline', String(deadline.toSeconds()), ...command);
}

/** How long a Job may take, unless the program says. */
export const DEFAULT_DEADLINE = Duration.hours(1);

/** How often a failed Job is tried again. */
const BACKOFF_LIMIT = 4;
/** The time to pull an image and to find a node, and that between the tries. */
const BETWEEN_TRIES = Duration.minutes(15);

/** What `src/runtime/cdk8s_django/command.py` ends with at its deadline, and `release.py` in a release that was left. */
const FINAL_EXIT_CODES = [79, 124];

/** What varies between the Jobs that run once. */
export interface JobOptions {
  /** How long it may take, waiting included. */
  readonly deadline: Duration;
  /** How long it is kept after its end. One that is not given is kept: made again, it would run again. */
  readonly keptFor?: Duration;
}

/** A Job that runs once. A failed one is tried again from the start, unless another try cannot help. */
export function jobSpec(template: k8s.PodTemplateSpec, { deadline, keptFor }: JobOptions): k8s.JobSpec {
  return {
    backoffLimit: BACKOFF_LIMIT,
    activeDeadlineSeconds: deadline.toSeconds(),
    ttlSecondsAfterFinished: keptFor?.toSeconds(),
    podFailurePolicy: {
      rules: [
        // A pod whose place another one needed, or whose node goes, has not failed.
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        { action: 'FailJob', onExitCodes: { operator: 'In', values: FINAL_EXIT_CODES } },
      ],
    },
    template,
  };
}

/** How long all tries of a command may take together, with all for which they may wait. */
export function longestRun(
  { deadline = DEFAULT_DEADLINE }: { deadline?: Duration },
  wait: Duration,
  tries = BACKOFF_LIMIT + 1,
) {
  const seconds = tries * (deadline.toSeconds() + wait.toSeconds()) + BETWEEN_TRIES.toSeconds();
  return Duration.seconds(seconds);
}

/** The CronJob of a command that runs on a schedule. */
export function cronJobSpec(
  props: ScheduledCommandProps,
  template: k8s.PodTemplateSpec,
  wait: Duration,
): k8s.CronJobSpec {
  const job = jobSpec(template, { deadline: longestRun(props, wait, 1) });
  return {
    schedule: props.schedule,
    timeZone: props.timeZone,
    concurrencyPolicy: props.concurrencyPolicy ?? ConcurrencyPolicy.FORBID,
    startingDeadlineSeconds: (props.startingDeadline ?? Duration.minutes(10)).toSeconds(),
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    // The schedule runs it again.
    jobTemplate: { spec: { ...job, backoffLimit: 0 } },
  };
}

/** Checks who becomes the first superuser, and that nobody else does. */
export function checkSuperuser(scope: Construct, { username, email, password }: SuperuserProps): void {
  checkSecretValue(scope, 'password', password);
  if (typeof username !== 'string' || !ONE_LINE.test(username)) {
    Problems.report(scope, {
      property: 'username',
      value: username,
      reason: 'is not a name to log in with',
      remedy: 'Give one line without blanks at its ends',
    });
  }
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    Problems.report(scope, {
      property: 'email',
      value: email,
      reason: 'is not a mail address',
      remedy: 'Give one, such as "admin@example.com", or leave it out',
    });
  }
  if (scope.node.tryFindChild(SUPERUSER_ID)) {
    Problems.report(scope, {
      property: 'username',
      value: username,
      reason: 'is a second superuser, and addSuperuser makes the first one alone',
      remedy: 'Let the first one make the others',
    });
  }
}

/** Checks when and beside what a command runs. */
export function checkSchedule(scope: Construct, props: ScheduledCommandProps): void {
  const { schedule, timeZone, startingDeadline, concurrencyPolicy } = props;
  checkCron(scope, 'schedule', schedule, { descriptors: true });
  if (timeZone !== undefined) checkTimeZone(scope, 'timeZone', timeZone);
  noteClockChange(scope, 'schedule', schedule, timeZone);
  if (startingDeadline) {
    checkSeconds(scope, 'startingDeadline', startingDeadline, {
      atLeast: SHORTEST_STARTING_DEADLINE_SECONDS,
    });
  }
  if (concurrencyPolicy !== undefined && !Object.values(ConcurrencyPolicy).includes(concurrencyPolicy)) {
    Problems.report(scope, {
      property: 'concurrencyPolicy',
      value: concurrencyPolicy,
      reason: 'is not a policy',
      remedy: 'Use "Forbid", "Replace" or "Allow"',
    });
  }
}
