import { posix } from 'node:path';
import { Installer } from './packages';
import { Plan } from './plan';
import { Project } from './project';
import { buildVariables } from './plan-variables';

const REQUIREMENTS = 'deploy/requirements.txt';

/** The Containerfile. */
export function containerfileText(plan: Plan): string {
  const { project, workingDirectory, collectsStatic } = plan;
  const base = `docker.io/library/python:${project.python.value}-slim-trixie`;
  return [
    '# The packages are installed in a stage of their own: what builds them is not in the image that runs.',
    `FROM ${base} AS packages`,
    ...aptLines(plan.system.build),
    ...installerLines(plan),
    '',
    `FROM ${base}`,
    ...aptLines(plan.system.run),
    '# A line of the log leaves the process at once. No bytecode: the file system is read-only in the cluster.',
    'ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH',
    `WORKDIR ${workingDirectory}`,
    'COPY --from=packages /venv /venv',
    '# All of the project, except for what Containerfile.dockerignore names.',
    'COPY . /app',
    ...(plan.pythonPath === undefined ? [] : [`ENV PYTHONPATH=${plan.pythonPath}`]),
    ...(collectsStatic ? collectLines(plan) : noStaticLines()),
    '# A number, because Kubernetes cannot tell whether a name means root. Any other number works too: OpenShift',
    '# gives each namespace one, always in group 0. Only /tmp is written to.',
    'USER 1000:0',
    'EXPOSE 8000',
    '# For a first look without a cluster: pods start the server by a command of their own.',
    `CMD ${commandOf(project)}`,
    '',
  ].join('\n');
}

/** A command that serves the application on port 8000. */
function commandOf({ server }: Project): string {
  const application = server.module.includes(':') ? server.module : `${server.module}:application`;
  const words: { [program: string]: string[] } = {
    gunicorn: ['gunicorn', application, '--bind=0.0.0.0:8000'],
    uvicorn: ['uvicorn', application, '--host=0.0.0.0', '--port=8000'],
    daphne: ['daphne', '--bind=0.0.0.0', '--port=8000', application],
    granian: ['granian', `--interface=${server.kind.toLowerCase()}`, '--host=0.0.0.0', application],
  };
  return `[${words[server.program].map((word) => JSON.stringify(word)).join(', ')}]`;
}

function aptLines(packages: string[]): string[] {
  if (!packages.length) return [];
  return [
    'RUN apt-get update \\',
    `    && apt-get install --yes --no-install-recommends ${packages.join(' ')} \\`,
    '    && rm -rf /var/lib/apt/lists/*',
  ];
}

/** Static files are collected with the settings of production, which may demand variables. */
function collectLines({ project }: Plan): string[] {
  const { settings } = project;
  const chooser = settings.chooser?.value;
  const values = [
    `DJANGO_SETTINGS_MODULE=${settings.module.value}`,
    ...(settings.configuration ? [`DJANGO_CONFIGURATION=${settings.configuration.value}`] : []),
    ...(chooser ? [`${chooser.variable}=${chooser.part}`] : []),
    ...buildVariables(project).map(([name, value]) => `${name}=${value}`),
  ];
  return [
    '# Static files are collected once, here. The values are worth nothing: the settings demand some, for this command',
    '# alone, and no layer keeps them. chmod undoes a strict umask of those who build.',
    'RUN \\',
    ...values.map((value) => `    ${value} \\`),
    '    python manage.py collectstatic --no-input \\',
    '    && chmod -R a+rX,go-w /app',
  ];
}

function noStaticLines(): string[] {
  return [
    '# The settings have no STATIC_ROOT: the pods serve the static files of the installed apps. With STATIC_ROOT, collect',
    '# them here, so that they get hashed names: RUN SECRET_KEY=build python manage.py collectstatic --no-input',
    '# chmod undoes a strict umask of those who build.',
    'RUN chmod -R a+rX,go-w /app',
  ];
}

/** The lines that install packages into /venv, by what the project uses. */
function installerLines(plan: Plan): string[] {
  const { packages } = plan.project;
  const own = plan.packages.length
    ? [
        '# What the image needs and the project does not name.',
        `COPY ${REQUIREMENTS} /requirements/deploy.txt`,
        'RUN pip install --no-cache-dir -r /requirements/deploy.txt',
      ]
    : [];
  const environment = ['RUN python -m venv /venv', 'ENV PATH=/venv/bin:$PATH VIRTUAL_ENV=/venv'];
  return [...environment, ...INSTALL[packages.installer](plan), ...own];
}

const copied = (files: string[]) => `COPY ${files.join(' ')} ./`;

/** Files of requirements keep their folders, because they include each other. */
function copiedInPlace(files: string[]): string[] {
  return [...new Set(files.map((file) => posix.dirname(file)))].map((folder) => {
    const inside = files.filter((file) => posix.dirname(file) === folder);
    return `COPY ${inside.join(' ')} ./${folder === '.' ? '' : `${folder}/`}`;
  });
}

const INSTALL: { [installer in Installer]: (plan: Plan) => string[] } = {
  [Installer.NONE]: () => [],
  [Installer.PIP]: ({ project }) => [
    'WORKDIR /requirements',
    ...copiedInPlace(project.packages.files),
    `RUN pip install --no-cache-dir -r ${project.packages.files[0]}`,
  ],
  [Installer.UV]: ({ project }) => [
    'WORKDIR /requirements',
    copied(project.packages.files),
    'RUN pip install --no-cache-dir uv \\',
    '    && UV_PROJECT_ENVIRONMENT=/venv uv sync --frozen --no-dev --no-install-project --inexact \\',
    '    && pip uninstall --yes uv',
  ],
  [Installer.PYPROJECT]: ({ project }) => [
    'WORKDIR /requirements',
    copied(project.packages.files),
    '# Only its dependencies: the code of the project is copied below.',
    'RUN pip install --no-cache-dir uv \\',
    '    && uv pip install --no-cache -r pyproject.toml \\',
    '    && pip uninstall --yes uv',
  ],
  [Installer.SETUP]: ({ project }) => [
    'WORKDIR /requirements',
    'COPY . ./',
    '# Only the dependencies: setuptools may need the code to say them.',
    'RUN pip install --no-cache-dir uv \\',
    `    && uv pip install --no-cache -r ${project.packages.files[0]} \\`,
    '    && pip uninstall --yes uv',
  ],
  [Installer.POETRY]: ({ project }) => [
    'WORKDIR /requirements',
    copied(project.packages.files),
    '# Poetry is in an environment of its own, and installs into the one that is active.',
    'RUN python -m venv /poetry \\',
    '    && /poetry/bin/pip install --no-cache-dir poetry \\',
    '    && /poetry/bin/poetry install --only main --no-root --no-interaction --no-cache',
  ],
  [Installer.PIPENV]: ({ project }) => [
    'WORKDIR /requirements',
    copied(project.packages.files),
    '# Pipenv is in an environment of its own, and installs into the one that is active.',
    'RUN python -m venv /pipenv \\',
    '    && /pipenv/bin/pip install --no-cache-dir pipenv \\',
    `    && PIPENV_NOSPIN=1 /pipenv/bin/pipenv ${project.packages.files.length > 1 ? 'sync' : 'install --skip-lock'}`,
  ],
};

/** What the build does not see: neither secrets of developers, nor what is made anew. */
export function dockerignoreText({ project }: Plan): string {
  return `# Neither secrets of developers nor what is made anew comes into the image. docker, podman and buildah read
# this file, because it has the name of the Containerfile.
.git
.github
.gitlab-ci.yml
.env
.env.*
**/.venv
**/venv
**/__pycache__
**/node_modules
**/*.sqlite3
${posix.join(project.layout.folder, 'media')}
deploy/*
!deploy/requirements.txt
`;
}

/** Requirements beside those of the project. */
export function requirementsText({ packages }: Plan): string {
  return [
    '# What the image needs and the project does not name. Better name it in the requirements of the project, with',
    '# exact versions, and remove this file and its lines in the Containerfile.',
    ...packages,
    '',
  ].join('\n');
}
