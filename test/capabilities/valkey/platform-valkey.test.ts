import { Distribution, ValkeyBackend } from 'cdk8s-django';
import { ExistingSecretStore } from 'cdk8s-django/secrets';
import { PlatformValkey, ValkeyServer } from 'cdk8s-django/valkey';
import { namesOf } from '../../support/manifests';
import { configOf, django, errorOf, synth, webContainer } from '../../support/synth';

const HOST = 'queue.cache.example.com';

const platform = (facts: ValkeyServer) =>
  Distribution.upstream({
    secrets: new ExistingSecretStore({ name: 'vault' }),
    valkey: new PlatformValkey({ servers: { 'polls-queue': facts } }),
  });

function manifestsOf(facts: ValkeyServer): any[] {
  return synth((chart) => {
    const queue = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue' });
    django(chart, { celery: { broker: queue.database(0) }, cache: queue.database(1) });
  }, platform(facts));
}

describe('a server of the platform', () => {
  it('is connected to by TLS, whose certificates are checked, and nothing is made in the cluster', () => {
    const manifests = manifestsOf({ host: HOST });
    expect(namesOf(manifests).filter((name) => name.includes('polls-queue'))).toEqual([]);
    expect(configOf(manifests).CACHE_URL).toBe(`rediss://${HOST}:6379/1`);
    expect(webContainer(manifests).env).toContainEqual({
      name: 'CELERY_BROKER_URL',
      value: `rediss://${HOST}:6379/0?ssl_cert_reqs=required`,
    });
  });

  it('has all facts', () => {
    const facts: Required<ValkeyServer> = {
      host: HOST,
      port: 10000,
      tls: true,
      password: { secret: 'queue-key' },
      certificatePath: '/etc/ssl/queue.pem',
      certificateSecret: { secretName: 'queue-ca', key: 'ca.crt' },
      peers: [{ cidr: '10.20.0.0/24' }],
    };
    const manifests = manifestsOf(facts);
    expect(namesOf(manifests).filter((name) => name.includes('polls-queue'))).toEqual([
      'ExternalSecret polls-queue',
    ]);
    expect(webContainer(manifests).env).toContainEqual({
      name: 'CELERY_BROKER_URL',
      value:
        `rediss://:$(CELERY_BROKER_PASSWORD)@${HOST}:10000/0` +
        '?ssl_cert_reqs=required&ssl_ca_certs=/etc/ssl/queue.pem',
    });
    expect(configOf(manifests).CACHE_SSL_CA_CERT).toBe('/etc/ssl/queue.pem');
  });

  it('may be without TLS', () => {
    expect(configOf(manifestsOf({ host: HOST, tls: false })).CACHE_URL).toBe(`redis://${HOST}:6379/1`);
  });

  it('has to be known', () => {
    const message = errorOf(
      (chart) => new ValkeyBackend(chart, 'Queue', { name: 'other' }),
      platform({ host: HOST }),
    );
    expect(message).toBe(
      'polls/Queue: name "other" is not among the distribution\'s valkey.servers. Add it to them: { "other": { … } }.',
    );
  });
});
