import { Duration, Lazy } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { envVar } from '../kubernetes/environment';
import { contentHash } from '../kubernetes/hash';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { HashedJob, Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { runtimeCommand } from '../runtime/runtime';
import {
  checkSchedule,
  checkSuperuser,
  commandId,
  commandName,
  CommandProps,
  cronJobSpec,
  jobSpec,
  managementCommand,
  ScheduledCommandProps,
  SUPERUSER_ID,
  SuperuserProps,
} from './commands';
import {
  AppPodOptions,
  appPodTemplate,
  DEFAULT_RESOURCES,
  djangoContainer,
  migrateCommand,
  withSidecars,
} from './pods';
import { Surroundings } from './surroundings';

/** What one Job of an application differs in from another. */
interface JobPod {
  readonly selector: Selector;
  /** Name of its container. */
  readonly name: string;
  readonly command: string[];
  readonly env?: k8s.EnvVar[];
  /** CPU and memory, where they are not those of an instance. */
  readonly resources?: ContainerResources;
  readonly waitsForSchema: boolean;
}

/** What an application tells of itself to make Jobs. */
export interface JobsOptions {
  readonly app: string;
  readonly migrationSelector: Selector;
  readonly commandSelector: Selector;
  readonly migrates: boolean;
  readonly pod: AppPodOptions;
  /** The configuration that commands depend on: another one means another Job. */
  readonly configuration: Record<string, string>;
  /** Told of the commands. */
  readonly surroundings: Surroundings;
}

/** The Jobs of an application: they run its image, with all that its instances have. */
export class Jobs {
  constructor(
    private readonly scope: Construct,
    private readonly options: JobsOptions,
  ) {}

  /** Migrates the database, once a release. It is kept after its end: applying again finds it and runs nothing. */
  migration(): Resource {
    const { app, pod } = this.options;
    return this.job('Migration', `${app}-migrate`, pod.containers.migrationDeadline, {
      selector: this.options.migrationSelector,
      name: 'migrate',
      command: migrateCommand(pod.containers),
      waitsForSchema: false,
    });
  }

  /** Runs a management command once. */
  command(props: CommandProps): Resource {
    const name = commandName(this.scope, this.options.app, props);
    return this.job(commandId(props.name), name, props.deadline, this.commandPod(props));
  }

  /** Runs a management command on a schedule. */
  scheduledCommand(props: ScheduledCommandProps): Resource {
    const name = commandName(this.scope, this.options.app, props);
    checkSchedule(this.scope, props);
    const pod = this.commandPod(props);
    const produce = () => {
      const { spec } = k8s.KubeCronJob.manifest({ spec: cronJobSpec(props, this.template(pod)) });
      return {
        ...spec,
        jobTemplate: { ...spec.jobTemplate, spec: this.withSidecars(spec.jobTemplate.spec) },
      };
    };
    return new Resource(this.scope, commandId(props.name), {
      ...k8s.KubeCronJob.GVK,
      metadata: { name, labels: resourceLabels(pod.selector) },
      spec: Lazy.any({ produce }),
    });
  }

  /** Makes the first superuser. */
  superuser(props: SuperuserProps): Resource {
    checkSuperuser(this.scope, props);
    const { username, email, password } = props;
    this.options.surroundings.commands++;
    const variables = [
      { name: 'DJANGO_SUPERUSER_USERNAME', value: username },
      ...(email ? [{ name: 'DJANGO_SUPERUSER_EMAIL', value: email }] : []),
      { name: 'DJANGO_SUPERUSER_PASSWORD', ...password },
    ];
    return this.job(SUPERUSER_ID, `${this.options.app}-superuser`, undefined, {
      selector: this.options.commandSelector,
      name: 'create-superuser',
      command: runtimeCommand('create_superuser'),
      env: variables.map(envVar),
      waitsForSchema: this.options.migrates,
    });
  }

  private commandPod({ command, resources }: CommandProps): JobPod {
    this.options.surroundings.commands++;
    return {
      selector: this.options.commandSelector,
      // Not the command's own name, which could be that of another container of the pod.
      name: 'command',
      command: managementCommand(command),
      resources: resources && completeResources(this.scope, resources, DEFAULT_RESOURCES),
      waitsForSchema: this.options.migrates,
    };
  }

  private job(id: string, name: string, deadline: Duration | undefined, pod: JobPod): Resource {
    const produce = () =>
      this.withSidecars(k8s.KubeJob.manifest({ spec: jobSpec(this.template(pod), { deadline }) }).spec);
    const props = {
      ...k8s.KubeJob.GVK,
      metadata: { name, labels: resourceLabels(pod.selector) },
      spec: Lazy.any({ produce }),
    };
    return new HashedJob(this.scope, id, props, () => this.options.pod.user.id);
  }

  /** A failed pod is kept for its log, and another one tries again. */
  private template({ selector, name, command, env = [], resources, waitsForSchema: waits }: JobPod) {
    const { pod, configuration } = this.options;
    const container = djangoContainer(pod.containers, { name, command });
    return appPodTemplate(this.scope, pod, {
      selector,
      annotations: { 'checksum/config': contentHash(configuration) },
      waitsForSchema: waits,
      container: {
        ...container,
        env: [...container.env!.filter(({ name }) => !env.some((own) => own.name === name)), ...env],
        resources: resources ? resourceRequirements(resources) : container.resources,
      },
      spec: { restartPolicy: 'Never' },
    });
  }

  private withSidecars(jobSpec: any): any {
    const { containers } = this.options.pod;
    return { ...jobSpec, template: withSidecars(this.scope, jobSpec.template, containers) };
  }
}
