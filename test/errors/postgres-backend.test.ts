import { DumpBackups } from 'cdk8s-django/backup';
import { CloudNativePostgres, RdsPostgres } from 'cdk8s-django/postgres';
import {
  Distribution,
  PostgresBackend,
  PostgresBackendProps,
  PostgresHostProps,
  SslMode,
} from 'cdk8s-django';
import { IMAGE, postgres } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const HOST_REMEDY =
  'Give a DNS name, an IPv4 or IPv6 address without brackets, or the folder of a socket, without scheme, port or ' +
  'path; several servers are for fromUrl.';

describe('a PostgresBackend', () => {
  const server = (
    what: string,
    changes: { [prop in keyof PostgresBackendProps]?: any },
    message: string,
  ): BadInput => ({
    what,
    define: (chart) => postgres(chart, { pythonImage: IMAGE, ...changes }),
    message: `polls/Database: ${message}`,
  });
  const host = (what: string, changes: Partial<PostgresHostProps>, message: string): BadInput => ({
    what,
    define: (chart) =>
      PostgresBackend.fromHost(chart, 'Database', {
        host: 'db.example.com',
        database: 'polls',
        user: 'polls',
        password: { secretName: 'db', key: 'password' },
        ...changes,
      }),
    message: `polls/Database: ${message}`,
  });
  const ROLE_REMEDY = 'Use lower-case letters, digits, "_" and "-", a letter first, at most 63.';

  eachGivesItsMessage([
    server(
      'a role of applications whose owner changes its password',
      { applicationRole: {}, passwords: { accepted: [1], used: 1 } },
      'applicationRole {} is given together with passwords, which change the password of the role that owns the tables ' +
        'alone. Leave it out: passwords stay once they are given.',
    ),
    server(
      'a role of applications without a password beside a given one',
      { applicationRole: {}, password: { secretName: 'own', key: 'owner' } },
      'applicationRole.password (not given) is needed beside password, because the Secret of that is made by somebody ' +
        'else. Give the value of another key, or leave password out: both are then made.',
    ),
    server(
      'a role of applications with the password of the owner',
      {
        applicationRole: { password: { secretName: 'own', key: 'owner' } },
        password: { secretName: 'own', key: 'owner' },
      },
      'applicationRole.password "owner" is the password of the role that owns the tables, in Secret "own". ' +
        'Give the value of another key.',
    ),
    server(
      'a password of applications that is none',
      { applicationRole: { password: { secretName: 'Own', key: 'owner' } } },
      'applicationRole.password.secretName "Own" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ' +
        '".", beginning and ending with a letter or digit.',
    ),
    server(
      'a role of applications whose name is too long',
      { applicationRole: {}, user: 'a'.repeat(52) },
      `user "${'a'.repeat(52)}" has 52 characters, and the role of applications also ends in "_application". ` +
        'Use at most 51.',
    ),
    server(
      'a switch to a password that was not added',
      { passwords: { accepted: [1], used: 2 } },
      'passwords.used 2 is none of the accepted (1): a step of the rotation was skipped. Apply three changes in turn: ' +
        'add the next to accepted, switch used to it, and remove the old one from accepted.',
    ),
    server(
      'the end of the password in use',
      { passwords: { accepted: [2], used: 1 } },
      'passwords.used 1 is none of the accepted (2): a step of the rotation was skipped. Apply three changes in turn: ' +
        'add the next to accepted, switch used to it, and remove the old one from accepted.',
    ),
    server(
      'a password that was left out',
      { passwords: { accepted: [1, 3], used: 1 } },
      'passwords.accepted [1,3] are not two numbers that follow one another. Give [1, 2]: each rotation adds the next ' +
        'number and removes the one before it.',
    ),
    server(
      'passwords in another order',
      { passwords: { accepted: [2, 1], used: 1 } },
      'passwords.accepted [2,1] are not two numbers that follow one another. Give [1, 2]: each rotation adds the next ' +
        'number and removes the one before it.',
    ),
    server(
      'three passwords',
      { passwords: { accepted: [1, 2, 3], used: 1 } },
      'passwords.accepted [1,2,3] is not one password, or two while a rotation lasts. Give one number, such as [1], or ' +
        'two that follow one another, such as [1, 2].',
    ),
    server(
      'a password before the first',
      { passwords: { accepted: [0], used: 0 } },
      'passwords.accepted 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    server(
      'a role whose alternate would have too long a name',
      { user: 'u'.repeat(54), passwords: { accepted: [1], used: 1 } },
      `user "${'u'.repeat(54)}" has 54 characters, and the role that takes turns with it also ends in "_alternate". ` +
        'Use at most 53.',
    ),
    {
      what: 'a rotation on a server that an operator makes',
      define: (chart) => postgres(chart, { passwords: { accepted: [1], used: 1 } }),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
      message:
        'polls/Database: passwords {"accepted":[1],"used":1} are for a server that the library makes, and the ' +
        'distribution runs this one. Leave them out, and change the password where the service that runs it has it.',
    },
    server(
      'no size',
      { storage: 'lots' },
      'storage "lots" is not a quantity of bytes. Give a number with a unit such as "512Mi" or "20Gi".',
    ),
    server(
      'a class that there cannot be',
      { storageClassName: 'Bad Name' },
      'storageClassName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    server(
      'a role with a quote',
      { user: "o'brien" },
      `user "o'brien" is not a name for a PostgreSQL role or database. ${ROLE_REMEDY}`,
    ),
    ...['postgres', 'public', 'none', 'pg_polls'].map((user) =>
      server(
        `the role ${user}`,
        { user },
        `user "${user}" is a name that PostgreSQL has or keeps for itself. Choose another one, such as "django".`,
      ),
    ),
    ...['postgres', 'template0', 'template1'].map((database) =>
      server(
        `the database ${database}`,
        { database },
        `database "${database}" is a name that PostgreSQL has or keeps for itself. Choose another one, such as "django".`,
      ),
    ),
    server(
      'an image that changes',
      { image: 'docker.io/library/postgres' },
      'image "docker.io/library/postgres" has no tag, which means "latest". ' +
        'Give an image with a version tag or a digest, such as "registry.example.com/polls:1.4.2".',
    ),
    server(
      'no connections in a pool',
      { poolSize: 0 },
      'poolSize 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    {
      what: 'a password to be made and nobody to make it',
      define: (chart) => postgres(chart),
      message: atSynth(
        '[polls/Database] pythonImage (not given) is needed to make the password, as no application uses the ' +
          'database. Give it, give the password, or give the database to a DjangoApp.',
      ),
    },
    {
      what: 'no URL',
      define: (chart) => PostgresBackend.fromUrl(chart, 'Database', {} as any),
      message:
        'polls/Database: url (not given) is needed. Give { secretName: "…", key: "…" }, or value("…") of an ' +
        'ExistingSecret or StoredSecret.',
    },
    ...[
      'https://db',
      'db:5432',
      '[::1]',
      '10.20.30',
      '10.20.30.400',
      'fe80::1%eth0',
      'a,b',
      'a..b',
      '*.db',
      '',
    ].map((value) =>
      host(
        `the host "${value}" [F12]`,
        { host: value },
        `host "${value}" is not a host that PostgreSQL is found by. ${HOST_REMEDY}`,
      ),
    ),
    ...['', ' polls', 'a\nb', 'ä'.repeat(32)].map((value) =>
      host(
        `the database ${JSON.stringify(value)} [F12]`,
        { database: value },
        `database ${JSON.stringify(value)} is not a name that a PostgreSQL role or database has. ` +
          'Give the name as \\du or \\l of psql shows it: at most 63 bytes, without blanks around it.',
      ),
    ),
    host(
      'an engine that is no module [F11]',
      { engine: 'postgis://' },
      'engine "postgis://" is not a Python module. Give its dotted path, such as "mysite.settings".',
    ),
    server(
      'an extension with a quote [F11]',
      { extensions: ['post"gis'] },
      'extensions "post\\"gis" is not the name of an extension of PostgreSQL. ' +
        'Use lower-case letters, digits, "_" and "-", a letter first, such as "postgis" or "uuid-ossp".',
    ),
    server(
      'an extension by the name of its project',
      { extensions: ['pgvector'] },
      'extensions "pgvector" is not what PostgreSQL calls this extension. Use "vector".',
    ),
    server(
      'an extension twice [F11]',
      { extensions: ['citext', 'citext'] },
      'extensions "citext" is given twice. Remove one of them.',
    ),
    ...(
      [
        [
          'the name of a parameter with a capital',
          { Work_Mem: '4MB' },
          'parameters "Work_Mem" is not the name of a parameter of PostgreSQL. ' +
            'Use lower-case letters, digits and "_", such as "work_mem" or "pg_stat_statements.track".',
        ],
        [
          'a parameter that has an option of its own',
          { max_connections: '9' },
          'parameters.max_connections "9" is set by the library. ' +
            'Use maxConnections, which is compared with what applications may open.',
        ],
        [
          'a parameter that names the files of the server',
          { data_directory: '/data' },
          'parameters.data_directory "/data" is set by the library. ' +
            'Leave it out: the files of the server are in its volume.',
        ],
        [
          'a parameter of two lines',
          { search_path: 'a\nb' },
          'parameters.search_path "a\\nb" is not a value of a parameter. ' +
            'Give a string of one line, such as "16MB" or "on".',
        ],
        [
          'a parameter that is a number',
          { work_mem: 4096 as any },
          'parameters.work_mem 4096 is not a value of a parameter. ' +
            'Give a string of one line, such as "16MB" or "on".',
        ],
      ] as const
    ).map(([what, parameters, message]) => server(what, { parameters }, message)),
    server(
      'libraries without the one that an extension needs',
      {
        extensions: ['pg_stat_statements'],
        parameters: { shared_preload_libraries: 'auto_explain' },
      },
      'parameters.shared_preload_libraries "auto_explain" does not load pg_stat_statements, which is one of ' +
        'extensions. Add pg_stat_statements to it, after a comma.',
    ),
    server(
      'data to be taken to an older version',
      {
        image: 'docker.io/library/postgres:17-trixie',
        upgradeFrom: 'docker.io/library/postgres:18.1-trixie',
      },
      'upgradeFrom "docker.io/library/postgres:18.1-trixie" is PostgreSQL 18, and the server\'s image is PostgreSQL ' +
        '17: data is only taken to a newer major version. ' +
        'Give the image that the data was made with, or leave it out.',
    ),
    server(
      'data of the same version',
      { image: 'docker.io/postgis/postgis:18-3.6', upgradeFrom: 'postgres:18' },
      'upgradeFrom "postgres:18" is PostgreSQL 18, and the server\'s image is PostgreSQL 18: ' +
        'data is only taken to a newer major version. ' +
        'Give the image that the data was made with, or leave it out.',
    ),
    server(
      'data of an image that changes',
      { upgradeFrom: 'postgres' },
      'upgradeFrom "postgres" has no tag, which means "latest". Give an image with a version tag or a digest, such as ' +
        '"registry.example.com/polls:1.4.2".',
    ),
    {
      ...server(
        'data to be taken to another version and a dump',
        { upgradeFrom: 'postgres:15', restoreFrom: 'polls-db-20261124-030000' },
        'upgradeFrom "postgres:15" is given together with restoreFrom, and a dump is restored into a newer PostgreSQL ' +
          'without it. Leave one of them out.',
      ),
      distribution: Distribution.openshift({ backup: new DumpBackups() }),
    },
    {
      ...server(
        'data of a server that the distribution runs',
        { upgradeFrom: 'postgres:15' },
        'upgradeFrom "postgres:15" is for a server that the library makes, and the distribution runs this one. ' +
          'Leave it out, and change the major version as the service that runs it does.',
      ),
      distribution: Distribution.openshift({ postgres: new CloudNativePostgres() }),
    },
    server(
      'a certificate without a Secret that there can be',
      { certificateSecretName: 'Bad Name' },
      'certificateSecretName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    server(
      'a certificate and a parameter that says otherwise',
      { certificateSecretName: 'polls-db-tls', parameters: { ssl: 'off' } },
      'parameters.ssl "off" follows from certificateSecretName. Leave one of the two out.',
    ),
    {
      ...server(
        'a certificate for a server that an operator runs',
        { certificateSecretName: 'polls-db-tls' },
        'certificateSecretName "polls-db-tls" is for a server that the library makes, and the distribution runs this ' +
          'one. Leave it out: what runs it has a certificate of its own.',
      ),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
    },
    server(
      'an archive and a parameter that says otherwise',
      { archive: {}, parameters: { archive_mode: 'off' } },
      'parameters.archive_mode "off" follows from archive. Leave one of the two out.',
    ),
    server(
      'an archive on a claim that is there and of a size',
      { archive: { claimName: 'archives', storage: '1Gi' } },
      'archive.storage "1Gi" is given together with claimName, and that claim is not made. ' +
        'Give claimName if the claim exists, or the others to have one made.',
    ),
    server(
      'the role of base backups for the application',
      { user: 'cdk8s_django_backup' },
      'user "cdk8s_django_backup" is a name that PostgreSQL has or keeps for itself. ' +
        'Choose another one, such as "django".',
    ),
    server(
      'the role of a replica for the application',
      { user: 'cdk8s_django_replica' },
      'user "cdk8s_django_replica" is a name that PostgreSQL has or keeps for itself. ' +
        'Choose another one, such as "django".',
    ),
    server(
      'the generated password of the owner for the application',
      { applicationRole: { password: { secretName: 'polls-db', key: 'password' } } },
      'applicationRole.password "password" is the password of the role that owns the tables, in Secret "polls-db". ' +
        'Give the value of another key.',
    ),
    server(
      'a replica that follows another server',
      { readReplicas: {}, parameters: { primary_conninfo: 'host=other' } },
      'parameters.primary_conninfo "host=other" follows from readReplicas. Leave one of the two out.',
    ),
    server(
      'a replica that nobody may follow',
      { readReplicas: {}, parameters: { max_wal_senders: '0' } },
      'parameters.max_wal_senders "0" is too few for readReplicas: the log could not be copied. ' +
        'Give 3 or more, or leave it out.',
    ),
    server(
      'an archive without base backups',
      { archive: {}, parameters: { max_wal_senders: '0' } },
      'parameters.max_wal_senders "0" is too few for archive: the log could not be copied. ' +
        'Give 1 or more, or leave it out.',
    ),
    server(
      'a replica that leaves nothing for base backups',
      { archive: {}, readReplicas: {}, parameters: { max_wal_senders: '3' } },
      'parameters.max_wal_senders "3" is too few for archive and readReplicas: the log could not be copied. ' +
        'Give 4 or more, or leave it out.',
    ),
    ...['archive', 'readReplicas'].map((option) =>
      server(
        `${option} of a log that has too little`,
        { [option]: {}, parameters: { wal_level: 'minimal' } },
        `parameters.wal_level "minimal" is too little for ${option}: the server would not start. ` +
          'Give "replica" or "logical", or leave it out.',
      ),
    ),
    ...Object.entries({
      'polls-db': {},
      'polls-db-archive': { archive: {} },
      'polls-db-ro': { readReplicas: {} },
    }).map(([certificateSecretName, options]) =>
      server(
        `a certificate in the Secret of a password, ${certificateSecretName}`,
        { ...options, certificateSecretName },
        `certificateSecretName "${certificateSecretName}" is the Secret in which the library makes a password. ` +
          'Give another name, such as "polls-db-tls".',
      ),
    ),
    ...['data-polls-db-0', 'data-polls-db-ro-0'].map((claimName) =>
      server(
        `an archive beside the data in ${claimName}`,
        { archive: { claimName } },
        `archive.claimName "${claimName}" is the volume of the server "polls-db" itself, and would be lost with it. ` +
          'Give another claim, or leave it out to have one made.',
      ),
    ),
    ...Object.entries({ primary_slot_name: 'polls', recovery_min_apply_delay: '5min' }).map(([name, value]) =>
      server(
        `a replica with ${name}`,
        { readReplicas: {}, parameters: { [name]: value } },
        `parameters.${name} "${value}" follows from readReplicas. Leave one of the two out.`,
      ),
    ),
    server(
      'a replica that answers nobody',
      { readReplicas: {}, parameters: { hot_standby: 'off' } },
      'parameters.hot_standby "off" follows from readReplicas. Leave one of the two out.',
    ),
    ...[
      ...['2026-11-20 10:00:00', '2026-11-20T10:00:00+01:00', '2026-13-20T10:00:00Z', "'; x"],
      ...['2026-02-30T10:00:00Z', '2026-11-31T10:00:00Z', '2026-02-29T10:00:00.5Z', '2026-11-20T24:00:00Z'],
    ].map((at) =>
      server(
        `the time ${at}`,
        { restore: { at } },
        `restore.at ${JSON.stringify(at)} is not a time in UTC. Give one such as "2026-11-20T10:00:00Z".`,
      ),
    ),
    server(
      'a time and a snapshot',
      { restore: {}, restoreFrom: 'polls-db-20261124-030000' },
      'restoreFrom "polls-db-20261124-030000" is given together with restore, and new data begins with one of the ' +
        'two. Leave one of them out.',
    ),
    {
      ...server(
        'a role of applications on a server that an operator runs',
        { applicationRole: {} },
        'applicationRole {} is for a server that the library makes, and the distribution runs this one. ' +
          'Leave it out: applications and migrations log in as one role there.',
      ),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
    },
    {
      ...server(
        'an archive of a server that an operator runs',
        { archive: {} },
        'archive {} is for a server that the library makes, and the distribution runs this one. ' +
          'Leave it out, and restore to a time as what runs it does.',
      ),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
    },
    server(
      'an exporter whose image changes',
      { metrics: { image: 'exporter:latest' } },
      'metrics.image "exporter:latest" has the tag "latest", which changes under a running release. Give an image ' +
        'with a version tag or a digest, such as "registry.example.com/polls:1.4.2".',
    ),
    server(
      'an exporter that requests more than its limit',
      { metrics: { resources: { memoryRequest: '1Gi' } } },
      'metrics.resources.memoryRequest "1Gi" is above metrics.resources.memoryLimit "64Mi". ' +
        'Lower the request or raise the limit.',
    ),
    server(
      'the role of the exporter for the application',
      { user: 'cdk8s_django_metrics' },
      'user "cdk8s_django_metrics" is a name that PostgreSQL has or keeps for itself. ' +
        'Choose another one, such as "django".',
    ),
    {
      what: 'an exporter for a server that the platform runs',
      define: (chart) => postgres(chart, { metrics: {}, password: { secretName: 'db', key: 'password' } }),
      distribution: Distribution.eks({
        postgres: new RdsPostgres({
          servers: { 'polls-db': { host: 'polls.database.example.com' } },
          certificatePath: '/etc/ssl/certs/rds.pem',
        }),
      }),
      message:
        'polls/Database: metrics {} are for a server that the library makes, and the distribution runs this one. ' +
        'Leave them out: docs/metrics.md says where such a server shows its metrics.',
    },
    {
      what: 'parameters for a server outside the cluster',
      define: (chart) =>
        postgres(chart, { parameters: { work_mem: '8MB' }, password: { secretName: 'db', key: 'password' } }),
      distribution: Distribution.eks({
        postgres: new RdsPostgres({
          servers: { 'polls-db': { host: 'polls.database.example.com' } },
          certificatePath: '/etc/ssl/ca.pem',
        }),
      }),
      message:
        'polls/Database: parameters {"work_mem":"8MB"} are for a server that the library or an operator makes, and ' +
        'this one is run outside the cluster. Leave them out, and set them where the service that runs it has its ' +
        'parameters.',
    },
    server(
      'connections that are kept for roles',
      { parameters: { reserved_connections: '25' } },
      'parameters.reserved_connections "25" is set by the library. Leave it out: maxConnections is compared with ' +
        'what applications may open.',
    ),
    server(
      'connections that are kept for superusers',
      { parameters: { superuser_reserved_connections: '25' } },
      'parameters.superuser_reserved_connections "25" is set by the library. Leave it out: synth counts with the 3 ' +
        'that PostgreSQL keeps by itself.',
    ),
    {
      what: 'more shared buffers than the memory request of CloudNativePG',
      define: (chart) => postgres(chart, { parameters: { shared_buffers: '1GB' } }),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
      message:
        'polls/Database: parameters.shared_buffers "1GB" is more than the memory request of 512Mi, which ' +
        'CloudNativePG refuses. Raise resources.memoryRequest, or lower it.',
    },
    {
      what: 'libraries for a server of CloudNativePG',
      define: (chart) => postgres(chart, { parameters: { shared_preload_libraries: 'auto_explain' } }),
      distribution: Distribution.upstream({ postgres: new CloudNativePostgres() }),
      message:
        'polls/Database: parameters.shared_preload_libraries "auto_explain" is refused by CloudNativePG, which has a ' +
        'field of its own for libraries. Leave it out, and override spec.postgresql.shared_preload_libraries of the ' +
        'Cluster, which is the first of managedResources.',
    },
    {
      what: 'extensions for a server outside the cluster [F11]',
      define: (chart) =>
        postgres(chart, { extensions: ['postgis'], password: { secretName: 'db', key: 'password' } }),
      distribution: Distribution.eks({
        postgres: new RdsPostgres({
          servers: { 'polls-db': { host: 'polls.database.example.com' } },
          certificatePath: '/etc/ssl/ca.pem',
        }),
      }),
      message:
        'polls/Database: extensions ["postgis"] are for a server that the library or an operator makes, and this one ' +
        'is run outside the cluster. Leave them out, and let an administrator of the server make them in the ' +
        'database "django": CREATE EXTENSION IF NOT EXISTS "postgis".',
    },
    host(
      'a mode that leaves it to the server',
      { sslMode: 'prefer' as any },
      'sslMode "prefer" is not a mode that says whether the connection is encrypted. ' +
        'Use one of disable, require, verify-ca, verify-full.',
    ),
    host(
      'a check without certificates',
      { sslMode: SslMode.VERIFY_FULL },
      'certificatePath (not given) is needed for sslMode "verify-full". ' +
        'Give the path of the certificates in the image, or "system" with libpq 16 and "verify-full".',
    ),
    ...[undefined, SslMode.REQUIRE, SslMode.VERIFY_CA].map((sslMode) =>
      host(
        `the certificates of the system with ${sslMode}`,
        { sslMode, certificatePath: 'system' },
        `certificatePath "system" is refused by libpq with sslMode "${sslMode ?? 'require'}". ` +
          'Use "verify-full", or give the path of the certificates in the image.',
      ),
    ),
    host(
      'a port that there is not',
      { port: 0 },
      'port 0 is not a whole number from 1 to 65535. Give a whole number from 1 to 65535.',
    ),
    host(
      'a port past the pooler that there is not',
      { directHost: 'direct.example.com', directPort: 65536 },
      'directPort 65536 is not a whole number from 1 to 65535. Give a whole number from 1 to 65535.',
    ),
    host(
      'a port of no server',
      { directPort: 5433 },
      'directPort 5433 is given without directHost. Give directHost, or port for the port of the server itself.',
    ),
    host(
      'a place that is no range',
      { peers: [{ cidr: '10.20.0.0' }] },
      'peers.cidr "10.20.0.0" is not a range of addresses. Give an address and the length of its prefix, such as "10.20.0.0/16".',
    ),
    host('nowhere', { peers: [] }, 'peers [] is empty. Name them, or leave it out to mean anybody.'),
  ]);
});
