import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libraryFor } from '../../src/cli/init/library';
import { folderOf } from './support/project';

/** A folder with the library in node_modules/, and what npm noted about it. */
function installedFrom(resolved: string | undefined): { home: string; root: string } {
  const packages = { 'node_modules/cdk8s-django': resolved === undefined ? {} : { resolved } };
  const root = folderOf({
    'cache/node_modules/.package-lock.json': JSON.stringify({ packages }),
    'cache/node_modules/cdk8s-django/package.json': '{}',
    'downloads/cdk8s-django-0.1.0.tgz': '',
    'shop/manage.py': '',
  });
  return { home: join(root, 'cache/node_modules/cdk8s-django'), root };
}

describe('the library of package.json', () => {
  it('is the file that the program was installed from, by a path from deploy/', () => {
    const { home, root } = installedFrom('file:../downloads/cdk8s-django-0.1.0.tgz');
    expect(libraryFor(home, join(root, 'shop/deploy'), '0.1.0')).toBe(
      'file:../../downloads/cdk8s-django-0.1.0.tgz',
    );
  });

  it.each(['https://registry.npmjs.org/cdk8s-django/-/cdk8s-django-0.1.0.tgz', undefined])(
    'is its version where it is from %s',
    (resolved) => {
      const { home, root } = installedFrom(resolved);
      expect(libraryFor(home, join(root, 'shop/deploy'), '0.1.0')).toBe('^0.1.0');
    },
  );

  it('is its version in a clone, where npm did not install it', () => {
    const root = folderOf({ 'clone/package.json': '{}' });
    expect(libraryFor(join(root, 'clone'), join(root, 'shop/deploy'), '0.1.0')).toBe('^0.1.0');
    mkdirSync(join(root, 'node_modules/cdk8s-django'), { recursive: true });
    writeFileSync(join(root, 'node_modules/package.json'), '{}');
    expect(libraryFor(join(root, 'node_modules/cdk8s-django'), root, '0.1.0')).toBe('^0.1.0');
  });
});
