import { ADMINISTRATOR, Application, WEB_PODS } from './applications/application';
import { BrokenApplications, value } from './applications/broken';
import { provideImage } from './applications/images';
import { found, Session } from './applications/session';

function provideStartproject(tag: string, buildArguments: Record<string, string>): Promise<string> {
  return provideImage({
    name: `docker.io/example/startproject:${tag}`,
    folder: 'startproject',
    buildArguments,
  });
}

const VERSIONS = [
  { version: '4.2', namespace: 'startproject-4-2' },
  { version: '5.2', namespace: 'startproject-5-2' },
] as const;

describe.each(VERSIONS)(
  'what `django-admin startproject` of Django $version generates',
  ({ version, namespace }) => {
    let site: Application;
    let administrator: Session;

    beforeAll(async () => {
      site = await Application.deploy({
        namespace,
        image: await provideStartproject(version, { DJANGO: version }),
        settingsModule: 'mysite.settings',
        wsgiModule: 'mysite.wsgi',
        replicas: 1,
      });
      administrator = await site.visitor();
    });
    afterAll(() => site?.remove(), 180_000);

    test('runs that version, with the settings of development', async () => {
      const python = (code: string) => site.namespace.exec('deployment/site', 'python', '-c', code);
      expect(await python('import django; print(django.__version__)')).toContain(`${version}.`);
      const settings = 'from mysite import settings as s; print(s.DEBUG, s.DATABASES["default"]["ENGINE"])';
      expect((await python(settings)).trim()).toBe('True django.db.backends.sqlite3');
    });

    test('keeps its data in PostgreSQL', async () => {
      expect(await site.sql('SELECT username FROM auth_user')).toBe(ADMINISTRATOR.username);
    });

    test('serves the style sheet of the admin, without WhiteNoise and without a STATIC_ROOT', async () => {
      const stylesheet = found(
        /href="(\/static\/admin\/css\/base\.css)"/,
        await administrator.get('/admin/login/'),
      );
      const { status, headers, body } = await administrator.get(stylesheet);
      expect(status).toBe(200);
      expect(headers['content-type']).toMatch(/^text\/css/);
      expect(headers['cache-control']).toBe('max-age=60, public');
      expect(body).toContain('DJANGO Admin styles');
    });

    test('logs the administrator in', async () => {
      const answer = await administrator.submit('/admin/login/?next=/admin/', {
        ...ADMINISTRATOR,
        next: '/admin/',
      });
      expect([answer.status, answer.headers.location]).toEqual([302, '/admin/']);
      expect((await administrator.get('/admin/')).body).toContain('Site administration');
    });

    test('refuses a login without its CSRF token, and tells nothing of itself', async () => {
      const answer = await (await site.visitor()).post('/admin/login/', Object.entries(ADMINISTRATOR));
      expect(answer.status).toBe(403);
      // A debug page gives the reason.
      expect(answer.body).not.toContain('Reason given for failure');
    });

    test.each(['/', '/no-such-page/'])('answers %s with a plain 404', async (path) => {
      const { status, body } = await administrator.get(path);
      expect(status).toBe(404);
      expect(body).not.toMatch(/URLconf|DEBUG|Traceback/);
    });

    test('writes nothing but JSON lines', async () => {
      await administrator.get('/written-to-the-log/');
      const lines = (await site.namespace.kubectl('logs', 'deployment/site', '--container=web'))
        .trim()
        .split('\n');
      for (const line of lines) {
        expect(JSON.parse(line)).toEqual(
          expect.objectContaining({
            time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
            level: expect.any(String),
            message: expect.any(String),
          }),
        );
      }
      const messages = lines.map((line) => JSON.parse(line).message);
      expect(messages).toContain('GET /written-to-the-log/ 404');
      expect(messages.filter((message) => /livez|readyz|startupz/.test(message))).toEqual([]);
    });
  },
);

describe('an application that cannot start', () => {
  const broken = new BrokenApplications('startproject-errors');
  const databaseHost = 'database.example.com';

  beforeAll(async () => {
    await broken.namespace.clear();
    await broken.namespace.create();
    const image = await provideStartproject('5.2', { DJANGO: '5.2' });
    const withoutDriver = await provideStartproject('5.2-without-driver', { PACKAGES: 'gunicorn' });
    const withoutServer = await provideStartproject('5.2-without-server', { PACKAGES: 'psycopg[binary]' });
    await broken.startSilentServer('silent-database', image);
    await broken.deploy([
      { name: 'settings', image, databaseHost, settingsModule: 'mysite.setings' },
      { name: 'driver', image: withoutDriver, databaseHost },
      { name: 'empty-key', image, databaseHost, secretKey: value('empty') },
      { name: 'silent', image, databaseHost: 'silent-database' },
      { name: 'misspelt', image, databaseHost: 'databse' },
      { name: 'no-secret', image, databaseHost, secretKey: { secretName: 'absent', key: 'secret-key' } },
      { name: 'no-key', image, databaseHost, secretKey: value('secretkey') },
      { name: 'web-settings', image, settingsModule: 'mysite.setings' },
      { name: 'web-module', image, wsgiModule: 'mysite.wsgy' },
      { name: 'web-server', image: withoutServer },
    ]);
  });
  afterAll(() => broken.namespace.clear(), 180_000);

  test.each([
    [
      'its settings module is misspelt',
      'settings',
      "error: settings module 'mysite.setings' cannot be imported: no module named 'mysite.setings': it is missing from the image or misspelt",
    ],
    ['its image has no psycopg', 'driver', 'error: Error loading psycopg2 or psycopg module'],
    ['its secret key is empty', 'empty-key', 'error: SECRET_KEY is empty'],
  ])('because %s says so in one line, in its migration and in its replicas', async (_, name, line) => {
    for (const [component, container] of [
      ['migration', 'migrate'],
      ['web', 'wait-for-schema'],
    ]) {
      await broken.eventually(`${component} of ${name} says why`, async () => {
        expect(await broken.lines(name, component, container)).toEqual([line]);
        const { state, lastState } = await broken.container(name, component, container);
        expect((state.terminated ?? lastState.terminated).exitCode).toBe(1);
      });
    }
  });

  test.each([
    [
      'does not answer',
      'silent',
      'waiting: database silent-database:5432/django: connection timeout expired',
    ],
    ['does not exist', 'misspelt', 'waiting: database databse:5432/django: '],
  ])('because its database %s says so and waits, without a restart', async (_, name, line) => {
    for (const [component, container] of [
      ['migration', 'migrate'],
      ['web', 'wait-for-schema'],
    ]) {
      await broken.eventually(`${component} of ${name} says why`, async () => {
        // Other lines may be before it: a new Service takes a moment to be known.
        expect((await broken.lines(name, component, container)).pop()).toContain(line);
        const { state, restartCount } = await broken.container(name, component, container);
        expect([state.running !== undefined, restartCount]).toEqual([true, 0]);
      });
    }
  });

  // There is nothing that could write to a log: the kubelet says it of the pod, and starts no container.
  test.each([
    ['the Secret of its key', 'no-secret', 'secret "absent" not found'],
    ['its key in the Secret', 'no-key', "couldn't find key secretkey in Secret startproject-errors/values"],
  ])('because %s is missing says so of its pod, without a restart', async (_, name, message) => {
    await broken.eventually(`the pod of ${name} says why`, async () => {
      const { state, restartCount } = await broken.container(name, 'web', 'wait-for-schema');
      expect(state.waiting).toEqual({ reason: 'CreateContainerConfigError', message });
      expect(restartCount).toBe(0);
    });
  });

  test.each([
    ['its settings module is misspelt', 'web-settings', "no module named 'mysite.setings': it is missing"],
    ['its WSGI module is misspelt', 'web-module', "no module named 'mysite.wsgy': it is missing"],
  ])('because %s says so in the last line of its server', async (_, name, reason) => {
    await broken.eventually(`${name} says why`, async () => {
      const last = (await broken.messages(name, 'web', 'web')).pop();
      expect(last).toMatch(/^cdk8s-django: the web server cannot start: /);
      expect(last).toContain(reason);
    });
  });

  test('because its image has no server says so in one line', async () => {
    await broken.eventually('it says why', async () => {
      const said = [
        ...(await broken.lines('web-server', 'web', 'web')),
        ...(await broken.messages('web-server', 'web', 'web')),
      ];
      const reason =
        "cdk8s-django: the web server cannot start: the package 'gunicorn' is missing from the image: " +
        'install it, or give the DjangoApp another wsgiServer or asgiServer';
      expect(said).toEqual([reason]);
    });
  });

  test('is sent no request', async () => {
    const pods = await broken.namespace.list('pods', WEB_PODS);
    const statuses = pods.flatMap(({ status }) => status.containerStatuses ?? []);
    expect(statuses.filter(({ ready }) => ready)).toEqual([]);
  });
});
