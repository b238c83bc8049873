import { join } from 'node:path';
import { Files, filesIn, filesOfProject } from './files';

/** Projects whose program, image and pipeline are compared with golden files. */
export const PROJECTS: { [name: string]: { files: Files; args: string[]; distributions: string[] } } = {
  'startproject-4.2': { ...startproject('4.2'), args: ['--pipeline', 'none'] },
  'startproject-5.2': { ...startproject('5.2'), args: [] },
  'startproject-6.1': { ...startproject('6.1'), args: ['--pipeline', 'none', '--tilt'] },
  everything: {
    distributions: ['gke', 'openshift'],
    args: [
      ...['--distribution', 'gke', 'openshift', '--certificate-map', 'shop', '--pipeline', 'gitlab'],
      ...['--env', 'REGION=eu', '--media-class', 'nfs'],
    ],
    files: {
      'pyproject.toml': `[project]
name = "web-shop"
requires-python = ">=3.12,<3.13"
dependencies = ["django~=5.2", "psycopg[c]", "celery", "redis", "channels", "daphne", "django-environ"]
`,
      'uv.lock': '',
      Procfile: `web: daphne config.asgi:application
release: python manage.py migrate && python manage.py loaddata countries
worker: celery -A config.celery_app worker -Q default,mail -c 4
beat: celery -A config.celery_app beat
consumer: python manage.py run_huey
relay: sh -c "exec python manage.py relay | tee /tmp/relay.log"
`,
      'src/manage.py':
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")\n',
      'src/config/__init__.py': '',
      'src/config/asgi.py': 'application = ProtocolTypeRouter({})\n',
      'src/config/celery_app.py': 'from celery import Celery\napp = Celery("shop")\n',
      'src/config/urls.py': `urlpatterns = [path("", include("django_prometheus.urls"))]
urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)
`,
      'src/config/settings/__init__.py': '',
      'src/config/settings/base.py': `import environ
env = environ.Env()
DJANGO_APPS = ["django.contrib.sessions", "django.contrib.staticfiles", "django.contrib.gis"]
INSTALLED_APPS = ["daphne", "channels", "django_prometheus", "django_tasks"] + DJANGO_APPS
DATABASES = {"default": env.db("DATABASE_URL")}
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": env("REDIS_URL")}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}
MEDIA_ROOT = "media"
`,
      'src/config/settings/local.py': 'from .base import *\n',
      'src/config/settings/production.py': `from .base import *
SECRET_KEY = env("DJANGO_SECRET_KEY")
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS")
STATIC_ROOT = "static"
STRIPE_KEY = env("STRIPE_KEY")
REGION = env("REGION")
SIGNING = open(env("SIGNING_FILE")).read()
POSTGRES_HOST = env("POSTGRES_HOST")
`,
    },
  },
  uploads: {
    distributions: ['upstream'],
    args: ['--pipeline', 'none'],
    files: {
      'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")\n',
      'requirements.txt': 'Django>=5.2,<5.3\nwagtail>=7.0,<7.1\n',
      'shop/wsgi.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")\n',
      'shop/urls.py': 'urlpatterns = static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)\n',
      'shop/settings/__init__.py': '',
      'shop/settings/base.py':
        'STATIC_ROOT = "static"\nMEDIA_ROOT = "media"\nINSTALLED_APPS = ["django.contrib.sessions"]\n' +
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n',
      'shop/settings/dev.py': 'from .base import *\nDEBUG = True\n',
      'shop/settings/production.py': 'from .base import *\nDEBUG = False\n',
      'app.json': '{ "formation": { "web": { "quantity": 3 } } }',
    },
  },
  mysql: {
    distributions: ['upstream'],
    args: [
      '--gateway-class',
      'istio',
      '--router-namespace',
      'istio-system',
      '--pipeline',
      'none',
      '--no-media',
    ],
    files: filesOfProject(
      `from configurations import Configuration, values
class Base(Configuration):
    DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "PASSWORD": values.SecretValue()}}
    SECRET_KEY = values.SecretValue()
    MEDIA_ROOT = "media"
    STATIC_ROOT = "static"
class Production(Base):
    TOKEN = values.SecretValue()
`,
      {
        'requirements.txt': 'django\ngunicorn\nmysqlclient\ndjango-configurations\ncelery\n',
        'shop/celery.py': 'from celery import Celery\napp = Celery("shop", broker="amqp://")\n',
        'compose.yaml': 'services:\n  queue:\n    image: rabbitmq:4\n',
      },
    ),
  },
};

/** The options with which the golden files were written. */
export const GIVEN = [
  ...['--host', 'shop.example.com', '--image', 'docker.io/example/shop:1.0.0'],
  ...['--library', '^0.1.0'],
];

/** What `django-admin startproject` of a Django makes, with another key. */
function startproject(version: string): { files: Files; distributions: string[] } {
  return {
    files: filesIn(join(__dirname, '../projects', `startproject-${version}`)),
    distributions: ['upstream'],
  };
}
