import { Duration } from 'cdk8s';
import {
  CommandProps,
  ConcurrencyPolicy,
  DjangoApp,
  LeastPrivilegeAccess,
  ScheduledCommandProps,
  SuperuserProps,
} from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, find, findAll, IMAGE, postgres, startingWith, synth, webContainer } from '../support/synth';

const withApp = (define: (app: DjangoApp) => void, make = SAMPLES[4].make, image = IMAGE) =>
  synth((chart) => define(django(chart, { image, database: postgres(chart) })), make());

const loaded = (changes: Partial<CommandProps> = {}) =>
  withApp((app) => app.addCommand({ name: 'countries', command: ['loaddata', 'countries'], ...changes }));

const commandJob = (manifests: any[]) => startingWith(manifests, 'Job', 'polls-countries-');

describe('a management command', () => {
  /** Every prop at once, so that a new one has to be added here. */
  const all: Required<CommandProps> = {
    name: 'countries',
    command: ['loaddata', 'countries'],
    deadline: Duration.minutes(5),
    resources: { cpuRequest: '1', cpuLimit: '2', memoryRequest: '1Gi', memoryLimit: '1Gi' },
  };

  it('runs once, in the image and with the variables of a replica', () => {
    const manifests = loaded();
    const [container] = commandJob(manifests).spec.template.spec.containers;
    expect(container).toMatchObject({
      name: 'command',
      image: IMAGE,
      command: ['python', '-m', 'cdk8s_django.command', '--deadline', '3600', 'loaddata', 'countries'],
    });
    const { env, envFrom, resources, volumeMounts } = webContainer(manifests);
    expect(container).toMatchObject({ envFrom, resources, volumeMounts });
    expect(container.env.slice(0, env.length)).toEqual(env);
  });

  const job = { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } };
  const asks = [
    { name: 'CDK8S_DJANGO_CONFIG_MAP', value: 'polls' },
    { name: 'CDK8S_DJANGO_JOB', valueFrom: job },
  ];
  const both = (app: DjangoApp) => {
    app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
    app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  };
  const jobsOf = (manifests: any[]) =>
    findAll(manifests, 'Job').filter(({ metadata }) => {
      return metadata.labels['app.kubernetes.io/component'] === 'command';
    });

  it('is named by the ConfigMap of the present release, and asks it [F51]', () => {
    const manifests = withApp(both);
    const jobs = jobsOf(manifests);
    expect(jobs).toHaveLength(2);
    const named = find(manifests, 'ConfigMap', 'polls').data.CDK8S_DJANGO_COMMANDS.split(',');
    expect(named.sort()).toEqual(jobs.map(({ metadata }) => metadata.name).sort());
    for (const { spec } of jobs) {
      expect(spec.template.spec.containers[0].env).toEqual(expect.arrayContaining(asks));
      expect(spec.template.spec.automountServiceAccountToken).toBe(true);
      expect(spec.podFailurePolicy.rules[1].onExitCodes.values).toContain(79);
    }
    const next = withApp(both, undefined, 'registry.example.com/polls:9.9.9');
    const left = jobsOf(manifests).map(({ metadata }) => metadata.name);
    const after = find(next, 'ConfigMap', 'polls').data.CDK8S_DJANGO_COMMANDS.split(',');
    expect(after.filter((name: string) => left.includes(name))).toEqual([]);
  });

  it('is no reason to replace the pods of replicas [F51]', () => {
    const sumOf = (manifests: any[]) =>
      find(manifests, 'Deployment', 'polls').spec.template.metadata.annotations['checksum/config'];
    expect(sumOf(withApp(both))).toBe(sumOf(withApp(() => undefined)));
  });

  it('does not ask on a schedule: applying another release replaces its CronJob [F51]', () => {
    const manifests = withApp((app) => app.addSessionClearing());
    const { spec } = find(manifests, 'CronJob', 'polls-clearsessions').spec.jobTemplate.spec.template;
    expect(spec.containers[0].env.map(({ name }: any) => name)).not.toContain('CDK8S_DJANGO_JOB');
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(find(manifests, 'ConfigMap', 'polls').data.CDK8S_DJANGO_COMMANDS).toBeUndefined();
  });

  it.each([true, false])('may read the ConfigMap where the application migrates: %s [F51]', (migrate) => {
    for (const order of ['before', 'after']) {
      const manifests = synth((chart) => {
        const app = django(chart, { database: postgres(chart), migrate });
        if (order === 'before') both(app);
        new LeastPrivilegeAccess(chart, 'Access', { app });
        if (order === 'after') both(app);
      });
      expect(find(manifests, 'Role', 'polls-migrate').rules).toEqual([
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['polls'], verbs: ['get'] },
      ]);
      const { podSelector, egress } = find(manifests, 'NetworkPolicy', 'polls-migrate').spec;
      expect(podSelector.matchExpressions).toEqual([
        { key: 'app.kubernetes.io/component', operator: 'In', values: ['migration', 'command'] },
      ]);
      expect(egress.flatMap(({ ports }: any) => ports.map(({ port }: any) => port))).toEqual([443, 6443]);
    }
  });

  it('waits for the schema when the application migrates', () => {
    const { initContainers } = commandJob(loaded()).spec.template.spec;
    expect(initContainers.map(({ name }: any) => name)).toEqual(['wait-for-schema']);
  });

  it('may have the name of another container of its pod', () => {
    const manifests = loaded({ name: 'wait-for-schema' });
    const { initContainers, containers } = startingWith(manifests, 'Job', 'polls-wait-for-schema-').spec
      .template.spec;
    expect([...initContainers, ...containers].map(({ name }: any) => name)).toEqual([
      'wait-for-schema',
      'command',
    ]);
  });

  it('takes all props', () => {
    const { spec } = commandJob(loaded(all));
    expect(spec.template.spec.containers[0].command.slice(2, 5)).toEqual([
      ...['cdk8s_django.command', '--deadline', '300'],
    ]);
    expect(spec.template.spec.containers[0].resources).toEqual({
      requests: { cpu: '1', memory: '1Gi' },
      limits: { cpu: '2', memory: '1Gi' },
    });
  });

  it('has its deadline for itself, whatever its pod waits for [F39]', () => {
    const wait = { migrationDeadline: Duration.hours(2) };
    const deadline = Duration.minutes(5);
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart), ...wait });
      app.addCommand({ name: 'countries', command: ['loaddata', 'countries'], deadline });
      app.addScheduledCommand({ name: 'digest', command: ['digest'], schedule: '@daily', deadline });
    });
    // The Job itself has the time of every try, and of what comes before each.
    const once = commandJob(manifests).spec.activeDeadlineSeconds;
    expect(once).toBe(5 * (300 + 7200) + 900);
    const { jobTemplate } = find(manifests, 'CronJob', 'polls-digest').spec;
    expect(jobTemplate.spec.activeDeadlineSeconds).toBe(300 + 7200 + 900);
  });

  it('is kept after its end, because made again it would run again', () => {
    expect(commandJob(loaded()).spec.ttlSecondsAfterFinished).toBeUndefined();
  });

  it('runs again when it is another, and not when it is the same', () => {
    const name = (changes: Partial<CommandProps>) => commandJob(loaded(changes)).metadata.name;
    expect(name({ command: ['loaddata', 'countries', 'cities'] })).not.toBe(name({}));
    expect(name({ deadline: Duration.minutes(1) })).not.toBe(name({}));
    expect(name({})).toBe(name({}));
  });

  it.each(SAMPLES)('has the same name on $name', ({ make }) => {
    const define = (app: DjangoApp) =>
      void app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
    const here = commandJob(withApp(define, make)).metadata.name;
    expect(here).toBe(commandJob(withApp(define)).metadata.name);
  });

  it('has labels of its own, so that no Service and no budget counts its pod', () => {
    const { labels } = commandJob(loaded()).spec.template.metadata;
    expect(labels['app.kubernetes.io/component']).toBe('command');
  });

  it('may connect to the database under a network policy, whichever was made first', () => {
    const admitted = (first: 'command' | 'access') => {
      const manifests = synth((chart) => {
        const app = django(chart, { database: postgres(chart) });
        const steps = {
          command: () => app.addCommand({ name: 'a', command: ['check'] }),
          access: () => new LeastPrivilegeAccess(chart, 'Access', { app }),
        };
        steps[first]();
        steps[first === 'command' ? 'access' : 'command']();
      });
      const [{ from }] = find(manifests, 'NetworkPolicy', 'polls-db').spec.ingress;
      return from.map(({ podSelector }: any) => podSelector.matchLabels['app.kubernetes.io/component']);
    };
    expect(admitted('access')).toEqual(['web', 'migration', 'command']);
    expect(admitted('command')).toEqual(admitted('access'));
  });
});

describe('a scheduled command', () => {
  /** Every prop at once, so that a new one has to be added here. */
  const all: Required<ScheduledCommandProps> = {
    name: 'digest',
    command: ['send_digest'],
    schedule: '0 6 * * 1-5',
    timeZone: 'Europe/Vienna',
    concurrencyPolicy: ConcurrencyPolicy.REPLACE,
    startingDeadline: Duration.minutes(2),
    deadline: Duration.minutes(5),
    resources: { cpuRequest: '1', cpuLimit: '2', memoryRequest: '1Gi', memoryLimit: '1Gi' },
  };
  const cronJob = (props: ScheduledCommandProps) =>
    find(
      withApp((app) => app.addScheduledCommand(props)),
      'CronJob',
      'polls-digest',
    ).spec;

  it('leaves a run out while the last one still runs, and does not start late', () => {
    const spec = cronJob({ name: 'digest', command: ['send_digest'], schedule: '@daily' });
    expect(spec).toMatchObject({
      schedule: '@daily',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 600,
    });
    expect(spec).not.toHaveProperty('timeZone');
    expect(spec.jobTemplate.spec.backoffLimit).toBe(0);
  });

  it('takes all props', () => {
    const spec = cronJob(all);
    expect(spec).toMatchObject({
      schedule: '0 6 * * 1-5',
      timeZone: 'Europe/Vienna',
      concurrencyPolicy: 'Replace',
      startingDeadlineSeconds: 120,
    });
    expect(spec.jobTemplate.spec.template.spec.containers[0].command).toContain('300');
    expect(spec.jobTemplate.spec.template.spec.containers[0].resources.limits).toEqual({
      cpu: '2',
      memory: '1Gi',
    });
  });

  it('clears sessions each night when it is asked to', () => {
    const manifests = withApp((app) => app.addSessionClearing());
    const { schedule, jobTemplate } = find(manifests, 'CronJob', 'polls-clearsessions').spec;
    expect(schedule).toBe('30 3 * * *');
    expect(jobTemplate.spec.template.spec.containers[0].command.at(-1)).toBe('clearsessions');
  });

  it.each(['*/5 * * * *', '0 0 1 JAN MON-FRI', '15,45 8-18/2 * * 1-5', '@hourly', '@yearly'])(
    'takes the schedule %s',
    (schedule) => {
      expect(cronJob({ name: 'digest', command: ['send_digest'], schedule }).schedule).toBe(schedule);
    },
  );
});

describe('the first superuser', () => {
  const all: Required<SuperuserProps> = {
    username: 'admin',
    email: 'admin@example.com',
    password: { secretName: 'admin', key: 'password' },
  };

  it('is made by a Job that reads the password from its Secret', () => {
    const manifests = withApp((app) => app.addSuperuser(all));
    const { containers, initContainers } = startingWith(manifests, 'Job', 'polls-superuser-').spec.template
      .spec;
    const [{ env, command }] = containers;
    expect(initContainers.map(({ name }: any) => name)).toEqual(['wait-for-schema']);
    expect(command).toEqual(['python', '-m', 'cdk8s_django.create_superuser']);
    expect(env.slice(-3)).toEqual([
      { name: 'DJANGO_SUPERUSER_USERNAME', value: 'admin' },
      { name: 'DJANGO_SUPERUSER_EMAIL', value: 'admin@example.com' },
      {
        name: 'DJANGO_SUPERUSER_PASSWORD',
        valueFrom: { secretKeyRef: { name: 'admin', key: 'password' } },
      },
    ]);
  });

  it('has its own password, whatever the application has of that name', () => {
    const secretEnvironment = { DJANGO_SUPERUSER_PASSWORD: { secretName: 'other', key: 'other' } };
    const manifests = synth((chart) => django(chart, { secretEnvironment }).addSuperuser(all));
    const [{ env }] = startingWith(manifests, 'Job', 'polls-superuser-').spec.template.spec.containers;
    const passwords = env.filter(({ name }: any) => name === 'DJANGO_SUPERUSER_PASSWORD');
    expect(passwords.map(({ valueFrom }: any) => valueFrom.secretKeyRef)).toEqual([
      { name: 'admin', key: 'password' },
    ]);
  });

  it('is told to no replica', () => {
    const manifests = withApp((app) => app.addSuperuser(all));
    expect(JSON.stringify(find(manifests, 'Deployment', 'polls'))).not.toContain('SUPERUSER');
    expect(manifests.length).toBeGreaterThan(10);
  });
});

describe('the rotation of the SECRET_KEY', () => {
  it('is two steps that run only when somebody runs them', () => {
    const manifests = withApp((app) => app.addSecretKeyRotation());
    const steps = manifests.filter(({ kind }) => kind === 'CronJob');
    expect(steps.map(({ metadata }) => metadata.name)).toEqual(['polls-key-prepare', 'polls-key-rotate']);
    for (const { spec } of steps) expect(spec.suspend).toBe(true);
    const commands = steps.map(({ spec }) => spec.jobTemplate.spec.template.spec.containers[0].command);
    expect(commands).toEqual([
      ['python', '-m', 'cdk8s_django.rotate_secret_key', 'polls', '--prepare'],
      ['python', '-m', 'cdk8s_django.rotate_secret_key', 'polls'],
    ]);
  });

  it('is offered once, however often it is asked for', () => {
    const manifests = withApp((app) => {
      app.addSecretKeyRotation();
      app.addSecretKeyRotation();
    });
    expect(manifests.filter(({ kind }) => kind === 'CronJob')).toHaveLength(2);
  });
});
