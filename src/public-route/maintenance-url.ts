import { Construct } from 'constructs';
import { Maintenance, RedirectTarget, UrlScheme } from '../platform/routing';
import { InvalidInputError } from '../kubernetes/errors';
import { servesHost } from '../kubernetes/hosts';
import { pathProblem } from '../kubernetes/paths';
import { Problems } from '../kubernetes/problems';

/** What answers instead of the application, if anything is to. The URL is checked in any case. */
export function maintenanceOf(
  scope: Construct,
  { maintenance, maintenanceUrl, hosts }: { maintenance?: boolean; maintenanceUrl?: string; hosts: string[] },
  paths: string[],
): Maintenance | undefined {
  const redirect = maintenanceUrl === undefined ? undefined : redirectTarget(scope, maintenanceUrl);
  if (
    redirect &&
    hosts.some((host) => servesHost(host, redirect.host)) &&
    paths.some((path) => isBelow(redirect.path, path))
  ) {
    Problems.report(scope, {
      property: 'maintenanceUrl',
      value: maintenanceUrl,
      reason: 'leads back to this route, and so to itself',
      remedy: 'Give a page of another host, or of a path that is not among the paths of the route',
    });
  }
  return maintenance ? { redirect } : undefined;
}

function redirectTarget(scope: Construct, url: string): RedirectTarget {
  const match = /^(https?):\/\/([^/:]+)(?::(\d{1,5}))?(\/.*)?$/.exec(url);
  if (!match || !isHost(match[2]) || !isPort(match[3] ?? '80') || pathProblem(match[4] ?? '/')) {
    throw new InvalidInputError(scope, {
      property: 'maintenanceUrl',
      value: url,
      reason: 'is not the URL of a page',
      remedy: 'Give scheme, host and path, without a query: "https://status.example.com/polls"',
    });
  }
  const [, , host, port, path] = match;
  const scheme = match[1] === 'https' ? UrlScheme.HTTPS : UrlScheme.HTTP;
  return { url, scheme, host, port: port ? Number(port) : undefined, path: path ?? '/' };
}

/** Also an address: a page of the intranet may have no name. */
function isHost(host: string): boolean {
  const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
  return host.length <= 253 && host.split('.').every((one) => label.test(one));
}

function isPort(port: string): boolean {
  return Number(port) >= 1 && Number(port) <= 65535;
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}
