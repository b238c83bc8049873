import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  LeastPrivilegeAccess,
  PostgresBackend,
  TaskWorkerProps,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import fc from 'fast-check';
import { SAMPLES, sample } from '../support/distributions';
import { configOf, django, find, findAll, postgres, synth, webContainer } from '../support/synth';

const BY_TASKS = { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 };

function made(extend: (app: DjangoApp, chart: Chart) => void, distribution = sample('upstream')): any[] {
  return synth((chart) => extend(django(chart, { database: postgres(chart) }), chart), distribution);
}
const worker = (props: Partial<TaskWorkerProps> = {}, distribution = sample('upstream')) =>
  made((app) => app.addTaskWorker({ name: 'default', ...props }), distribution);
const deploymentOf = (manifests: any[]) => find(manifests, 'Deployment', 'polls-tasks-default').spec;
const containerOf = (manifests: any[]) => deploymentOf(manifests).template.spec.containers[0];

describe("a worker of Django's Tasks", () => {
  it('runs the runtime, which puts back what a killed worker had', () => {
    expect(containerOf(worker()).command.join(' ')).toBe(
      'python -m cdk8s_django.task_worker --queues * --processes 1 --time-limit 300 --attempts 3',
    );
  });

  it('is two pods with all that a replica has, which wait for the schema and give signs of life', () => {
    const manifests = worker();
    const { replicas, template } = deploymentOf(manifests);
    expect(replicas).toBe(2);
    const container = containerOf(manifests);
    for (const key of ['image', 'env', 'envFrom', 'volumeMounts', 'resources', 'securityContext']) {
      expect(container[key]).toEqual(webContainer(manifests)[key]);
    }
    expect(template.spec.initContainers.map(({ name }: any) => name)).toEqual(['wait-for-schema']);
    expect(container.livenessProbe).toBeDefined();
  });

  it('has its budget, and is known to the policies of the network and of the database', () => {
    const manifests = made((app, chart) => {
      app.addTaskWorker({ name: 'default' });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    expect(find(manifests, 'PodDisruptionBudget', 'polls-tasks-default').spec.maxUnavailable).toBe(1);
    const jobs = find(manifests, 'NetworkPolicy', 'polls-jobs').spec.podSelector.matchExpressions;
    expect(JSON.stringify(jobs)).toContain('tasks-default');
    expect(JSON.stringify(find(manifests, 'NetworkPolicy', 'polls-db').spec.ingress)).toContain(
      'tasks-default',
    );
  });

  it('has the overlay set TASKS, also for the migration, which runs once more', () => {
    const before = made(() => undefined);
    const after = worker();
    expect(configOf(before)).not.toHaveProperty('CDK8S_DJANGO_TASKS');
    expect(configOf(after)).toHaveProperty('CDK8S_DJANGO_TASKS', 'true');
    const migration = (manifests: any[]) =>
      findAll(manifests, 'Job').find(({ metadata }) => metadata.name.startsWith('polls-migrate-')).metadata
        .name;
    expect(migration(after)).not.toBe(migration(before));
  });

  it('counts its connections: one for each process, and one for its lock', () => {
    synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      app.addTaskWorker({ name: 'default', replicas: 3, concurrency: 4, taskTimeLimit: Duration.seconds(5) });
      expect(app.databaseConnections).toContainEqual({
        description: 'polls: 6 task workers default at once × 5',
        count: 30,
        direct: true,
      });
    });
  });

  it('has the time of its slowest task, whatever that is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seconds) => {
        const { template } = deploymentOf(worker({ taskTimeLimit: Duration.seconds(seconds) }));
        expect(template.spec.terminationGracePeriodSeconds).toBe(seconds + 20);
        expect(template.spec.containers[0].command).toContain(String(seconds));
      }),
      { numRuns: 10 },
    );
  });

  it('has old results of its queues deleted each night', () => {
    const { schedule, jobTemplate } = find(worker(), 'CronJob', 'polls-prune-default').spec;
    expect(schedule).toBe('45 3 * * *');
    expect(jobTemplate.spec.template.spec.containers[0].command).toEqual([
      ...['python', '-m', 'cdk8s_django.command', '--deadline', '3600', 'prune_db_task_results'],
      ...['--queue-name', '*', '--min-age-days', '14'],
    ]);
  });

  it.each(SAMPLES)('is scaled on $name by its load', ({ make }) => {
    const manifests = worker({ scaling: { minReplicas: 1, maxReplicas: 4 } }, make());
    const scalers = [...findAll(manifests, 'ScaledObject'), ...findAll(manifests, 'HorizontalPodAutoscaler')];
    expect(scalers.map(({ metadata }) => metadata.name)).toContain('polls-tasks-default');
    expect(deploymentOf(manifests)).not.toHaveProperty('replicas');
  });
});

describe('workers that follow the tasks that wait', () => {
  const keda = () =>
    Distribution.upstream({ clusterIssuer: 'letsencrypt', autoscaling: new KedaAutoscaling() });
  const triggers = (manifests: any[]) => find(manifests, 'ScaledObject', 'polls-tasks-default').spec.triggers;

  it('are scaled by KEDA, which asks the database for what waits, and for what is not done', () => {
    const manifests = worker({ scaling: BY_TASKS, queues: ['mail'] }, keda());
    const [waiting, running] = triggers(manifests);
    expect(waiting).toEqual({
      type: 'postgresql',
      metadata: {
        host: 'polls-db.polls.svc',
        port: '5432',
        dbName: 'django',
        userName: 'django',
        sslmode: 'disable',
        query:
          "SELECT count(*)::float8 FROM django_tasks_database_dbtaskresult WHERE backend_name = 'default' AND " +
          "status = 'READY' AND (run_after <= now() OR run_after >= '9999-01-01') AND queue_name IN ('mail')",
        targetQueryValue: '20',
      },
      authenticationRef: { kind: 'TriggerAuthentication', name: 'polls-tasks-default-database' },
    });
    expect(running.metadata.query).toContain("status = 'RUNNING'");
    expect(triggers(worker({ scaling: { ...BY_TASKS, minReplicas: 1 } }, keda()))).toHaveLength(1);
  });

  it('have the password in no manifest', () => {
    const authentication = find(
      worker({ scaling: BY_TASKS }, keda()),
      'TriggerAuthentication',
      'polls-tasks-default-database',
    );
    expect(authentication.spec.secretTargetRef).toEqual([
      { parameter: 'password', name: 'polls-db', key: 'password' },
    ]);
  });

  it('of a database by URL have KEDA read the URL', () => {
    const manifests = synth((chart) => {
      const database = PostgresBackend.fromUrl(chart, 'Database', {
        url: { secretName: 'db', key: 'url' },
      });
      django(chart, { database }).addTaskWorker({ name: 'default', scaling: BY_TASKS });
    }, keda());
    const [authentication] = findAll(manifests, 'TriggerAuthentication');
    expect(authentication.spec.secretTargetRef).toEqual([
      { parameter: 'connection', name: 'db', key: 'url' },
    ]);
    expect(triggers(manifests)[0].metadata).not.toHaveProperty('host');
  });

  it('have KEDA let through to the database, and nobody else', () => {
    const ingress = (scaling?: TaskWorkerProps['scaling']) =>
      JSON.stringify(
        find(
          made((app, chart) => {
            app.addTaskWorker({ name: 'default', scaling });
            new LeastPrivilegeAccess(chart, 'Access', { app });
          }, keda()),
          'NetworkPolicy',
          'polls-db',
        ).spec.ingress,
      );
    expect(ingress(BY_TASKS)).toContain('"kubernetes.io/metadata.name":"keda"');
    expect(ingress()).not.toContain('keda');
  });
});
