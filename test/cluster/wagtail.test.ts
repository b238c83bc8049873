import { ISecurity, PodUser } from 'cdk8s-django/platform';
import { RestrictedSecurity } from 'cdk8s-django/security';
import { ADMINISTRATOR, Application, ApplicationProps } from './applications/application';
import { provideImage } from './applications/images';
import { found, Page, Session } from './applications/session';
import { tryApply } from './support/kubectl';
import { MIGRATION } from './support/polls';
import { NamespaceName } from './support/namespaces';

/** What OpenShift's admission makes of pods: a user of the namespace's range in group 0, and its volume group. */
class AssignedUsers extends RestrictedSecurity {
  static readonly USER = 1000700000;

  override podSecurityContext(_user: PodUser): any {
    const { USER } = AssignedUsers;
    return { ...this.platformContext(), runAsUser: USER, runAsGroup: 0, fsGroup: USER };
  }
}

interface Variant {
  readonly title: string;
  readonly namespace: NamespaceName;
  readonly image: string;
  /** What static files are collected with. */
  readonly collectSettings: string;
  /** What the names of the static files are, which tells how long they may be kept. */
  readonly cacheControl: string;
  readonly user: number;
  readonly group: number;
  readonly security?: ISecurity;
}

const VARIANTS: Variant[] = [
  {
    title: 'its files collected with its production settings',
    namespace: 'wagtail',
    image: 'docker.io/example/wagtail:production',
    collectSettings: 'mysite.settings.production',
    cacheControl: 'max-age=31536000, immutable, public',
    user: 1000,
    group: 1000,
  },
  {
    title: 'its files collected as its own Dockerfile does, with a user that the platform assigns',
    namespace: 'wagtail-assigned-user',
    image: 'docker.io/example/wagtail:dev',
    collectSettings: 'mysite.settings.dev',
    cacheControl: 'max-age=60, public',
    user: AssignedUsers.USER,
    group: 0,
    security: new AssignedUsers(),
  },
];

const REPLICAS = 3;
const MEDIA = {
  mountPath: '/app/media',
  size: '1Gi',
  storageClassName: process.env.SHARED_STORAGE_CLASS ?? 'standard',
  serve: true,
};

/**
 * A picture of one pixel with zeros after its end, which nobody minds. It is as long as a photograph: what has more
 * than 2.5 MB Django keeps in a temporary file while it comes in.
 */
const PICTURE = Buffer.concat([
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
  Buffer.alloc(3_000_000),
]);

describe.each(VARIANTS)('what `wagtail start` generates: $title', (variant) => {
  const { namespace, image, collectSettings, cacheControl, user, group, security } = variant;
  let wagtail: Application;
  let administrator: Session;

  beforeAll(async () => {
    const buildArguments = { COLLECT_SETTINGS: collectSettings };
    const props: ApplicationProps = {
      namespace,
      security,
      image: await provideImage({ name: image, folder: 'wagtail', buildArguments }),
      settingsModule: 'mysite.settings.production',
      wsgiModule: 'mysite.wsgi',
      media: MEDIA,
      replicas: REPLICAS,
    };
    wagtail = await Application.deploy(props);
    administrator = await wagtail.visitor();
  }, 480_000);
  afterAll(() => wagtail?.remove(), 180_000);

  test('is migrated by one Job, at its first attempt', async () => {
    const jobs = await wagtail.namespace.list('jobs', MIGRATION);
    expect(jobs.map(({ status }) => [status.succeeded, status.failed])).toEqual([[1, undefined]]);
    const tables = await wagtail.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'wagtail%'");
    expect(Number(tables)).toBeGreaterThan(10);
  });

  test('runs as three replicas of that user, none of which was restarted', async () => {
    const pods = await wagtail.webPods();
    expect(pods).toHaveLength(REPLICAS);
    for (const { metadata, status } of pods) {
      expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 });
      const ids = await wagtail.namespace.exec(metadata.name, 'sh', '-c', 'id -u; id -g');
      expect(ids.trim().split('\n').map(Number)).toEqual([user, group]);
    }
  });

  test('runs in a namespace that enforces Pod Security "restricted"', async () => {
    const spec = { containers: [{ name: 'root', image, securityContext: { privileged: true } }] };
    const metadata = { name: 'privileged', namespace };
    const { stderr } = await tryApply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec }]);
    expect(stderr).toContain('violates PodSecurity "restricted');
  });

  test('shows its first page', async () => {
    const page = await administrator.get('/');
    expect(page.status).toBe(200);
    expect(page.body).toContain('Welcome to your new Wagtail site!');
  });

  test('refuses a login without its CSRF token', async () => {
    const stranger = await wagtail.visitor();
    expect((await stranger.post('/admin/login/', Object.entries(ADMINISTRATOR))).status).toBe(403);
  });

  test('logs the administrator in, with cookies for HTTPS alone', async () => {
    const answer = await administrator.submit('/admin/login/', { ...ADMINISTRATOR, next: '/admin/' });
    expect([answer.status, answer.headers.location]).toEqual([302, '/admin/']);
    const cookies = answer.headers['set-cookie']!.map((cookie) => cookie.toLowerCase());
    expect(cookies.filter((cookie) => !cookie.includes('; secure'))).toEqual([]);
    expect((await administrator.get('/admin/')).body).toContain('Log out');
  });

  test('serves the style sheet of its admin', async () => {
    const login = await (await wagtail.visitor()).get('/admin/login/');
    const stylesheet = found(/href="(\/static\/wagtailadmin\/css\/core[^"]*\.css[^"]*)"/, login);
    const { status, headers, body } = await administrator.get(stylesheet);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/css/);
    expect(headers['cache-control']).toBe(cacheControl);
    expect(body.length).toBeGreaterThan(10_000);
  });

  describe('an image that was uploaded in the admin', () => {
    const original = '/media/original_images/picture.png';
    let pods: string[];

    const names = async () => (await wagtail.webPods()).map(({ metadata }) => metadata.name);
    const expectPicture = ({ status, headers, bytes }: Page) => {
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('image/png');
      expect(bytes.equals(PICTURE)).toBe(true);
    };

    beforeAll(async () => {
      pods = await names();
      const file = new File([new Uint8Array(PICTURE)], 'picture.png', { type: 'image/png' });
      const answer = await administrator.submit('/admin/images/add/', {
        title: 'Picture',
        file,
        collection: '1',
      });
      expect([answer.status, answer.headers.location]).toEqual([302, '/admin/images/']);
    });

    test('is served, and so is the thumbnail that Wagtail makes of it', async () => {
      const list = await administrator.get('/admin/images/');
      const thumbnail = found(/src="(\/media\/images\/picture[^"]+)"/, list);
      expect((await administrator.get(thumbnail)).headers['content-type']).toBe('image/png');
      expectPicture(await administrator.get(original));
    });

    test('is served by each of the replicas', async () => {
      const fetch = `import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", 8000)
connection.request("GET", "${original}", headers={"Host": "${wagtail.host}", "X-Forwarded-Proto": "https"})
print(len(connection.getresponse().read()))`;
      const sizes = pods.map((pod) => wagtail.namespace.exec(pod, 'python', '-c', fetch));
      expect((await Promise.all(sizes)).map(Number)).toEqual(pods.map(() => PICTURE.length));
    });

    test('is there after all pods were replaced, and the administrator is still logged in', async () => {
      await wagtail.namespace.kubectl('delete', 'pods', '--all');
      await wagtail.converged();
      await wagtail.routed(administrator);
      expect((await names()).filter((name) => pods.includes(name))).toEqual([]);
      expectPicture(await administrator.get(original));
      expect((await administrator.get('/admin/')).body).toContain('Log out');
    }, 480_000);
  });
});
