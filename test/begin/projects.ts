import { NamespaceName } from '../cluster/support/namespaces';

/** A project of PyPI, and what shows that it runs. */
export interface PublicProject {
  readonly title: string;
  /** Name of the application, and of its namespace. */
  readonly name: NamespaceName;
  /** Lines of a shell that make it in the folder where they run, from pinned packages. */
  readonly make: string[];
  /** A page, its status, and what it says. */
  readonly page: { path: string; status: number; text: RegExp };
  /** Options of `init` that say facts of a cluster, beside the namespace of its router. */
  readonly facts?: string[];
  /** Python that sends a task, waits for its result and prints it, and what it prints. */
  readonly task?: { code: string; result: string };
}

const LOGIN = { path: '/admin/login/', status: 200, text: /Log in \| Django site admin/ };
const pip = (options: string) => `pip install --quiet --no-cache-dir --root-user-action=ignore ${options}`;

/** Where many nodes can mount a volume: projects with uploads and workers ask for it. */
const SHARED = process.env.SHARED_STORAGE_CLASS ?? 'standard';

export const PROJECTS: PublicProject[] = [
  {
    title: '`startproject` of Django 5.2',
    name: 'begin-django-5-2',
    make: [pip('django==5.2.19'), 'django-admin startproject mysite .'],
    page: LOGIN,
  },
  {
    title: '`startproject` of Django 6.1',
    name: 'begin-django-6-1',
    make: [pip('django==6.1.3'), 'django-admin startproject mysite .'],
    page: LOGIN,
  },
  {
    title: '`wagtail start` of Wagtail 8.0',
    name: 'begin-wagtail',
    make: [pip('wagtail==8.0'), 'wagtail start mysite .'],
    page: { path: '/', status: 200, text: /Welcome to your new Wagtail site!/ },
  },
  {
    title: '`django-starter new --celery` of django-api-starter 0.2',
    name: 'begin-django-starter',
    make: [pip('django-api-starter==0.2.0'), 'django-starter new api . --celery --yes'],
    page: LOGIN,
    facts: [`--media-class ${SHARED}`],
    task: {
      code: 'from apps.accounts.tasks import flush_expired_tokens as task; result = task.delay(); result.get(timeout=60); print(result.status)',
      result: 'SUCCESS',
    },
  },
  {
    title: '`examples/django` of Celery 5.7',
    name: 'begin-celery',
    make: [
      'pip download --quiet --no-deps --no-binary :all: celery==5.7.0',
      'tar --extract --file=celery-5.7.0.tar.gz --strip-components=3 celery-5.7.0/examples/django',
      'rm celery-5.7.0.tar.gz',
    ],
    // It has no pages.
    page: { path: '/', status: 404, text: /Not Found/ },
    task: { code: 'from demoapp.tasks import add; print(add.delay(2, 3).get(timeout=60))', result: '5' },
  },
];
