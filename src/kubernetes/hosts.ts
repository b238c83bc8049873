import { IConstruct } from 'constructs';
import { checkHost } from './names';
import { Problems } from './problems';

/*
 * All names below a domain: routers and certificates write `*.shop.example.com`. Django writes `.shop.example.com` and
 * means the domain too.
 */
const BELOW = /^\*\./;
const DJANGO = /^\./;

/** A public host, or all names below a domain. */
export function checkPublicHost(scope: IConstruct, property: string, value: string): string {
  const domain = typeof value === 'string' ? value.replace(BELOW, '').replace(DJANGO, '') : value;
  if (domain === value) return checkHost(scope, property, value);
  if (domain.includes('.') && !domain.includes('*')) {
    checkHost(scope, property, domain);
    return value;
  }
  Problems.report(scope, {
    property,
    value,
    reason: 'would mean the hosts of everybody',
    remedy: 'Give a domain of your own after the "*.", such as "*.shop.example.com"',
  });
  return value;
}

/** The hosts as routers write them: what Django writes with a dot is a domain and all names below it. */
export function routerHosts(hosts: string[]): string[] {
  const all = hosts.flatMap((host) => (DJANGO.test(host) ? [host.slice(1), `*${host}`] : [host]));
  return [...new Set(all)];
}

/** Whether it means all names below a domain. */
export function isWildcard(host: string): boolean {
  return BELOW.test(host);
}

/** A host in the form of Django's ALLOWED_HOSTS. There is no way to allow names below a domain without the domain. */
export function allowedHost(host: string): string {
  return host.replace(BELOW, '.');
}

/** A host that a probe can name: of all names below a domain, the domain, which ALLOWED_HOSTS has with them. */
export function namedHost(host: string): string {
  return host.replace(BELOW, '').replace(DJANGO, '');
}

/** Whether a request for a host comes by what a route says. */
export function servesHost(pattern: string, host: string): boolean {
  return pattern === host || (isWildcard(pattern) && host.endsWith(pattern.slice(1)));
}
