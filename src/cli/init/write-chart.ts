import { CeleryWorkerFound } from './celery';
import { isRq } from './needs';
import { Plan } from './plan';
import { Process } from './processes';
import { stopSignalOf } from './stop-signals';
import { comment, importOf, indented, object, quoted, quotedList } from './typescript-text';

/** The name of the file of the chart, without its end: `shop-chart`. */
export const chartFile = ({ name }: Plan) => `${name}-chart`;

/** The chart: the application, as it runs on every platform. */
export function chartText(plan: Plan): string {
  return new ChartWriter(plan).text();
}

class ChartWriter {
  private readonly imports = new Set<string>([
    'DjangoApp',
    'HealthMonitoring',
    'LeastPrivilegeAccess',
    'PublicRoute',
  ]);
  private readonly blocks: string[] = [];
  private cacheDatabases = 0;
  private readonly workNames = new Set<string>();

  constructor(private readonly plan: Plan) {}

  text(): string {
    this.addServers();
    this.addApplication();
    this.addWork();
    this.addRoute();
    const { className } = this.plan;
    return [
      "import { Chart } from 'cdk8s';",
      importOf(this.imports, 'cdk8s-django'),
      "import { Construct } from 'constructs';",
      '',
      `export interface ${className}Props {`,
      '  /** The namespace: one for each environment, such as production and staging. */',
      '  readonly namespace: string;',
      '',
      '  /** The image, with its tag. */',
      '  readonly image: string;',
      '',
      '  /** The public host. */',
      '  readonly host: string;',
      '}',
      '',
      '/** The application, as it runs everywhere: no distribution is named here. */',
      `export class ${className}Chart extends Chart {`,
      `  constructor(scope: Construct, id: string, props: ${className}Props) {`,
      '    super(scope, id, { namespace: props.namespace });',
      '',
      ...this.blocks.map((block, index) => indented(indented(index ? `\n${block}` : block))),
      '  }',
      '}',
      '',
    ].join('\n');
  }

  private get usesCacheServer(): boolean {
    const { project, variables } = this.plan;
    return Boolean(project.cache || project.channelLayer || variables.redis.size);
  }

  /** A database of the cache's server for each use. */
  private cacheDatabase(): string {
    return `cache.database(${this.cacheDatabases++})`;
  }

  private addServers(): void {
    const { name, project } = this.plan;
    const { database, celery } = project;
    if (database.isPostgres) {
      this.imports.add('PostgresBackend');
      const props = object(
        {
          name: quoted(`${name}-db`),
          storage: quoted('10Gi'),
          image: database.image && quoted(database.image.value),
          extensions: database.extensions.length
            ? quotedList(database.extensions.map(({ value }) => value))
            : undefined,
        },
        database.extensions.length ? 'lines' : 'line',
      );
      this.blocks.push(
        `${comment('One pod with a volume. In production the platform may run it: see `postgres` of the distribution.')}\n` +
          `const database = new PostgresBackend(this, 'Database', ${props});`,
      );
    }
    if (celery && !celery.rabbitMq) {
      this.imports.add('ValkeyBackend');
      const props = object({ name: quoted(`${name}-queue`), storage: quoted('1Gi') });
      this.blocks.push(
        `${comment('The broker of Celery: with a volume, so that no task is lost with its pod.')}\n` +
          `const queue = new ValkeyBackend(this, 'Queue', ${props});`,
      );
    }
    if (this.usesCacheServer) {
      this.imports.add('ValkeyBackend');
      this.blocks.push(
        `${comment('Without a volume it forgets everything with its pod, as a cache may.')}\n` +
          `const cache = new ValkeyBackend(this, 'Cache', ${object({ name: quoted(`${name}-cache`) })});`,
      );
    }
  }

  private addApplication(): void {
    const { name, project, workingDirectory, pythonPath } = this.plan;
    const { settings, cache, channelLayer, database } = project;
    const props = object(
      {
        name: quoted(name),
        image: 'props.image',
        settingsModule: quoted(settings.module.value),
        workingDirectory: project.layout.folder ? quoted(workingDirectory) : undefined,
        pythonPath: pythonPath && quotedList([pythonPath]),
        ...this.server(),
        database: database.isPostgres ? 'database' : undefined,
        cache: cache ? this.cacheDatabase() : undefined,
        channelLayer: channelLayer ? this.cacheDatabase() : undefined,
        celery: this.celery(),
        media: this.media(),
        replicas: this.replicas(),
        environment: this.environment(),
        secretEnvironment: this.secretEnvironment(),
      },
      'lines',
    );
    this.blocks.push(`const app = new DjangoApp(this, 'App', ${props});`);
    this.addVariables();
  }

  private server(): { [name: string]: string | undefined } {
    const { project } = this.plan;
    const { kind, module, program } = project.server;
    const [top] = project.settings.module.value.split('.');
    if (kind === 'ASGI') {
      if (program !== 'uvicorn') this.imports.add('AsgiServer');
      const asgiServer = program === 'uvicorn' ? undefined : `AsgiServer.${program.toUpperCase()}`;
      return { asgiModule: quoted(module), asgiServer };
    }
    if (program !== 'gunicorn') this.imports.add('WsgiServer');
    const isDefault = module === `${top}.wsgi` && project.settings.module.value.includes('.');
    return {
      wsgiModule: isDefault ? undefined : quoted(module),
      wsgiServer: program === 'gunicorn' ? undefined : `WsgiServer.${program.toUpperCase()}`,
    };
  }

  private celery(): string | undefined {
    const { name, project } = this.plan;
    const { celery, settings } = project;
    if (!celery) return undefined;
    const broker = celery.rabbitMq
      ? { rabbitMq: `{ urlSecret: { secretName: ${quoted(`${name}-rabbitmq`)}, key: 'url' } }` }
      : { broker: 'queue.database(0)' };
    const [top] = settings.module.value.split('.');
    const isDefault = celery.application.value === `${top}.celery:app`;
    return object({ ...broker, application: isDefault ? undefined : quoted(celery.application.value) });
  }

  private media(): string | undefined {
    const { project, workingDirectory, media } = this.plan;
    if (!media) return undefined;
    const { storageClass } = media;
    if (!storageClass) this.imports.add('VolumeAccessMode');
    return object(
      {
        mountPath: quoted(`${workingDirectory}/media`),
        size: quoted('10Gi'),
        accessMode: storageClass ? undefined : 'VolumeAccessMode.READ_WRITE_ONCE',
        storageClassName: storageClass && quoted(storageClass),
        serve: project.media?.served ? 'true' : undefined,
      },
      'lines',
    );
  }

  /** A volume that one node alone can mount has one replica by itself. */
  private replicas(): string | undefined {
    const { project, media } = this.plan;
    const isSingle = media && !media.storageClass;
    return isSingle ? undefined : project.others.replicas?.value.toString();
  }

  private environment(): string | undefined {
    const { environment, files } = this.plan.variables;
    if (!environment.size && !files.size) return undefined;
    const all = [...environment, ...files].map(([name, value]) => [name, this.withHost(value)]);
    return object(Object.fromEntries(all), all.length > 1 ? 'lines' : 'line');
  }

  private withHost(value: string): string {
    const { host } = this.plan;
    if (value === host) return 'props.host';
    if (value === `https://${host}`) return '`https://${props.host}`';
    if (value === JSON.stringify([host])) return 'JSON.stringify([props.host])';
    if (value === JSON.stringify([`https://${host}`])) return 'JSON.stringify([`https://${props.host}`])';
    return quoted(value);
  }

  private secretEnvironment(): string | undefined {
    const { name, variables } = this.plan;
    if (!variables.secret.length) return undefined;
    const values = variables.secret.map((variable) => [
      variable,
      `{ secretName: ${quoted(`${name}-settings`)}, key: ${quoted(variable)} }`,
    ]);
    return object(Object.fromEntries(values), 'lines');
  }

  private addVariables(): void {
    const { name, variables } = this.plan;
    const { keys, database, redis, files } = variables;
    const lines = [
      ...keys.map((variable) => `app.addSecretEnvironment(${quoted(variable)}, app.secretKey);`),
      ...this.connectionLines('addDatabaseEnvironment', 'database', database),
      ...this.connectionLines('addRedisEnvironment', redis.size ? this.cacheDatabase() : '', redis),
    ];
    if (lines.length) {
      this.blocks.push(
        `${comment('What the settings demand under names of their own.')}\n${lines.join('\n')}`,
      );
    }
    if (files.size) {
      this.imports.add('VolumeSource');
      const [path] = files.values();
      const props = object(
        {
          name: quoted('settings'),
          source: `VolumeSource.fromSecret({ name: ${quoted(`${name}-files`)} })`,
          mountPath: quoted(path.slice(0, path.lastIndexOf('/'))),
        },
        'lines',
      );
      this.blocks.push(`${comment('The files that the settings read.')}\napp.addVolume(${props});`);
    }
  }

  private connectionLines(method: string, source: string, parts: Map<string, string>): string[] {
    if (parts.size) this.imports.add('ConnectionPart');
    return [...parts].map(
      ([variable, part]) => `app.${method}(${quoted(variable)}, ${source}, ConnectionPart.${part});`,
    );
  }

  private addWork(): void {
    const { celery, tasks, processes, sessions, others, database } = this.plan.project;
    const lines = [
      ...(celery?.workers ?? []).map((worker) => this.worker(worker)),
      ...(celery?.beat ? ['app.addCeleryBeat();'] : []),
      ...(tasks && !isRq(tasks.value) ? ["app.addTaskWorker({ name: 'default' });"] : []),
      ...processes.map((process) => this.process(process)),
      // Without a database of its own the library migrates none.
      ...(database.isPostgres
        ? []
        : ["app.addCommand({ name: 'migrate', command: ['migrate', '--no-input'] });"]),
      ...others.release.flatMap((release) => this.command(release)),
      ...(sessions && database.isPostgres ? ['app.addSessionClearing();'] : []),
    ];
    if (lines.length) this.blocks.push(lines.join('\n'));
  }

  /** A name that no other work has. */
  private workName(text: string): string {
    const label = text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
    let name = label;
    for (let number = 2; this.workNames.has(name); number++) name = `${label}-${number}`;
    this.workNames.add(name);
    return quoted(name);
  }

  private worker({ name, queues, concurrency, pool }: CeleryWorkerFound): string {
    if (pool) this.imports.add('CeleryPool');
    const props = object({
      name: this.workName(name),
      queues: queues.length ? quotedList(queues) : undefined,
      concurrency: concurrency?.toString(),
      pool: pool && `CeleryPool.${pool.toUpperCase()}`,
    });
    return `app.addCeleryWorker(${props});`;
  }

  private process({ name, command }: Process): string {
    const signal = stopSignalOf(command);
    if (signal) this.imports.add('StopSignal');
    const props = object({
      name: this.workName(name),
      command: quotedList(wordsOf(command)),
      stopSignal: signal && `StopSignal.${signal}`,
    });
    return `app.addProcess(${props});`;
  }

  private command({ command }: Process): string[] {
    const words = /manage\.py\s+(.+)$/.exec(command)?.[1].split(/\s+/);
    if (!words) return [];
    return [`app.addCommand(${object({ name: this.workName(words[0]), command: quotedList(words) })});`];
  }

  private addRoute(): void {
    const { metrics } = this.plan.project;
    const health = object({ app: 'app', metrics: metrics && object({ path: quoted(metrics.value) }) });
    this.blocks.push(
      [
        "new PublicRoute(this, 'Route', { app, hosts: [props.host] });",
        `new HealthMonitoring(this, 'Health', ${health});`,
        comment(
          'It lets the router in, and the pods out to their servers. `egress` adds a mail server or an API.',
        ),
        "new LeastPrivilegeAccess(this, 'Access', { app });",
      ].join('\n'),
    );
  }
}

/** The words of a command. One that needs a shell gets one, which the program replaces. */
export function wordsOf(command: string): string[] {
  if (/[$|&;<>"'`*]/.test(command))
    return ['sh', '-c', command.startsWith('exec ') ? command : `exec ${command}`];
  return command.split(/\s+/);
}
