import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files by their paths. */
export interface Files {
  readonly [path: string]: string;
}

/** Writes files into a folder. */
export function writeFilesInto(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** All files of a folder, by their paths. */
export function filesIn(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );
}

const ENTRY_POINT = (settings: string) =>
  `import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "${settings}")\n`;

/** The files of an ordinary project, with other settings and further files. */
export function filesOfProject(settings: string, more: Files = {}): Files {
  return {
    'manage.py': ENTRY_POINT('shop.settings'),
    'shop/__init__.py': '',
    'shop/wsgi.py': `${ENTRY_POINT('shop.settings')}application = get_wsgi_application()\n`,
    'shop/asgi.py': `${ENTRY_POINT('shop.settings')}application = get_asgi_application()\n`,
    'shop/urls.py': 'urlpatterns = []\n',
    'shop/settings.py': settings,
    'requirements.txt': 'Django==5.2.19\ngunicorn==27.0.1\npsycopg[binary]==3.3.9\n',
    ...more,
  };
}
