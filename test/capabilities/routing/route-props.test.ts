import { PublicRouteProps } from 'cdk8s-django';
import { sample } from '../../support/distributions';
import { routed } from '../../support/routes';
import { HOST } from '../../support/synth';
import { routeError } from './routings';

const LONG = `/${'a'.repeat(1024)}`;
const AMBIGUOUS =
  'has an empty part, "." or "..", or an escaped "/", which routers refuse or take for another path. Give the path that it ' +
  'means, such as "/health".';

describe('a path that is not a valid one', () => {
  it.each<[string[], string]>([
    [[], 'paths [] names no path. Give at least one, or leave it out to mean every path.'],
    [
      ['polls'],
      'paths "polls" is not the path of a URL. Give a path such as "/health", without host, query or spaces.',
    ],
    [
      ['/polls/'],
      'paths "/polls/" ends in "/", which platforms understand in different ways. Give "/polls", which also means all paths below ' +
        'it.',
    ],
    [['/a', '/b', '/a'], 'paths "/a" is given twice. Remove one of them.'],
    [
      ['/%zz'],
      'paths "/%zz" is not the path of a URL. Give a path such as "/health", without host, query or spaces.',
    ],
    ...['/a//b', '//', '/a/../b', '/./x', '/..', '/a/.', '/a%2Fb', '/a%2fb', '/%2e%2E/a'].map(
      (path): [string[], string] => [['/a', path], `paths "${path}" ${AMBIGUOUS}`],
    ),
    [[LONG], `paths "${LONG}" has 1025 characters. Use at most 1024.`],
  ])('%j', (paths, message) => {
    expect(routeError(sample('upstream'), { paths })).toBe(`polls/Route: ${message}`);
  });
});

describe('a maintenanceUrl that is not a valid one', () => {
  const notPage =
    'is not the URL of a page. Give scheme, host and path, without a query: "https://status.example.com/polls".';
  const loop =
    'leads back to this route, and so to itself. Give a page of another host, or of a path that is not among the ' +
    'paths of the route.';
  it.each<[string, Partial<PublicRouteProps>, string]>([
    ['status.example.com', {}, notPage],
    ['ftp://status.example.com', {}, notPage],
    ['https://status.example.com/?page=1', {}, notPage],
    ['https://user:word@status.example.com/', {}, notPage],
    ['https://status.example.com:70000/', {}, notPage],
    ['https://status.example.com:0/', {}, notPage],
    ['https://status..example.com/', {}, notPage],
    ['https://-status.example.com/', {}, notPage],
    [`https://${'s'.repeat(64)}.example.com/`, {}, notPage],
    ['https://status.example.com/a//b', {}, notPage],
    ['https://status.example.com/polls/..', {}, notPage],
    ['https://status.example.com/%zz', {}, notPage],
    [`https://${HOST}/maintenance`, {}, loop],
    [`https://${HOST}/polls/status`, { paths: ['/polls'] }, loop],
  ])('%s', (maintenanceUrl, changes, reason) => {
    expect(routeError(sample('upstream'), { maintenanceUrl, ...changes })).toBe(
      `polls/Route: maintenanceUrl "${maintenanceUrl.replace(':word@', ':…@')}" ${reason}`,
    );
  });

  it('may be of the same host where the route does not reach', () => {
    const maintenanceUrl = `https://${HOST}/pollsters`;
    const manifests = routed(sample('upstream'), { maintenance: true, maintenanceUrl, paths: ['/polls'] });
    expect(JSON.stringify(manifests)).toContain('"replaceFullPath":"/pollsters"');
  });
});

describe('an HTTPRoute', () => {
  it('takes so many hosts and paths', () => {
    const many = (number: number, of: (index: number) => string) =>
      Array.from({ length: number }, (_, index) => of(index));
    expect(routeError(sample('upstream'), { hosts: many(17, (index) => `h${index}.example.com`) })).toBe(
      'polls/Route: hosts 17 are more than the 16 that an HTTPRoute takes. Make a second PublicRoute, with a name, ' +
        'for the others.',
    );
    expect(routeError(sample('upstream'), { paths: many(65, (index) => `/p${index}`) })).toBe(
      'polls/Route: paths 65 are more than the 64 that an HTTPRoute takes. Make a second PublicRoute, with a name, ' +
        'for the others.',
    );
  });
});
