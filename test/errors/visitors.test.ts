import { Chart } from 'cdk8s';
import { SettingsOverlay, WsgiServer } from 'cdk8s-django';
import { django, errorOf, synth } from '../support/synth';

const error = (settingsOverlay: SettingsOverlay, environment?: Record<string, string>) =>
  errorOf((chart) => django(chart, { settingsOverlay, environment }));

describe('who is believed', () => {
  it.each([['10.8.0.1'], ['10.8.0.1/26'], ['router'], ['10.8.0.0/33']])('refuses the range %s', (range) => {
    expect(error({ routerAddresses: [range] })).toContain(`settingsOverlay.routerAddresses "${range}" `);
  });

  it('refuses an empty list', () => {
    expect(error({ routerAddresses: [] })).toContain(
      'settingsOverlay.routerAddresses [] is empty. Give ranges such as "203.0.113.0/24", or leave it out.',
    );
  });

  it('refuses a server that believes others first', () => {
    expect(error({ routerAddresses: ['10.8.0.0/26'] }, { FORWARDED_ALLOW_IPS: '*' })).toContain(
      'environment.FORWARDED_ALLOW_IPS "*" has the server believe headers before settingsOverlay.routerAddresses is ' +
        'asked. Leave one of them out.',
    );
  });
});

describe('a server that does not tell headers apart', () => {
  const granian = (settingsOverlay: SettingsOverlay = {}, signIn?: boolean) =>
    errorOf((chart) => {
      const app = django(chart, { settingsOverlay, wsgiServer: WsgiServer.GRANIAN });
      app.addHost('admin.example.com', { signIn });
    });
  const because =
    'would believe headers of visitors: wsgiServer "granian" does not tell "-" and "_" in their names apart. Leave ' +
    'wsgiServer out to use gunicorn, or give an asgiModule.';
  const restrictedPaths = { '/admin': ['203.0.113.0/24'] };

  it.each<[SettingsOverlay, string]>([
    [{ visitorAddress: true }, 'visitorAddress true'],
    [{ visitorAddress: true, restrictedPaths }, 'restrictedPaths {"/admin":["203.0.113.0/24"]}'],
    [{ signInPaths: ['/admin'] }, 'signInPaths ["/admin"]'],
  ])('is refused with %j', (settingsOverlay, option) => {
    expect(granian(settingsOverlay, true)).toContain(`settingsOverlay.${option} ${because}`);
  });

  it('is refused behind a route with a sign-in', () => {
    expect(granian({}, true)).toContain(
      '[polls/Polls] wsgiServer "granian" does not tell "-" and "_" in names of headers apart, which say who signed in ' +
        'at admin.example.com. Leave wsgiServer out to use gunicorn, or give an asgiModule.',
    );
  });

  it('is not refused where none is believed', () => {
    const make = (chart: Chart) => {
      const settingsOverlay = { visitorAddress: false, restrictedPaths: {}, signInPaths: [] };
      django(chart, { settingsOverlay, wsgiServer: WsgiServer.GRANIAN }).addHost('polls.example.com');
    };
    expect(() => synth(make)).not.toThrow();
  });
});

describe('paths for some visitors', () => {
  it("need the visitor's address", () => {
    expect(error({ restrictedPaths: { '/admin': ['203.0.113.0/24'] } })).toContain(
      'settingsOverlay.restrictedPaths {"/admin":["203.0.113.0/24"]} needs the visitor\'s address, and REMOTE_ADDR is ' +
        "the router's. Give settingsOverlay.visitorAddress true.",
    );
  });

  it.each([
    [{ admin: ['203.0.113.0/24'] }, 'settingsOverlay.restrictedPaths "admin" is not the path of a URL.'],
    [
      { '/admin': ['office'] },
      'settingsOverlay.restrictedPaths["/admin"] "office" is not a range of addresses.',
    ],
    [{ '/admin': [] }, 'settingsOverlay.restrictedPaths["/admin"] [] is empty.'],
  ])('refuse %j', (restrictedPaths: any, message) => {
    expect(error({ visitorAddress: true, restrictedPaths })).toContain(message);
  });
});

describe('the Content-Security-Policy', () => {
  it.each([
    [{ 'default-src': "'self'" }],
    [{ 'default src': ["'self'"] }],
    [{ 'default-src': ["'self' https:"] }],
    [{ 'default-src': ["'self';"] }],
  ])('refuses %j', (contentSecurityPolicy: any) => {
    expect(error({ contentSecurityPolicy })).toContain(
      `settingsOverlay.contentSecurityPolicy ${JSON.stringify(contentSecurityPolicy)} is not a directive with a list of ` +
        `sources. Give it as { 'default-src': ["'self'"] }, each source for itself.`,
    );
  });
});
