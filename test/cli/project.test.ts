import { findRemote, imageOf, pipelineOf } from '../../src/cli/init/git';
import { findName } from '../../src/cli/init/name';
import { ProjectFiles } from '../../src/cli/init/project-files';
import { CommandKind, kindOf, optionOf } from '../../src/cli/init/processes';
import { Files } from './support/files';
import { folderOf, read } from './support/project';

describe('the server', () => {
  const serverOf = (settings: string, more: Files = {}) => {
    const { kind, module, program, source } = read(settings, more).server;
    return `${kind} ${module} ${program} ${source}`;
  };

  it('is WSGI by the setting, else by the file', () => {
    expect(serverOf('WSGI_APPLICATION = "shop.wsgi.application"\n')).toBe(
      'WSGI shop.wsgi gunicorn shop/settings.py:1',
    );
    expect(serverOf('WSGI_APPLICATION = "shop.web.app"\n')).toBe(
      'WSGI shop.web:app gunicorn shop/settings.py:1',
    );
    expect(serverOf('')).toBe('WSGI shop.wsgi gunicorn shop/wsgi.py');
  });

  it('is ASGI with Channels or daphne', () => {
    const channels = 'INSTALLED_APPS = ["channels"]\nASGI_APPLICATION = "shop.asgi.application"\n';
    expect(serverOf(channels)).toBe('ASGI shop.asgi uvicorn shop/settings.py:1');
    expect(serverOf(channels, { 'shop/asgi.py': 'application = ProtocolTypeRouter({})\n' })).toMatch(
      /shop\/asgi\.py$/,
    );
    expect(serverOf('INSTALLED_APPS = ["daphne"]\n', { 'requirements.txt': 'daphne\n' })).toBe(
      'ASGI shop.asgi daphne shop/settings.py:1',
    );
  });

  it.each([
    ['gunicorn shop.wsgi --log-file -', 'WSGI shop.wsgi gunicorn Procfile:1'],
    ['gunicorn shop.asgi:application -k uvicorn.workers.UvicornWorker', 'ASGI shop.asgi uvicorn Procfile:1'],
    ['uvicorn shop.asgi:application --host 0.0.0.0', 'ASGI shop.asgi uvicorn Procfile:1'],
    ['daphne -b 0.0.0.0 shop.asgi:channels', 'ASGI shop.asgi:channels uvicorn Procfile:1'],
    ['granian --interface asgi shop.asgi:application', 'ASGI shop.asgi uvicorn Procfile:1'],
    ['./start.sh', 'WSGI shop.wsgi gunicorn shop/wsgi.py'],
  ])('is what Procfile runs: %s', (command, server) => {
    expect(serverOf('', { Procfile: `web: ${command}\n` })).toBe(server);
    expect(read('', { Procfile: `web: ${command}\n` }).processes).toEqual([]);
  });
});

describe('the database', () => {
  const databaseOf = (settings: string, more: Files = {}) => read(settings, more).database;
  const ENGINE = (engine: string) => `DATABASES = {"default": {"ENGINE": "${engine}", "NAME": "x"}}\n`;

  it.each([
    ['django.db.backends.postgresql', 'postgresql', true],
    ['django.db.backends.sqlite3', 'sqlite3', true],
    ['django.contrib.gis.db.backends.postgis', 'postgis', true],
    ['django_prometheus.db.backends.postgresql', 'postgresql', true],
    ['django.db.backends.mysql', 'mysql', false],
    ['django.db.backends.oracle', 'oracle', false],
    ['mssql', 'mssql', false],
  ])('is that of the engine %s', (engine, name, isPostgres) => {
    expect(databaseOf(ENGINE(engine))).toMatchObject({
      engine: name,
      isPostgres,
      source: 'shop/settings.py:1',
    });
  });

  it('is that of the default URL', () => {
    expect(
      databaseOf('DATABASES = {"default": dj_database_url.config(default="postgres://a/b")}\n').engine,
    ).toBe('postgresql');
    expect(databaseOf('DATABASES = {"default": env.db("X", default="sqlite:///db")}\n').engine).toBe(
      'sqlite3',
    );
    expect(databaseOf('DATABASES = {"default": env.db("X", default="mysql://a/b")}\n').isPostgres).toBe(
      false,
    );
  });

  it('is the last that is set', () => {
    const settings = `${ENGINE('django.db.backends.sqlite3')}DATABASES["default"] = {"ENGINE": "django.db.backends.postgresql"}\n`;
    expect(databaseOf(settings)).toMatchObject({ engine: 'postgresql', source: 'shop/settings.py:2' });
  });

  it('has the extensions that migrations cannot make, with an image', () => {
    const migration = {
      'shop/blog/migrations/0001.py': 'operations = [\n  TrigramExtension(),\n  VectorExtension(),\n]\n',
    };
    expect(databaseOf('', migration)).toMatchObject({
      extensions: [{ value: 'vector', source: 'shop/blog/migrations/0001.py:3' }],
      image: { value: 'docker.io/pgvector/pgvector:pg18-trixie' },
    });
    expect(databaseOf('INSTALLED_APPS = ["django.contrib.gis"]\n')).toMatchObject({
      extensions: [{ value: 'postgis', source: 'shop/settings.py:1' }],
    });
  });

  it('has the image of the compose file', () => {
    const compose = 'services:\n  db:\n    image: postgis/postgis:16-3.4\n';
    expect(
      databaseOf('INSTALLED_APPS = ["django.contrib.gis"]\n', { 'compose.yaml': compose }).image,
    ).toEqual({
      value: 'docker.io/postgis/postgis:16-3.4',
      source: 'compose.yaml:2',
    });
  });
});

describe('files of a site', () => {
  it('are static with STATIC_ROOT, and without', () => {
    expect(read('STATIC_ROOT = BASE_DIR / "static"\n').staticFiles.root?.source).toBe('shop/settings.py:1');
    expect(read('STATIC_ROOT = None\n').staticFiles.root).toBeUndefined();
    expect(read('').staticFiles.root).toBeUndefined();
  });

  it('are uploaded by the setting or by a model', () => {
    expect(read('MEDIA_ROOT = BASE_DIR / "media"\n').media).toEqual({ source: 'shop/settings.py:1' });
    expect(read('MEDIA_ROOT = ""\n').media).toBeUndefined();
    expect(read('', { 'shop/models.py': '\nimage = models.ImageField()\n' }).media).toEqual({
      source: 'shop/models.py:2',
    });
  });

  it('are served to everybody if the URLconf does so', () => {
    const urls = {
      'shop/urls.py': 'urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)\n',
    };
    expect(read('MEDIA_ROOT = "media"\n', urls).media?.served).toBe('shop/urls.py:1');
  });

  it('are in a bucket of django-storages', () => {
    const storages =
      'MEDIA_ROOT = "m"\nSTORAGES = {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}\n';
    expect(read(storages).media?.bucket).toBe('storages.backends.s3.S3Storage');
  });

  it('are metrics below the path of the URLconf', () => {
    const apps = 'INSTALLED_APPS = ["django_prometheus"]\n';
    const urls = (path: string) => ({
      'shop/urls.py': `urlpatterns = [path("${path}", include("django_prometheus.urls"))]\n`,
    });
    expect(read(apps, urls('')).metrics?.value).toBe('/metrics');
    expect(read(apps, urls('ops/')).metrics?.value).toBe('/ops/metrics');
    expect(read(apps).metrics).toBeUndefined();
  });
});

describe('Celery', () => {
  const APP = { 'shop/celery.py': 'from celery import Celery\napp = Celery("shop")\n' };

  it('is found by its application', () => {
    expect(read('', APP).celery).toMatchObject({
      application: { value: 'shop.celery:app', source: 'shop/celery.py:2' },
      workers: [{ name: 'default', queues: [] }],
    });
    expect(read('', { 'shop/celery_app.py': '\ncelery = Celery("x")\n' }).celery?.application.value).toBe(
      'shop.celery_app:celery',
    );
    const generic = { 'shop/utils/celery.py': 'app = Celery[DjangoTask[..., Any]]("shop")\n' };
    expect(read('', generic).celery?.application.value).toBe('shop.utils.celery:app');
    expect(read('').celery).toBeUndefined();
  });

  it('has the workers of Procfile', () => {
    const procfile = [
      'worker: celery -A shop worker -l info -Q default,mail -c 4',
      'slow-worker: celery -A shop worker --queues=slow --concurrency=2 -P threads',
      'beat: celery -A shop beat',
    ].join('\n');
    expect(read('', { ...APP, Procfile: procfile }).celery).toMatchObject({
      workers: [
        { name: 'default', queues: ['default', 'mail'], concurrency: 4, source: 'Procfile:1' },
        { name: 'slow', queues: ['slow'], concurrency: 2, pool: 'threads', source: 'Procfile:2' },
      ],
      beat: 'Procfile:3',
    });
  });

  it.each<[string, string, Files, string]>([
    ['the setting', 'CELERY_BEAT_SCHEDULE = {}\n', {}, 'shop/settings.py:1'],
    ['django-celery-beat', 'INSTALLED_APPS = ["django_celery_beat"]\n', {}, 'shop/settings.py:1'],
    [
      'the application',
      '',
      { 'shop/celery.py': 'app = Celery("shop")\napp.conf.beat_schedule = {}\n' },
      'shop/celery.py:2',
    ],
    ['a worker with -B', '', { Procfile: 'worker: celery -A shop worker -B\n' }, 'Procfile:1'],
  ])('has a beat by %s', (_what, settings, more, source) => {
    expect(read(settings, { ...APP, ...more }).celery?.beat).toBe(source);
  });

  it('has RabbitMQ as its broker by the URL or by the compose file', () => {
    expect(read('CELERY_BROKER_URL = "amqp://a"\n', APP).celery?.rabbitMq).toBe('shop/settings.py:1');
    expect(read('CELERY_BROKER_URL = "redis://a"\n', APP).celery?.rabbitMq).toBeUndefined();
    const compose = { 'compose.yaml': 'services:\n  queue:\n    image: rabbitmq:4\n' };
    expect(read('', { ...APP, ...compose }).celery?.rabbitMq).toBe('compose.yaml:2');
  });
});

describe('other work', () => {
  it('is that of Django’s Tasks, by settings, apps or code', () => {
    const settings = 'TASKS = {"default": {"BACKEND": "django_tasks_rq.RQBackend"}}\n';
    expect(read(settings).tasks).toEqual({
      value: 'django_tasks_rq.RQBackend',
      source: 'shop/settings.py:1',
    });
    expect(read('INSTALLED_APPS = ["django_tasks_db"]\n').tasks?.source).toBe('shop/settings.py:1');
    const code = { 'shop/tasks.py': '\nfrom django.tasks import task\n' };
    expect(read('', code).tasks).toEqual({ value: 'the database', source: 'shop/tasks.py:2' });
    expect(read('').tasks).toBeUndefined();
  });

  it('is that of other processes, without those of developers', () => {
    const compose = [
      'services:',
      '  web:',
      '    build: .',
      '    command: python manage.py runserver 0.0.0.0:8000',
      '  queue:',
      '    build: .',
      '    command: [python, manage.py, qcluster]',
      '  mail:',
      '    image: axllent/mailpit',
    ].join('\n');
    const { processes, others } = read('', { 'docker-compose.yml': compose });
    expect(processes).toEqual([
      { name: 'queue', command: 'python manage.py qcluster', source: 'docker-compose.yml:5' },
    ]);
    expect(others.services).toEqual([
      { name: 'mail', image: 'axllent/mailpit', source: 'docker-compose.yml:8' },
    ]);
  });

  it('is that of Procfile alone, where there is one', () => {
    const compose = 'services:\n  jobs:\n    build: .\n    command: python manage.py qcluster\n';
    const { processes } = read('', { 'compose.yaml': compose, Procfile: 'relay: python relay.py\n' });
    expect(processes.map(({ name }) => name)).toEqual(['relay']);
  });

  it('is not a script of an image, which does not say what it runs', () => {
    const compose = `services:
  django: &django
    build: .
    command: /start
  celeryworker:
    <<: *django
    command: /start-celeryworker
  celerybeat:
    <<: *django
    command: /start-celerybeat
`;
    const celery = { 'shop/celery.py': 'app = Celery("shop")\n' };
    const project = read('', { 'docker-compose.yml': compose, ...celery });
    expect(project.processes).toEqual([]);
    expect(project.celery).toMatchObject({ workers: [{ name: 'default' }], beat: 'docker-compose.yml:8' });
  });

  it('is that of a release, without migrations and static files', () => {
    const Procfile =
      'release: python manage.py migrate && python manage.py loaddata countries && ./notify.sh\n';
    expect(read('', { Procfile }).others.release.map(({ command }) => command)).toEqual([
      'python manage.py loaddata countries',
      './notify.sh',
    ]);
  });

  it('is read in app.json, with its values', () => {
    const app = {
      env: { STAGE: 'production', LOG_LEVEL: { value: 'info' }, KEY: { generator: 'secret' } },
      formation: { web: { quantity: 3 } },
    };
    const { environment, replicas } = read('', { 'app.json': JSON.stringify(app, undefined, 2) }).others;
    expect(Object.fromEntries(environment)).toEqual({
      STAGE: { value: 'production', source: 'app.json:3' },
      LOG_LEVEL: { value: 'info', source: 'app.json:4' },
    });
    expect(replicas).toEqual({ value: 3, source: 'app.json:11' });
  });

  it.each([
    ['compose.yaml', 'services: [', /^compose\.yaml cannot be read as YAML: .* Correct it\.$/s],
    ['app.json', '{', /^app\.json cannot be read as JSON: .*\. Correct it\.$/],
  ])('ends the command where %s is not valid', (path, text, message) => {
    expect(() => read('', { [path]: text })).toThrow(message);
  });

  it.each([
    ['celery -A x worker', CommandKind.CELERY_WORKER],
    ['celery -A x beat', CommandKind.CELERY_BEAT],
    ['celery -A x flower', CommandKind.NOT_DEPLOYED],
    ['celery -A x worker -B', CommandKind.CELERY_WORKER],
    ['/start-celeryworker', CommandKind.CELERY_WORKER],
    ['python manage.py db_worker', CommandKind.TASK_WORKER],
    ['python manage.py rqworker', CommandKind.OTHER],
    ['npm run dev', CommandKind.NOT_DEPLOYED],
    ['python -m gunicorn x.wsgi', CommandKind.WSGI],
  ])('knows what %s is', (command, kind) => {
    expect(kindOf(command)).toBe(kind);
  });

  it.each([
    ['worker -Q a,b', 'a,b'],
    ['worker --queues a', 'a'],
    ['worker --queues=a -c 2', 'a'],
    ['worker -Qa', 'a'],
    ['worker', undefined],
  ])('reads the queues of %s', (command, queues) => {
    expect(optionOf(command, '-Q', '--queues')).toBe(queues);
  });
});

describe('servers in memory', () => {
  it.each([
    ['CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}', true],
    ['CACHES = {"default": {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache"}}', true],
    ['CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}', false],
    ['CACHES = {"default": env.cache()}', true],
    ['CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}', false],
    ['', false],
  ])('are a cache by %s: %s', (settings, isCache) => {
    expect(read(`${settings}\n`).cache !== undefined).toBe(isCache);
  });

  it('are a channel layer', () => {
    const settings = 'CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}\n';
    expect(read(settings).channelLayer).toEqual({
      value: 'channels_redis.core.RedisChannelLayer',
      source: 'shop/settings.py:1',
    });
  });
});

describe('the name', () => {
  it.each<[string, string, Files]>([
    ['shop', 'the package of the settings', {}],
    ['web-shop', 'pyproject.toml', { 'pyproject.toml': '[project]\nname = "Web_Shop"\n' }],
    [
      'store',
      'the git remote',
      { '.git/config': '[remote "origin"]\n\turl = git@github.com:Acme/store.git\n' },
    ],
  ])('is %s, by %s', (name, _by, more) => {
    const isGeneral = Object.keys(more).length > 0;
    const settings = isGeneral ? 'config.settings' : 'shop.settings';
    const project = read('', { ...more, 'config/__init__.py': '', 'config/settings.py': '' }, settings);
    expect(findName(project, findRemote(project.files)).value).toBe(name);
  });
});

describe('the git remote', () => {
  const remoteOf = (url: string) => {
    const files = new ProjectFiles(
      folderOf({ '.git/config': `[core]\n[remote "origin"]\n\turl = ${url}\n` }),
    );
    const remote = findRemote(files);
    return [remote && imageOf(remote)?.value, pipelineOf(files, remote)?.value];
  };

  it.each([
    ['git@github.com:Acme/Shop.git', 'ghcr.io/acme/shop:1.0.0', 'github'],
    ['https://github.com/acme/shop', 'ghcr.io/acme/shop:1.0.0', 'github'],
    ['https://user@gitlab.com/acme/web/shop.git', 'registry.gitlab.com/acme/web/shop:1.0.0', 'gitlab'],
    ['ssh://git@gitlab.example.com:2222/acme/shop.git', undefined, 'gitlab'],
    ['https://git.example.com/acme/shop.git', undefined, undefined],
  ])('%s says the image and the pipeline', (url, image, pipeline) => {
    expect(remoteOf(url)).toEqual([image, pipeline]);
  });
});
