import { Duration, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { HashedConfigMap, HashedJob, Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { runtimeCommand } from '../runtime/runtime';
import { firstPriority } from '../workloads/first-priority';
import { schedulingOf } from '../workloads/placement';
import { AppPods } from './app-pods';
import { migrationVariables } from './connection-parts';
import {
  checkSchedule,
  checkSuperuser,
  commandId,
  commandName,
  CommandProps,
  cronJobSpec,
  JobOptions,
  jobSpec,
  longestRun,
  managementCommand,
  ScheduledCommandProps,
  SUPERUSER_ID,
  SuperuserProps,
} from './commands';
import { DEFAULT_RESOURCES, djangoContainer, migrateCommand, waitingResources } from './containers';
import { nameCommand, releaseVariables } from './release';
import { PodKind } from './pod-kinds';
import { appPodTemplate } from './pods';
import { withSidecars } from './sidecars';

/** How long a migration is kept after its end, with its log. */
const KEPT_MIGRATION = Duration.days(1);
/** How long the Job of the superuser is kept. Each release has another one, which mostly finds nothing to do. */
const KEPT_SUPERUSER = Duration.hours(1);

/** What varies between the Jobs of an application. */
interface JobPod {
  readonly selector: Selector;
  readonly annotations?: { [name: string]: string };
  /** Name of its container. */
  readonly name: string;
  readonly command: string[];
  /** The ConfigMaps of the Python modules that it runs. */
  readonly runtime: HashedConfigMap[];
  readonly env?: k8s.EnvVar[];
  /** CPU and memory, where they are not those of a replica. */
  readonly resources?: ContainerResources;
  readonly waitsForSchema: boolean;
  readonly apiAccess?: boolean;
  /** The PriorityClass, where it is not that of all Jobs. */
  readonly priorityClassName?: string;
}

/** The Jobs of an application: they run its image, with all that its replicas have. */
export class Jobs {
  constructor(
    private readonly scope: Construct,
    private readonly pods: AppPods,
  ) {}

  /**
   * Migrates the database, once a release. It is kept for a while after its end: applying again finds it and runs
   * nothing. Made again later, it finds nothing to do.
   */
  migration(): Resource {
    const { props, containers, migrationSelector } = this.pods;
    const options = { deadline: containers.migrationDeadline, keptFor: KEPT_MIGRATION };
    const { priorityClassName, dependencies } = firstPriority(this.scope);
    const job = this.job('Migration', `${props.name}-migrate`, options, {
      selector: migrationSelector,
      annotations: schedulingOf(this.scope).doNotDisruptAnnotations,
      name: 'migrate',
      command: migrateCommand(containers),
      runtime: this.pods.runtime('migration'),
      env: [...releaseVariables(this.pods), ...this.ownersLogin],
      waitsForSchema: false,
      apiAccess: true,
      priorityClassName,
    });
    job.node.addDependency(...dependencies);
    return job;
  }

  /** Runs a management command once. */
  command(props: CommandProps): Resource {
    const name = commandName(this.scope, this.pods.props.name, props);
    const options = { deadline: longestRun(props, this.longestWait) };
    return this.once(commandId(props.name), name, options, this.commandPod(props));
  }

  /** Runs a management command on a schedule. */
  scheduledCommand(props: ScheduledCommandProps): Resource {
    const name = commandName(this.scope, this.pods.props.name, props);
    checkSchedule(this.scope, props);
    const pod = this.commandPod(props);
    const produce = () => {
      const { spec } = k8s.manifest('CronJob', {
        spec: cronJobSpec(props, this.template(pod), this.longestWait),
      });
      return {
        ...spec,
        jobTemplate: { ...spec.jobTemplate, spec: this.withSidecars(spec.jobTemplate.spec) },
      };
    };
    return new Resource(this.scope, commandId(props.name), {
      ...k8s.typeOf('CronJob'),
      metadata: { name, labels: resourceLabels(pod.selector) },
      spec: Lazy.any({ produce }),
    });
  }

  /** Makes the first superuser. */
  superuser(props: SuperuserProps): Resource {
    checkSuperuser(this.scope, props);
    const { username, email, password } = props;
    this.pods.surroundings.commands++;
    const variables = [
      { name: 'DJANGO_SUPERUSER_USERNAME', value: username },
      ...(email ? [{ name: 'DJANGO_SUPERUSER_EMAIL', value: email }] : []),
      { name: 'DJANGO_SUPERUSER_PASSWORD', ...password },
    ];
    const options = { deadline: longestRun({}, this.longestWait), keptFor: KEPT_SUPERUSER };
    return this.once(SUPERUSER_ID, `${this.pods.props.name}-superuser`, options, {
      selector: this.pods.commandSelector,
      name: 'create-superuser',
      command: runtimeCommand('create_superuser'),
      runtime: this.pods.runtime('commands'),
      env: variables.map(envVar),
      resources: waitingResources(this.pods.resources),
      waitsForSchema: this.pods.migrates,
    });
  }

  /** The login that owns the tables, if it is not that of the application: no other pod has it. */
  private get ownersLogin(): k8s.EnvVar[] {
    const { database } = this.pods.props;
    return database ? migrationVariables(database).map(envVar) : [];
  }

  /** How long a command may wait for the schema. */
  private get longestWait(): Duration {
    return this.pods.migrates ? this.pods.containers.migrationDeadline : Duration.seconds(0);
  }

  private commandPod(props: CommandProps): JobPod {
    const { resources } = props;
    this.pods.surroundings.commands++;
    return {
      selector: this.pods.commandSelector,
      // Not the command's own name, which could be that of another container of the pod.
      name: 'command',
      command: managementCommand(props),
      runtime: this.pods.runtime('commands'),
      resources: resources && completeResources(this.scope, resources, DEFAULT_RESOURCES),
      waitsForSchema: this.pods.migrates,
    };
  }

  /** A Job of a command, which finds out like a migration whether its release is the present one. */
  private once(id: string, name: string, options: JobOptions, pod: JobPod): Resource {
    const env = [...releaseVariables(this.pods), ...(pod.env ?? [])];
    const job = this.job(id, name, options, { ...pod, env, apiAccess: true });
    return nameCommand(this.scope, this.pods, job);
  }

  private job(id: string, name: string, options: JobOptions, pod: JobPod): Resource {
    const produce = () =>
      this.withSidecars(k8s.manifest('Job', { spec: jobSpec(this.template(pod), options) }).spec);
    const props = {
      ...k8s.typeOf('Job'),
      metadata: { name, labels: resourceLabels(pod.selector) },
      spec: Lazy.any({ produce }),
    };
    return new HashedJob(this.scope, id, props, () => this.pods.user.id);
  }

  /** A failed pod is kept for its log, and another one tries again. */
  private template(pod: JobPod) {
    const { selector, name, command, runtime, env = [], resources, priorityClassName } = pod;
    const { waitsForSchema, apiAccess } = pod;
    const { placements, ownChecksum } = this.pods;
    const priority = priorityClassName && { priorityClassName };
    const container = djangoContainer(this.pods.containersOf(PodKind.JOBS), { name, command });
    return appPodTemplate(this.scope, this.pods, {
      kind: PodKind.JOBS,
      selector,
      // The sum of what commands depend on: another configuration means another Job.
      annotations: { 'checksum/config': ownChecksum, ...pod.annotations },
      runtime,
      waitsForSchema,
      apiAccess,
      placement: { ...placements.jobs, ...priority },
      container: {
        ...container,
        env: [...container.env!.filter(({ name }) => !env.some((own) => own.name === name)), ...env],
        resources: resources ? resourceRequirements(resources) : container.resources,
      },
      spec: { restartPolicy: 'Never' },
    });
  }

  private withSidecars(jobSpec: any): any {
    const { sidecars } = this.pods.containersOf(PodKind.JOBS);
    return { ...jobSpec, template: withSidecars(this.scope, jobSpec.template, sidecars) };
  }
}
