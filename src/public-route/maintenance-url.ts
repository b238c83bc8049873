import { Construct } from 'constructs';
import { Maintenance, RedirectTarget } from '../capabilities/routing/routing';
import { InvalidInputError } from '../kubernetes/errors';

/** What answers instead of the application, if anything is to. The URL is checked in any case. */
export function maintenanceOf(
  scope: Construct,
  { maintenance, maintenanceUrl, hosts }: { maintenance?: boolean; maintenanceUrl?: string; hosts: string[] },
  paths: string[],
): Maintenance | undefined {
  const redirect = maintenanceUrl === undefined ? undefined : redirectTarget(scope, maintenanceUrl);
  if (redirect && hosts.includes(redirect.host) && paths.some((path) => isBelow(redirect.path, path))) {
    throw new InvalidInputError(scope, {
      property: 'maintenanceUrl',
      value: maintenanceUrl,
      reason: 'leads back to this route, and so to itself',
      remedy: 'Give a page of another host, or of a path that is not among the paths of the route',
    });
  }
  return maintenance ? { redirect } : undefined;
}

function redirectTarget(scope: Construct, url: string): RedirectTarget {
  const match = /^(https?):\/\/([a-z0-9][-a-z0-9.]*[a-z0-9])(?::(\d{1,5}))?(\/[-\w./~%]*)?$/.exec(url);
  if (!match || Number(match[3] ?? 1) > 65535) {
    throw new InvalidInputError(scope, {
      property: 'maintenanceUrl',
      value: url,
      reason: 'is not the URL of a page',
      remedy: 'Give scheme, host and path, without a query: "https://status.example.com/polls"',
    });
  }
  const [, scheme, host, port, path] = match;
  return { url, scheme, host, port: port ? Number(port) : undefined, path: path ?? '/' };
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}
