import { ApiObject, Chart } from 'cdk8s';
import { DjangoApp } from 'cdk8s-django';
import { InvalidInputError } from '../../src/kubernetes/errors';
import { plainSecretOf } from '../../src/kubernetes/secret-text';
import { django, synth } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const IN_ENVIRONMENT =
  'Put it into a Secret, and give it by secretEnvironment; ' +
  'a database by PostgresBackend.fromHost, a cache by its url and password.';
const IN_WORDS = 'Give it to the pods as a variable from a Secret, and have the command read that.';
const URL = 'postgres://polls:s3cret@db.example.com/polls';
const SHOWN = '"postgres://polls:…@db.example.com/polls"';
const READABLE = 'is a URL with a password, which everybody can read in the manifest.';

function onApp(what: string, add: (app: DjangoApp) => unknown, message: string): BadInput {
  return { what, define: (chart) => add(django(chart)), message: `polls/Polls: ${message}` };
}

const TOKEN = 'ghp_0123456789abcdefABCDEF0123456789abcd';

describe('[F52] a secret where everybody can read it', () => {
  eachGivesItsMessage([
    {
      what: 'a URL with a password in environment',
      define: (chart) => django(chart, { environment: { DATABASE_URL: URL } }),
      message: `polls/Polls: environment ${SHOWN} of DATABASE_URL ${READABLE} ${IN_ENVIRONMENT}`,
    },
    onApp(
      'a URL in a variable that is added',
      (app) => app.addEnvironment('SENTRY_DSN', 'https://key:s3cret@sentry.example.com/1'),
      `value "https://key:…@sentry.example.com/1" of SENTRY_DSN ${READABLE} ` +
        'Put it into a Secret, and give it by addSecretEnvironment.',
    ),
    ...[
      [
        'a token as the user of a URL',
        `git+https://${TOKEN}@git.example.com/x`,
        'git+https://…@git.example.com/x',
        'has a token',
      ],
      ['a token alone', TOKEN, '…', 'has a token'],
      [
        'a key in a query',
        'https://api.example.com/?api_key=a1b2c3d4',
        'https://api.example.com/?api_key=…',
        'is a URL with a token',
      ],
      [
        'a link that is signed',
        'https://x.example.com/b?se=1&sig=ab%2Fcd',
        'https://x.example.com/b?se=1&sig=…',
        'is a URL with a token',
      ],
      [
        'a link of a bucket',
        'https://x.example.com/b?X-Amz-Signature=00ff00ff',
        'https://x.example.com/b?X-Amz-Signature=…',
        'is a URL with a token',
      ],
    ].map(([what, value, shown, kind]) => ({
      what: what!,
      define: (chart: Chart) => django(chart, { environment: { SOURCE: value! } }),
      message: `polls/Polls: environment "${shown}" of SOURCE ${kind}, which everybody can read in the manifest. ${IN_ENVIRONMENT}`,
    })),
    onApp(
      'a URL in the arguments of a command',
      (app) => app.addCommand({ name: 'import', command: ['import', '--from', URL] }),
      `command ${SHOWN} ${READABLE} ${IN_WORDS}`,
    ),
    onApp(
      'a password in the arguments of a scheduled command',
      (app) =>
        app.addScheduledCommand({
          name: 'import',
          command: ['import', '--password=s3cret'],
          schedule: '@daily',
        }),
      `command "--password=…" has a password, which everybody can read in the manifest. ${IN_WORDS}`,
    ),
    onApp(
      'a URL in an annotation',
      (app) => app.addPodAnnotation('example.com/from', URL),
      `value ${SHOWN} of example.com/from ${READABLE} ` +
        'Leave it out: what reads the annotation has to find it in a Secret.',
    ),
    ...(['command', 'args'] as const).map((property) =>
      onApp(
        `a URL in ${property} of a sidecar`,
        (app) => app.addSidecar({ name: 'proxy', image: 'example.com/proxy:1', [property]: ['proxy', URL] }),
        `${property} ${SHOWN} ${READABLE} ${IN_WORDS}`,
      ),
    ),
    onApp(
      'a URL in environment of a sidecar',
      (app) =>
        app.addSidecar({ name: 'proxy', image: 'example.com/proxy:1', environment: { UPSTREAM: URL } }),
      `environment ${SHOWN} of UPSTREAM ${READABLE} ` +
        'Put it into a Secret, and give it by secretEnvironment of the sidecar.',
    ),
    {
      what: 'a URL in a patch',
      define: (chart) => django(chart).configMap.override({ data: { DATABASE_URL: URL } }),
      message: atSynth(
        `[] polls/Polls/ConfigMap: data.DATABASE_URL ${SHOWN} ${READABLE} ` +
          'Put it into a Secret, and let the pods read it from there, as secretEnvironment does.',
      ),
    },
  ]);

  const secrets = [
    URL,
    'postgresql+psycopg://polls:password@db/polls',
    'redis://:s3cret@cache:6379/0',
    'rediss://default:pa/ss?w#d@cache:6379/0',
    'amqps://u:p%40ss@broker//',
    'mongodb+srv://u:p@cluster.example.net/?retryWrites=true',
    'smtp+tls://mail%40example.com:s3cret@smtp.example.com:587',
    'cloudinary://123456:s3cret@name',
    'https://user:12345@example.com/',
    'see https://docs.example.com:8443/ and postgres://u:p@h/d',
    'postgres://u:p@one:5432,two:5432/d',
    'user:s3cret@tcp(db:3306)/polls',
    'host=db user=polls password=s3cret',
    "host=db user=polls password = 's3cret'",
    'postgres://db/polls?user=polls&password=s3cret',
    'Server=db;User Id=polls;Password=s3cret;',
    'DefaultEndpointsProtocol=https;AccountName=polls;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'Endpoint=sb://polls.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey=c2VjcmV0',
    'cache.example.com:6380,password=s3cret,ssl=True',
    'PGPASSWORD=s3cret psql',
    '--db-password=s3cret',
    '{"default": {"USER": "polls", "PASSWORD": "s3cret"}}',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----',
  ];
  test.each(secrets)('is found, and not shown: %s', (text) => {
    const { shown } = plainSecretOf(text)!;
    expect(shown).toContain('…');
    expect(shown).not.toMatch(/s3cret|c2VjcmV0|MIIB|:p@|password@|pa\/ss|12345@/);
  });

  test.each([
    ['EMAIL_HOST_PASSWORD', 'hunter-2'],
    ['MYSQL_ROOT_PASSWORD', "it's"],
    ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG'],
    ['LDAP_BIND_PASSWD', '4711'],
  ])('is found by the name of its variable: %s', (variable, value) => {
    expect(() => synth((chart) => django(chart, { environment: { [variable]: value } }))).toThrow(
      `environment "…" of ${variable} has a password, which everybody can read in the manifest`,
    );
  });

  test.each([
    ['REQUIRE_PASSWORD', 'true'],
    ['MIN_PASSWORD', '12'],
    ['PWD', '/app'],
    ['DB_PASSWORD', '$(DATABASE_PASSWORD)'],
    ['EMAIL_HOST_PASSWORD', ''],
    ['EMAIL_HOST_PASSWORD_FILE', 'mail-password'],
    ['PASSWORD_RESET_TIMEOUT', '259200'],
  ])('is not seen in %s=%s', (variable, value) => {
    expect(() => synth((chart) => django(chart, { environment: { [variable]: value } }))).not.toThrow();
  });

  it('is not shown by an error for another reason either, nor by its data', () => {
    const error = new InvalidInputError('a program', {
      property: 'cache.url',
      value: URL,
      reason: 'is not the URL of a Redis or Valkey server',
      remedy: 'Give another',
    });
    expect(error.message).toBe(
      `a program: cache.url ${SHOWN} is not the URL of a Redis or Valkey server. Give another.`,
    );
    expect(JSON.stringify(error.problem.value)).toBe(SHOWN);
  });

  it('is left to those who make resources of their own', () => {
    const data = { 'notes.txt': URL };
    expect(() =>
      synth((chart) => new ApiObject(chart, 'Own', { apiVersion: 'v1', kind: 'ConfigMap', data } as any)),
    ).not.toThrow();
  });

  const harmless = [
    'postgres://db.example.com/polls',
    'postgres://polls@db.example.com:5432/polls',
    'https://publickey@sentry.example.com/1',
    'http://proxy.example.com:3128',
    'https://example.com/?token=abc&page=2',
    'https://example.com/?next_page_token=$(TOKEN)',
    'npm_config_registry_timeout_seconds',
    'ghp_…',
    'http://example.com:8080/@me/profile',
    'https://example.com/a:b@c',
    'http://[2001:db8::1]:8080/@me',
    'git+ssh://git@github.com/example/polls.git',
    'postgres://polls:$(DATABASE_PASSWORD)@db/polls',
    'postgres://polls:${DATABASE_PASSWORD}@db/polls',
    'postgres://{user}:{password}@db/polls',
    'postgres://%(user)s:%(password)s@db/polls',
    'postgres://polls:<password>@db/polls',
    'postgres://polls:@db/polls',
    'host=db user=polls passfile=/run/secrets/pgpass',
    'host=db user=polls',
    'Choose a password = at least 12 letters',
    'Password: your own',
    '--password-file=/run/secrets/password',
    '--password=/run/secrets/password',
    '--require-password=true',
    'AUTH_MIN_PASSWORD=12',
    'psql --password="$PGPASSWORD"',
    'mail@example.com:subject',
    'admins=Ann:ann@example.com',
    'django.contrib.auth.password_validation.MinimumLengthValidator',
    '{"password": ""}',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    '10:30@monday',
  ];
  test.each(harmless)('is not seen in %s', (text) => {
    expect(plainSecretOf(text)).toBeUndefined();
    synth((chart) => django(chart, { environment: { VALUE: text } }));
  });
});
