import { Found, lineWith, placeOf } from './found';
import { packageOf, Reading } from './reading';

/** The static files of a project. */
export interface StaticFiles {
  /** STATIC_ROOT, where `collectstatic` writes. Without it the overlay serves the files of the apps. */
  readonly root?: Found<string>;
  readonly whitenoise: boolean;
  readonly source: string;
}

/** Uploaded files of a project. */
export interface Media {
  /** Whether the URLconf serves them on a developer's machine, to everybody. */
  readonly served?: string;
  /** The storage of a bucket, which needs no volume. */
  readonly bucket?: string;
  readonly source: string;
}

export function findStatic(reading: Reading): StaticFiles {
  const { settings, has } = reading;
  const setting = settings.last('STATIC_ROOT');
  const source = has('django.contrib.staticfiles')?.source ?? settings.module.source;
  const isNone = setting?.value.kind === 'constant' || settings.text('STATIC_ROOT')?.value === '';
  const root =
    setting && !isNone ? { value: 'STATIC_ROOT', source: placeOf(setting.path, setting.line) } : undefined;
  const inMiddleware = settings.strings('MIDDLEWARE').some(({ value }) => /whitenoise/i.test(value));
  return {
    root,
    source: root?.source ?? source,
    whitenoise: inMiddleware || !!packageOf(reading, 'whitenoise'),
  };
}

/** Uploaded files: by the settings, or by a model that has a field for them. */
export function findMedia({ settings, files, layout }: Reading): Media | undefined {
  const setting = settings.last('MEDIA_ROOT');
  const isEmpty = settings.text('MEDIA_ROOT')?.value === '';
  const model =
    setting && !isEmpty
      ? undefined
      : findInCode(files.find(/\.py$/, layout.folder), (path) => {
          const text = files.read(path)!;
          return /models(\/|\.py$)/.test(path)
            ? lineWith(text, /\bmodels\.(FileField|ImageField)\(/)
            : undefined;
        });
  const source = setting && !isEmpty ? placeOf(setting.path, setting.line) : model;
  if (!source) return undefined;
  const served = findInCode(files.find(/^urls\.py$/, layout.folder), (path) =>
    lineWith(files.read(path)!, /static\(\s*settings\.MEDIA_URL/),
  );
  const storage = [settings.entry('STORAGES', 'default')?.value, settings.last('DEFAULT_FILE_STORAGE')?.value]
    .map((value) => value && (settings.textIn(value, 'BACKEND') ?? settings.firstText(value)))
    .find((text) => text && /storages\.backends|S3|gcloud|azure/i.test(text));
  return { source, served, bucket: storage };
}

/** The path of the metrics of django-prometheus. */
export function findMetrics({ has, files, layout }: Reading): Found<string> | undefined {
  if (!has('django_prometheus')) return undefined;
  for (const path of files.find(/^urls\.py$/, layout.folder)) {
    const text = files.read(path)!;
    const found = /path\(\s*["']([^"']*)["']\s*,\s*include\(\s*["']django_prometheus\.urls["']/.exec(text);
    if (!found) continue;
    return { value: `/${found[1]}metrics`, source: placeOf(path, lineWith(text, /django_prometheus\.urls/)) };
  }
  return undefined;
}

/** The first place in some files at which something is found. */
function findInCode(paths: string[], lineIn: (path: string) => number | undefined): string | undefined {
  for (const path of paths) {
    const line = lineIn(path);
    if (line !== undefined) return placeOf(path, line);
  }
  return undefined;
}
