/** The newest version of Python that packages of all kinds have wheels for. */
const NEWEST_PYTHON = 13;
const OLDEST_PYTHON = 9;

/** The newest Python that a Django supports, where that is older. https://docs.djangoproject.com/en/dev/faq/install/ */
const NEWEST_FOR_DJANGO: { [minor: string]: number } = { '4.2': 12, '5.0': 12, '5.1': 13 };

/** The version of Python for an image: the newest that the project allows. */
export function pythonFor(specifier: string | undefined, django: string | undefined): string {
  const newest = NEWEST_FOR_DJANGO[django ?? ''] ?? NEWEST_PYTHON;
  const allowed = (minor: number) => allows(specifier ?? '', minor);
  // A version that is named alone may be newer than what is taken otherwise.
  const named = /^==3\.(\d+)/.exec(specifier ?? '');
  if (named) return `3.${named[1]}`;
  for (let minor = newest; minor >= OLDEST_PYTHON; minor--) if (allowed(minor)) return `3.${minor}`;
  const least = />=?\s*3\.(\d+)/.exec(specifier ?? '');
  return `3.${least ? least[1] : newest}`;
}

/** Whether a specifier of PEP 440 allows releases of Python 3.minor. */
function allows(specifier: string, minor: number): boolean {
  return specifier.split(',').every((part) => {
    const found = /^\s*(>=|<=|==|!=|~=|>|<)\s*3\.(\d+)/.exec(part);
    if (!found) return true;
    const bound = Number(found[2]);
    const isWhole = !/3\.\d+\.\d/.test(part);
    switch (found[1]) {
      case '>=':
        return minor >= bound;
      case '>':
        return isWhole ? minor > bound : minor >= bound;
      case '~=':
        return isWhole ? minor >= bound : minor === bound;
      case '<':
        return minor < bound;
      case '<=':
        return minor <= bound;
      case '==':
        return minor === bound;
      default:
        return minor !== bound || !isWhole;
    }
  });
}

/** The first version that a specifier names: `5.2` of `>=5.2.1,<6`. */
export function minorOf(specifier: string | undefined): string | undefined {
  return /(\d+\.\d+)/.exec(specifier ?? '')?.[1];
}
