import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/typescript';
import { filesIn, filesOfProject } from './support/files';
import { folderOf } from './support/project';
import { outcomeOf } from './support/terminal';

const GIVEN = ['--host', 'shop.example.com', '--image', 'docker.io/example/shop:1.0.0'];
const projectFolder = (settings = '', more = {}) => folderOf(filesOfProject(settings, more));

describe('the program', () => {
  it('shows its help with examples, and ends with 0', async () => {
    for (const args of [['--help'], []]) {
      const { code, output, errors } = await outcomeOf(args);
      expect([code, errors]).toEqual([0, '']);
      expect(output).toMatch(/^Usage: cdk8s-django/);
      expect(output).toContain('Examples:\n  cdk8s-django init');
      expect(output).toContain('Exit codes: 0 for success');
    }
  });

  it('shows the help of a command with examples', async () => {
    const { code, output } = await outcomeOf(['init', '--help']);
    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: cdk8s-django init/);
    expect(output).toContain('cdk8s-django init --host shop.example.com --image');
  });

  it('shows the version of the library', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await outcomeOf(['--version'])).toMatchObject({ code: 0, output: `${version}\n` });
  });

  it.each([
    [['deploy'], "error: unknown command 'deploy'"],
    [['init', '--hots', 'x'], "error: unknown option '--hots'\n(Did you mean --host?)"],
    [
      ['init', '--distribution', 'minikube'],
      'is invalid. Allowed choices are gke, eks, aks, openshift, upstream.',
    ],
    [['init', '--pipeline', 'jenkins'], 'is invalid. Allowed choices are github, gitlab, none.'],
    [['init', '--host'], "error: option '--host <name>' argument missing"],
  ])('ends %s with 2', async (args, message) => {
    const { code, output, errors } = await outcomeOf(args);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toContain(message);
  });

  it('is what package.json names', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(bin).toEqual({ 'cdk8s-django': 'lib/cli/main.js' });
    expect(readFileSync(join(ROOT, 'src/cli/main.ts'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('init', () => {
  it('says what it found and from where, what it wrote, and what comes next', async () => {
    const folder = projectFolder('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n');
    const { code, output, errors } = await outcomeOf(['init', folder, ...GIVEN]);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toBe(`Found
  settings         shop.settings (one module)      shop/wsgi.py:2
  server           WSGI by gunicorn, shop.wsgi     shop/wsgi.py
  Django           5.2                             requirements.txt:1
  Python           3.13                            what Django supports
  packages         pip                             requirements.txt
  database         PostgreSQL in place of sqlite3  shop/settings.py:1
  static files     without STATIC_ROOT             shop/wsgi.py:2
  name             shop                            shop/wsgi.py:2
  host             shop.example.com                --host
  image            docker.io/example/shop:1.0.0    --image
  pipeline         github                          assumed
  cluster          upstream                        assumed
    gateway class  contour                         assumed
    issuer         letsencrypt                     assumed
    router         in namespace projectcontour     assumed

Written
  deploy/main.ts
  deploy/shop-chart.ts
  deploy/shop.test.ts
  deploy/cdk8s.yaml
  deploy/package.json
  deploy/tsconfig.json
  deploy/jest.config.js
  deploy/.gitignore
  deploy/Containerfile
  deploy/Containerfile.dockerignore
  .github/workflows/deploy.yml

To know
  - Data in SQLite stays where it is: the pods begin with an empty database.
  - Without STATIC_ROOT static files do not have hashed names: chapter 6 of the guide.

Next
  docker build -t docker.io/example/shop:1.0.0 -f deploy/Containerfile .
  docker push docker.io/example/shop:1.0.0
  npm install --prefix deploy
  npm run synth --prefix deploy
  kubectl apply -f deploy/dist/upstream
  kubectl -n shop rollout status deployment/shop

To look
  npx --prefix deploy cdk8s-django doctor deploy/dist/upstream    # before you apply: what the cluster lacks
  npx --prefix deploy cdk8s-django status shop -n shop    # after it: why a pod is not ready
`);
  });

  it('asks only what it cannot know, and again where an answer cannot work', async () => {
    const folder = projectFolder();
    const answers = ['localhost:80', 'shop.example.com', 'shop', 'docker.io/example/shop:1.0.0'];
    const { code, questions, errors } = await outcomeOf(['init', folder], answers);
    expect(code).toBe(0);
    expect(questions).toEqual([
      'Public host, such as shop.example.com',
      'Public host, such as shop.example.com',
      'Image, such as registry.example.com/shop:1.0.0',
      'Image, such as registry.example.com/shop:1.0.0',
    ]);
    expect(errors).toMatch(/^--host "localhost:80" .*\.\n--image "shop" .*\.\n$/);
  });

  it('asks for the volume of uploads where there are workers', async () => {
    const files = filesOfProject('MEDIA_ROOT = "m"\n', { Procfile: 'queue: python manage.py qcluster\n' });
    const question = 'StorageClass for uploaded files that many nodes can mount, or "none"';
    const named = folderOf(files);
    expect(await outcomeOf(['init', named, ...GIVEN], ['nfs'])).toMatchObject({
      code: 0,
      questions: [question],
    });
    expect(filesIn(named)['deploy/shop-chart.ts']).toContain("storageClassName: 'nfs'");
    const none = folderOf(files);
    const { output } = await outcomeOf(['init', none, ...GIVEN], ['none']);
    expect(output).toContain(
      'Uploaded files (shop/settings.py:1) have no volume, and pods cannot write elsewhere',
    );
    expect(filesIn(none)['deploy/shop-chart.ts']).not.toContain('media');
  });

  it('knows the host of the settings and the image of the git remote', async () => {
    const folder = projectFolder('ALLOWED_HOSTS = ["localhost", ".internal", "www.shop.example.com"]\n', {
      '.git/config': '[remote "origin"]\n\turl = git@gitlab.com:acme/shop.git\n',
    });
    const { code, output, questions } = await outcomeOf(['init', folder]);
    expect([code, questions]).toEqual([0, []]);
    expect(output).toMatch(/host +www\.shop\.example\.com +shop\/settings\.py:1/);
    expect(output).toMatch(/image +registry\.gitlab\.com\/acme\/shop:1\.0\.0 +\.git\/config:2/);
    expect(output).toMatch(/pipeline +gitlab +\.git\/config:2/);
  });

  it('writes no file over one that exists, and says which', async () => {
    const folder = projectFolder('', { '.github/workflows/deploy.yml': 'on: push\n' });
    const { code, output } = await outcomeOf(['init', folder, ...GIVEN]);
    expect(code).toBe(0);
    expect(output).toContain('Kept, because they exist\n  .github/workflows/deploy.yml\n');
    expect(filesIn(folder)).toMatchObject({ '.github/workflows/deploy.yml': 'on: push\n' });
  });

  it.each(['Containerfile', 'Dockerfile'])(
    'uses the %s of the project if the image has all that it needs',
    async (name) => {
      const folder = projectFolder('', { [name]: 'FROM mine\n', '.dockerignore': '.git\n' });
      const { output } = await outcomeOf(['init', folder, ...GIVEN]);
      expect(output).toContain(`docker build -t docker.io/example/shop:1.0.0 -f ${name} .`);
      expect(output).toContain(
        `${name} may copy deploy/ into the image: leave it out by a line "deploy" in .dockerignore.`,
      );
      expect(filesIn(folder)['.github/workflows/deploy.yml']).toContain(`-f ${name} .`);
      expect(filesIn(folder)).not.toHaveProperty(['deploy/Containerfile']);
    },
  );

  it('does not use the Dockerfile of the project if the image would lack packages', async () => {
    const folder = projectFolder('', { Dockerfile: 'FROM mine\n', 'requirements.txt': 'django\n' });
    const { output } = await outcomeOf(['init', folder, ...GIVEN]);
    expect(output).toContain(
      'Dockerfile is not used: the image also needs gunicorn>=23,<28, psycopg[binary]>=3.1.18,<4. ' +
        'deploy/Containerfile takes its place.',
    );
    expect(output).toContain('-f deploy/Containerfile .');
    expect(filesIn(folder)).toMatchObject({
      Dockerfile: 'FROM mine\n',
      'deploy/requirements.txt': expect.stringContaining('gunicorn>=23,<28\n'),
    });
  });

  it('writes nothing at all where deploy/ has a file of it', async () => {
    const folder = projectFolder();
    await outcomeOf(['init', folder, ...GIVEN]);
    const before = filesIn(folder);
    const { code, errors } = await outcomeOf([
      'init',
      folder,
      '--host',
      'other.example.com',
      ...GIVEN.slice(2),
    ]);
    expect(code).toBe(1);
    expect(errors).toBe(
      'cdk8s-django: deploy/main.ts, deploy/shop-chart.ts, deploy/shop.test.ts, deploy/cdk8s.yaml, ' +
        'deploy/package.json, deploy/tsconfig.json, deploy/jest.config.js, deploy/.gitignore, ' +
        'deploy/Containerfile, deploy/Containerfile.dockerignore exist already. ' +
        'Nothing was written. Move them away, then run this again.\n',
    );
    expect(filesIn(folder)).toEqual(before);
  });

  it('writes nothing outside of what it says', async () => {
    const folder = projectFolder();
    const before = Object.keys(filesIn(folder));
    const { output } = await outcomeOf(['init', folder, ...GIVEN]);
    const written = /Written\n((?: {2}.*\n)+)/.exec(output)![1].trim().split(/\s+/);
    expect(Object.keys(filesIn(folder)).sort()).toEqual([...before, ...written].sort());
  });

  it('tells the Secrets that are the user’s', async () => {
    const settings =
      'import os\nA = os.environ["STRIPE_KEY"]\nB = os.environ["MAIL_URL"]\nC = os.environ["SIGNING_FILE"]\n';
    const { output } = await outcomeOf(['init', projectFolder(settings), ...GIVEN]);
    expect(output).toContain(
      'The settings demand STRIPE_KEY, MAIL_URL: they come from Secret shop-settings, which is yours.',
    );
    expect(output).toContain('The settings read files: Secret shop-files, mounted at /etc/shop, is yours.');
    expect(output).toContain(`  kubectl create namespace shop --save-config
  kubectl -n shop create secret generic shop-settings --from-literal=STRIPE_KEY=… --from-literal=MAIL_URL=…
  kubectl -n shop create secret generic shop-files --from-file=signing=…
  kubectl apply`);
  });

  it('takes values of variables, which are then in the environment', async () => {
    const folder = projectFolder('import os\nA = os.environ["REGION"]\n');
    const { output } = await outcomeOf(['init', folder, ...GIVEN, '--env', 'REGION=eu', '--env', 'B=c=d']);
    expect(output).not.toContain('shop-settings');
    expect(filesIn(folder)['deploy/shop-chart.ts']).toContain("        REGION: 'eu',\n        B: 'c=d',\n");
  });

  it('names what network policies keep pods from', async () => {
    const more = { 'requirements.txt': 'django\ngunicorn\npsycopg\nsentry-sdk\nrequests\n' };
    const { output } = await outcomeOf(['init', projectFolder('EMAIL_HOST = "mail"\n', more), ...GIVEN]);
    expect(output).toContain(
      'Network policies let the pods out to their own servers only: add `egress` for those of requests, ' +
        'sentry-sdk, EMAIL_HOST.',
    );
  });

  it('gives two commands of one name a name each', async () => {
    const folder = projectFolder('', {
      Procfile: 'release: python manage.py loaddata a && python manage.py loaddata b\n',
    });
    await outcomeOf(['init', folder, ...GIVEN]);
    expect(filesIn(folder)['deploy/shop-chart.ts']).toContain(
      "    app.addCommand({ name: 'loaddata', command: ['loaddata', 'a'] });\n" +
        "    app.addCommand({ name: 'loaddata-2', command: ['loaddata', 'b'] });\n",
    );
  });

  it('names what it leaves out', async () => {
    const folder = projectFolder('DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}\n', {
      Procfile: 'release: ./notify.sh\n',
      'compose.yaml': 'services:\n  search:\n    image: opensearch:3\n  db:\n    image: mysql:9\n',
    });
    const { output } = await outcomeOf(['init', folder, ...GIVEN]);
    expect(output).toContain(
      'The database is mysql: the settings keep theirs, and nothing migrates it by itself.',
    );
    expect(output).toContain('search of compose.yaml:2 is not deployed.');
    expect(output).toContain(
      '"./notify.sh" of Procfile:1 is not a command of manage.py: it is not deployed.',
    );
  });

  describe('refuses', () => {
    const refusal = async (args: string[], settings = '', more = {}) => {
      const folder = projectFolder(settings, more);
      const { code, errors } = await outcomeOf(['init', folder, ...args]);
      return `${code} ${errors.replaceAll(folder, 'FOLDER').trim()}`;
    };

    it.each([
      [
        'a missing host and image without a terminal',
        [],
        '2 cdk8s-django: --host and --image cannot be read in the project, and without a terminal nobody can be asked. Give them: cdk8s-django init --host shop.example.com --image registry.example.com/shop:1.0.0.',
      ],
      [
        'a missing image without a terminal',
        GIVEN.slice(0, 2),
        '2 cdk8s-django: --image cannot be read in the project, and without a terminal nobody can be asked. Give it: cdk8s-django init --image registry.example.com/shop:1.0.0.',
      ],
      [
        'an image without a tag',
        [...GIVEN.slice(0, 2), '--image', 'docker.io/example/shop'],
        /^2 cdk8s-django: --image "docker\.io\/example\/shop" .+\.$/,
      ],
      ['a host that is none', ['--host', 'a b', ...GIVEN.slice(2)], /^2 cdk8s-django: --host "a b" .+\.$/],
      ['a name that is none', [...GIVEN, '--name', 'My Shop'], /^2 cdk8s-django: --name "My Shop" .+\.$/],
      [
        'a variable without a value',
        [...GIVEN, '--env', 'A'],
        '2 cdk8s-django: --env "A" is not a variable with its value. Give NAME=VALUE.',
      ],
      ['a variable whose name cannot be', [...GIVEN, '--env', 'A B=c'], /^2 cdk8s-django: --env "A B" .+\.$/],
      [
        'gke without a certificate',
        [...GIVEN, '--distribution', 'gke'],
        '2 cdk8s-django: gke needs a certificate. Give --certificate-map NAME, a map of Certificate Manager.',
      ],
      [
        'eks without ranges',
        [...GIVEN, '--distribution', 'eks'],
        "2 cdk8s-django: eks needs the ranges of the load balancer's subnets, which network policies let in. " +
          'Give --load-balancer-cidr 10.0.0.0/20, once for each.',
      ],
      [
        'aks without a certificate',
        [...GIVEN, '--distribution', 'aks'],
        '2 cdk8s-django: aks needs a certificate. Give --key-vault-certificate URI and --certificate-client-id ID, the client ID of the identity that may read it.',
      ],
      [
        'a class whose proxies are nowhere',
        [...GIVEN, '--gateway-class', 'istio'],
        '2 cdk8s-django: --gateway-class istio: the namespace of its proxies is not known, and network policies have to let them in. Give --router-namespace NAME.',
      ],
      [
        'a settings module that is not there',
        [...GIVEN, '--settings', 'shop.other'],
        '1 cdk8s-django: --settings shop.other: the project has neither shop/other.py nor a package of that name.',
      ],
    ])('%s', async (_what, args, message) => {
      const text = await refusal(args);
      if (typeof message === 'string') expect(text).toBe(message);
      else expect(text).toMatch(message);
    });

    it('uploads and workers without a volume of many nodes', async () => {
      const more = { Procfile: 'queue: python manage.py qcluster\n' };
      expect(await refusal(GIVEN, 'MEDIA_ROOT = "m"\n', more)).toBe(
        '2 cdk8s-django: --media-class cannot be read in the project, and without a terminal nobody can be asked. Give it: ' +
          'cdk8s-django init --media-class NAME. Uploaded files (shop/settings.py:1) have to be on a volume that many ' +
          'nodes can mount, because workers may run on another node than the replicas: --media-class names its ' +
          'StorageClass. --no-media in its place is for a bucket.',
      );
    });

    it('a folder that is not there', async () => {
      const { code, errors } = await outcomeOf(['init', '/nowhere', ...GIVEN]);
      expect([code, errors]).toEqual([
        1,
        'cdk8s-django: /nowhere is not a folder. Give the folder of a Django project: cdk8s-django init FOLDER.\n',
      ]);
    });

    it('a folder without a project, or with several', async () => {
      const empty = folderOf({ 'a.txt': '' });
      expect((await outcomeOf(['init', empty, ...GIVEN])).errors).toBe(
        `cdk8s-django: ${empty} has no manage.py, in it or in folders up to two levels below. ` +
          'Give the folder of a Django project: cdk8s-django init FOLDER.\n',
      );
      const two = folderOf({ 'a/manage.py': '', 'b/manage.py': '' });
      expect((await outcomeOf(['init', two, ...GIVEN])).errors).toBe(
        `cdk8s-django: ${two} has several projects: a/manage.py, b/manage.py. ` +
          `Give the folder of one: cdk8s-django init ${two}/a.\n`,
      );
    });

    it('a project that names no settings, or settings that are not there', async () => {
      const silent = { 'manage.py': '', 'shop/wsgi.py': '', 'shop/asgi.py': '' };
      expect(await refusal(GIVEN, '', silent)).toBe(
        '1 cdk8s-django: manage.py does not name a settings module. Name it: --settings mysite.settings.',
      );
      const wrong = {
        ...silent,
        'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "x.y")\n',
      };
      expect(await refusal(GIVEN, '', wrong)).toBe(
        '1 cdk8s-django: The settings module was not found: x.y of manage.py:2. Name it: --settings mysite.settings.',
      );
    });
  });

  it('runs without a terminal, without colours', () => {
    const program = ['-r', 'ts-node/register/transpile-only', join(ROOT, 'src/cli/main.ts')];
    const args = [...program, 'init', projectFolder(), ...GIVEN];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Found\n/);
    expect(stdout).not.toContain('\u001b');
  });
});
