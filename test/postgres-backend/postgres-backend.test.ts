import { Duration } from 'cdk8s';
import { Architecture, EnvironmentVariable, PostgresBackend, PostgresBackendProps } from 'cdk8s-django';
import { SAMPLES, sample } from '../support/distributions';
import { namesOf } from '../support/manifests';
import { chartOn, django, find, IMAGE, postgres, startingWith, synth, webContainer } from '../support/synth';

const PASSWORD = { secretName: 'polls-db-password', key: 'password' };

const server = (changes: Partial<PostgresBackendProps> = {}, distribution = sample('upstream')) =>
  synth((chart) => postgres(chart, { password: PASSWORD, ...changes }), distribution);

const statefulSet = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-db').spec;

describe('PostgresBackend with a password', () => {
  it('makes the server, its script, its Service and an account without rights', () => {
    expect(namesOf(server())).toEqual([
      'ConfigMap polls-db',
      'PriorityClass polls-first',
      'Service polls-db',
      'ServiceAccount polls-db',
      'StatefulSet polls-db',
    ]);
  });

  it('runs one pod of the official image, of a major version that PostgreSQL supports', () => {
    const spec = statefulSet(server());
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.containers[0].image).toBe('docker.io/library/postgres:18-trixie');
  });

  it('keeps the data in a folder of a volume of the given size', () => {
    const spec = statefulSet(server());
    const [claim] = spec.volumeClaimTemplates;
    expect(claim.spec).toMatchObject({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '20Gi' } },
    });
    const [container] = spec.template.spec.containers;
    expect(container.volumeMounts).toContainEqual({
      name: 'data',
      mountPath: '/var/lib/cdk8s-django/postgresql',
    });
    expect(container.env).toContainEqual({
      name: 'PGDATA',
      value: '/var/lib/cdk8s-django/postgresql/pgdata',
    });
  });

  it('runs as the image’s user, whom the volume belongs to', () => {
    expect(statefulSet(server()).template.spec.securityContext).toMatchObject({
      runAsUser: 999,
      runAsGroup: 999,
      fsGroup: 999,
    });
  });

  it('has writable folders for what the server writes under a read-only root', () => {
    const { volumes, containers } = statefulSet(server()).template.spec;
    expect(containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    for (const [name, mountPath, sizeLimit] of [
      ['tmp', '/tmp', '1Gi'],
      ['run', '/var/run/postgresql', '16Mi'],
    ]) {
      expect(volumes).toContainEqual({ name, emptyDir: { sizeLimit } });
      expect(containers[0].volumeMounts).toContainEqual({ name, mountPath });
    }
  });

  it('is probed over TCP, which it does not listen on while it is being prepared', () => {
    const [container] = statefulSet(server()).template.spec.containers;
    expect(container.readinessProbe.exec.command).toEqual(
      expect.arrayContaining(['pg_isready', '--host=127.0.0.1']),
    );
    expect(container.startupProbe.exec.command).toEqual(['sh', '/etc/cdk8s-django/started.sh']);
    const script = find(server(), 'ConfigMap', 'polls-db').data['started.sh'];
    expect(script.split('\n')[0]).toBe(
      'pg_isready --host=127.0.0.1 --username=django --dbname=django --quiet || exit 1',
    );
    // No program starts for it: on a busy node that takes longer than a probe waits.
    expect(container.livenessProbe.tcpSocket).toEqual({ port: 'postgres' });
  });

  it('makes a role that is no superuser, and leaves the superuser without a password', () => {
    const script = find(server(), 'ConfigMap', 'polls-db').data['10-application.sh'];
    expect(script).toContain(`CREATE ROLE "django" LOGIN PASSWORD :'password';`);
    expect(script).toContain('ALTER DATABASE "django" OWNER TO "django";');
    expect(script).toContain('ALTER ROLE postgres PASSWORD NULL;');
    expect(script).not.toMatch(/SUPERUSER/i);
  });

  it('makes extensions by the superuser, each time before applications are let in [F11]', () => {
    const manifests = server({ extensions: ['postgis', 'uuid-ossp'] });
    const { data } = find(manifests, 'ConfigMap', 'polls-db');
    expect(data['started.sh']).toContain(
      "psql --no-psqlrc --username=postgres --dbname=django --quiet --set=ON_ERROR_STOP=1 <<'SQL' || exit 1\n" +
        'CREATE EXTENSION IF NOT EXISTS "postgis" CASCADE;\nCREATE EXTENSION IF NOT EXISTS "uuid-ossp" CASCADE;\n',
    );
    expect(data['10-application.sh']).not.toContain('EXTENSION');
    // Another list replaces the pod.
    expect(statefulSet(manifests).template.metadata.annotations).toEqual({
      'cdk8s-django/extensions': 'postgis uuid-ossp',
    });

    const without = find(server(), 'ConfigMap', 'polls-db').data;
    expect(without['started.sh']).not.toContain('EXTENSION');
    expect(statefulSet(server()).template.metadata.annotations).toBeUndefined();
  });

  it('looks for extensions in the image before anything is made', () => {
    const { data } = find(server({ extensions: ['vector'] }), 'ConfigMap', 'polls-db');
    const script: string = data['start.sh'];
    expect(script).toContain('for extension in vector; do');
    expect(script).toContain(
      "error: the PostgresBackend 'polls-db' has the extension '$extension', and its image has none of that name",
    );
    expect(script.indexOf('control')).toBeLessThan(script.indexOf('exec docker-entrypoint.sh'));
    expect(find(server(), 'ConfigMap', 'polls-db').data['start.sh']).not.toContain('extension');
  });

  it('makes new data with checksums', () => {
    const [container] = statefulSet(server()).template.spec.containers;
    expect(container.env).toContainEqual({
      name: 'POSTGRES_INITDB_ARGS',
      value: '--auth-host=scram-sha-256 --data-checksums',
    });
  });

  it('warns of another order of text, and starts for all that', () => {
    const script: string = find(server(), 'ConfigMap', 'polls-db').data['started.sh'];
    expect(script).toContain('>/proc/1/fd/2 || true\nSELECT json_build_object(');
    expect(script).toContain('pg_database_collation_actual_version');
    expect(script).toContain('REFRESH COLLATION VERSION');
  });

  it('keeps the image’s own init scripts, which act on the same database [F11]', () => {
    const [container] = statefulSet(server({ database: 'maps' })).template.spec.containers;
    const paths = container.volumeMounts.map(({ mountPath }: any) => mountPath);
    expect(paths).not.toContain('/docker-entrypoint-initdb.d');
    expect(container.volumeMounts).toContainEqual({
      name: 'scripts',
      mountPath: '/docker-entrypoint-initdb.d/10-application.sh',
      subPath: '10-application.sh',
      readOnly: true,
    });
    expect(container.env).toContainEqual({ name: 'POSTGRES_DB', value: 'maps' });
  });

  it('says to applications that it has no TLS [F9]', () => {
    const { environment, connection } = postgres(chartOn(), { password: PASSWORD });
    expect(connection!.sslMode).toBe('disable');
    expect(environment).toContainEqual({ name: 'DATABASE_SSL_MODE', value: 'disable' });
  });

  it('with a certificate it takes connections of other pods by TLS alone, and they check it', () => {
    const manifests = synth((chart) =>
      django(chart, { database: postgres(chart, { certificateSecretName: 'polls-db-tls' }) }),
    );
    const { containers, volumes } = statefulSet(manifests).template.spec;
    // After the parameters of the server itself.
    expect(containers[0].args.slice(-4)).toEqual([
      '--hba_file=/etc/cdk8s-django/pg_hba.conf',
      '--ssl=on',
      '--ssl_cert_file=/etc/cdk8s-django/tls/tls.crt',
      '--ssl_key_file=/etc/cdk8s-django/tls/tls.key',
    ]);
    // PostgreSQL refuses a key that others than its group may read.
    expect(volumes).toContainEqual({
      name: 'certificate',
      secret: { secretName: 'polls-db-tls', defaultMode: 0o440 },
    });
    const { data } = find(manifests, 'ConfigMap', 'polls-db');
    const rules = data['pg_hba.conf'].split('\n').filter((line: string) => /^host/.test(line));
    expect(rules).toEqual([
      'host all all 127.0.0.1/32 scram-sha-256',
      'host all all ::1/128 scram-sha-256',
      'hostssl all all all scram-sha-256',
    ]);
    expect(data['start.sh']).toContain('kill -HUP 1');

    const own = find(manifests, 'Deployment', 'polls').spec.template.spec;
    const items = [{ key: 'ca.crt', path: 'ca.crt' }];
    expect(own.volumes).toContainEqual({
      name: 'database-ca',
      secret: { secretName: 'polls-db-tls', items },
    });
    const migration = startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec;
    for (const container of [...own.containers, ...own.initContainers, ...migration.containers]) {
      expect(container.volumeMounts).toContainEqual({
        name: 'database-ca',
        mountPath: '/etc/cdk8s-django/polls-db',
        readOnly: true,
      });
      expect(container.env).toContainEqual({ name: 'DATABASE_SSL_MODE', value: 'verify-full' });
    }

    const without = find(server(), 'ConfigMap', 'polls-db').data;
    expect(without['pg_hba.conf']).toBeUndefined();
    expect(without['start.sh']).not.toContain('kill');
  });

  it('selects its pod by the three labels', () => {
    const labels = {
      'app.kubernetes.io/name': 'postgresql',
      'app.kubernetes.io/instance': 'polls-db',
      'app.kubernetes.io/component': 'database',
    };
    const manifests = server();
    expect(statefulSet(manifests).selector).toEqual({ matchLabels: labels });
    expect(find(manifests, 'Service', 'polls-db').spec.selector).toEqual(labels);
  });
});

describe('PostgresBackend with all props', () => {
  /**
   * Every prop at once, so that a new one has to be added here. `passwords`, the role of applications, the archive and
   * the replica have files of tests.
   */
  const all: Required<
    Omit<PostgresBackendProps, 'passwords' | 'applicationRole' | 'archive' | 'restore' | 'readReplicas'>
  > = {
    name: 'shop-db',
    storage: '100Gi',
    storageClassName: 'fast',
    image: 'docker.io/library/postgres:16.4',
    imagePullSecrets: ['registry'],
    database: 'shop',
    user: 'shop_owner',
    password: PASSWORD,
    certificateSecretName: 'shop-db-tls',
    restoreFrom: 'shop-db-20261124-030000',
    upgradeFrom: 'docker.io/library/postgres:15.14',
    pythonImage: IMAGE,
    connectionMaxAge: Duration.minutes(2),
    maxConnections: 500,
    poolSize: 8,
    engine: 'django_prometheus.db.backends.postgresql',
    extensions: ['pg_trgm', 'pg_stat_statements'],
    parameters: {
      log_min_duration_statement: '500ms',
      shared_buffers: '2GB',
      search_path: '"$(user)", public',
    },
    scheduling: { architecture: Architecture.ARM64, zones: ['zone-a'] },
    metrics: { image: 'registry.example.com/exporter:1.0.0' },
    resources: { cpuRequest: '1', cpuLimit: '2', memoryRequest: '2Gi', memoryLimit: '4Gi' },
  };

  it('says each of them where Kubernetes reads it', () => {
    let variables: EnvironmentVariable[] = [];
    const manifests = synth((chart) => {
      ({ environment: variables } = new PostgresBackend(chart, 'Database', all));
    });
    expect(variables.slice(-3)).toEqual([
      { name: 'CDK8S_DJANGO_DATABASE_ENGINE', value: 'django_prometheus.db.backends.postgresql' },
      { name: 'DATABASE_CONN_MAX_AGE', value: '120' },
      { name: 'DATABASE_POOL_MAX_SIZE', value: '8' },
    ]);
    const { template, volumeClaimTemplates } = find(manifests, 'StatefulSet', 'shop-db').spec;
    const [container] = template.spec.containers;
    expect(container.image).toBe('docker.io/library/postgres:16.4');
    expect(template.spec.nodeSelector).toEqual({ 'kubernetes.io/arch': 'arm64' });
    expect(container.env).toEqual([
      { name: 'PGDATA', value: '/var/lib/cdk8s-django/postgresql/pgdata' },
      { name: 'POSTGRES_DB', value: 'shop' },
      { name: 'POSTGRES_USER', value: 'postgres' },
      { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256 --data-checksums' },
      {
        name: 'POSTGRES_PASSWORD',
        valueFrom: { secretKeyRef: { name: 'polls-db-password', key: 'password' } },
      },
    ]);
    expect(container.resources).toEqual({
      requests: { cpu: '1', memory: '2Gi' },
      limits: { cpu: '2', memory: '4Gi' },
    });
    expect(template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(volumeClaimTemplates[0].spec).toMatchObject({
      storageClassName: 'fast',
      resources: { requests: { storage: '100Gi' } },
    });
    expect(template.spec.containers[0].args).toEqual([
      'postgres',
      '--max_connections=500',
      '--effective_cache_size=3072MB',
      '--maintenance_work_mem=256MB',
      '--shared_buffers=2GB',
      '--shared_preload_libraries=pg_stat_statements',
      '--tcp_keepalives_count=3',
      '--tcp_keepalives_idle=30s',
      '--tcp_keepalives_interval=10s',
      '--tcp_user_timeout=30s',
      '--hba_file=/etc/cdk8s-django/pg_hba.conf',
      '--ssl=on',
      '--ssl_cert_file=/etc/cdk8s-django/tls/tls.crt',
      '--ssl_key_file=/etc/cdk8s-django/tls/tls.key',
      '--log_min_duration_statement=500ms',
      // Kubernetes would take it for a variable.
      '--search_path="$$(user)", public',
    ]);
    expect(template.metadata.annotations).toEqual({
      'cdk8s-django/extensions': 'pg_trgm pg_stat_statements',
    });
    expect(manifests).toMatchSnapshot();
  });
});

describe('a generated password', () => {
  it('is made by the image of the first application', () => {
    const manifests = synth((chart) => {
      const database = postgres(chart);
      const props = { database, runAsUser: 1234, imagePullSecrets: ['registry'] };
      django(chart, props);
    });
    const pod = startingWith(manifests, 'Job', 'polls-db-secret').spec.template.spec;
    expect(pod.containers[0].image).toBe(IMAGE);
    expect(pod.containers[0].command).toEqual([
      ...['python', '-m', 'cdk8s_django.generate_secret'],
      ...['polls-db', 'password=password'],
    ]);
    expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(pod.securityContext.runAsUser).toBe(1234);
  });

  it('is made by the Python image where no application uses the database', () => {
    const manifests = synth((chart) => postgres(chart, { pythonImage: 'docker.io/library/python:3.12.7' }));
    const pod = startingWith(manifests, 'Job', 'polls-db-secret').spec.template.spec;
    expect(pod.containers[0].image).toBe('docker.io/library/python:3.12.7');
  });

  it('is what the server and the application read', () => {
    const manifests = synth((chart) => django(chart, { database: postgres(chart) }));
    const reference = { valueFrom: { secretKeyRef: { name: 'polls-db', key: 'password' } } };
    const [container] = statefulSet(manifests).template.spec.containers;
    expect(container.env).toContainEqual({ name: 'POSTGRES_PASSWORD', ...reference });
    expect(webContainer(manifests).env).toContainEqual({ name: 'DATABASE_PASSWORD', ...reference });
  });
});

describe('the variables of a database in the cluster', () => {
  it('are its parts and the URL that is made of them', () => {
    const database = postgres(chartOn(), { password: PASSWORD, database: 'polls', user: 'owner' });
    expect(database.environment).toEqual([
      { name: 'DATABASE_HOST', value: 'polls-db' },
      { name: 'DATABASE_PORT', value: '5432' },
      { name: 'DATABASE_NAME', value: 'polls' },
      { name: 'DATABASE_USER', value: 'owner' },
      { name: 'DATABASE_PASSWORD', ...PASSWORD },
      { name: 'DATABASE_SSL_MODE', value: 'disable' },
      {
        name: 'DATABASE_URL',
        value:
          'postgres://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)' +
          '?sslmode=disable',
      },
    ]);
  });
});

const CLASSES: Record<string, string | undefined> = {
  gke: 'standard-rwo',
  eks: 'gp2',
  aks: 'managed-csi',
  openshift: undefined,
  upstream: undefined,
};

describe.each(SAMPLES)('PostgresBackend on $name', ({ name, make }) => {
  it('is the same but for the class of the volume and the user', () => {
    const strip = (manifests: any[]) => {
      const copy = structuredClone(manifests);
      const spec = statefulSet(copy);
      delete spec.template.spec.securityContext;
      delete spec.volumeClaimTemplates[0].spec.storageClassName;
      return copy;
    };
    const made = server({}, make());
    expect(strip(made)).toEqual(strip(server()));
    expect(statefulSet(made).volumeClaimTemplates[0].spec.storageClassName).toBe(CLASSES[name]);
  });
});
