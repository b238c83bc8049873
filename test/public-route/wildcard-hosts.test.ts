import { Distribution, IDistribution, PublicRoute } from 'cdk8s-django';
import { ContourRouting, GkeIngressRouting } from 'cdk8s-django/routing';
import { ROUTINGS } from '../capabilities/routing/routings';
import { eachGivesItsMessage } from '../errors/support';
import { sample } from '../support/distributions';
import { configOf, django, findAll, synth, webContainer } from '../support/synth';

const ALL = '*.shop.example.com';

function manifestsOf(hosts: string[], distribution: IDistribution): any[] {
  return synth((chart) => {
    new PublicRoute(chart, 'Route', { app: django(chart), hosts });
  }, distribution);
}

/** The hosts that a router is told, wherever that is. */
function hostsIn(manifests: any[]): string[] {
  const found = manifests.flatMap(({ spec }) => [
    ...(spec?.hostnames ?? []),
    ...(spec?.listeners ?? []).map(({ hostname }: any) => hostname),
    ...(spec?.rules ?? []).flatMap(({ host }: any) => host ?? []),
    ...(spec?.virtualhost ? [spec.virtualhost.fqdn] : []),
  ]);
  return [...new Set(found)];
}

describe('[F19] all names below a domain', () => {
  const routers = Object.entries(ROUTINGS).filter(
    ([title]) => !['GKE Ingress', 'OpenShift Route'].includes(title),
  );

  test.each(routers)('reach the router of %s, and Django in its own form', (_, make) => {
    const manifests = manifestsOf([ALL, 'www.example.com'], make());
    expect(hostsIn(manifests).sort()).toEqual([ALL, 'www.example.com']);
    expect(configOf(manifests)).toMatchObject({
      CDK8S_DJANGO_ALLOWED_HOSTS: '.shop.example.com,www.example.com',
      CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: `https://${ALL},https://www.example.com`,
    });
    const probe = JSON.stringify(webContainer(manifests).readinessProbe);
    expect(probe).not.toContain('*');
    expect(probe).toContain('shop.example.com');
  });

  test('with the dot of Django are the domain too', () => {
    const manifests = manifestsOf(['.shop.example.com'], sample('upstream'));
    expect(hostsIn(manifests)).toEqual(['shop.example.com', ALL]);
    expect(configOf(manifests)).toMatchObject({
      CDK8S_DJANGO_ALLOWED_HOSTS: 'shop.example.com,.shop.example.com',
      CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS: `https://shop.example.com,https://${ALL}`,
    });
  });

  test('are in the certificate that Contour is given', () => {
    const distribution = Distribution.upstream({ routing: new ContourRouting({ clusterIssuer: 'ca' }) });
    const [certificate] = findAll(manifestsOf([ALL], distribution), 'Certificate');
    expect(certificate.spec.dnsNames).toEqual([ALL]);
  });

  test('may be allowed without a route', () => {
    const manifests = synth((chart) =>
      django(chart, { allowedHosts: ['*.a.example.com', '.b.example.com'] }),
    );
    expect(configOf(manifests).CDK8S_DJANGO_ALLOWED_HOSTS).toBe('.a.example.com,.b.example.com');
  });

  const refused = (what: string, hosts: string[], message: string, distribution = sample('upstream')) => ({
    what,
    define: (chart: any) => new PublicRoute(chart, 'Route', { app: django(chart), hosts }),
    message: `polls/Route: ${message}`,
    distribution,
  });
  eachGivesItsMessage([
    refused(
      'by a Route of OpenShift',
      [ALL],
      `hosts "${ALL}" means hosts that a Route names one by one, as routers refuse other Routes unless they are told to. ` +
        'Name the hosts, or use a routing that has it: ' +
        'Distribution.openshift({ routing: new OpenShiftGatewayRouting({ … }) }).',
      Distribution.openshift(),
    ),
    refused(
      'in a certificate that GKE makes',
      [ALL],
      `hosts "${ALL}" cannot be in a certificate that GKE makes for an Ingress. ` +
        'Name the hosts, or use the Gateway: Distribution.gke({ certificateMap: "…" }).',
      Distribution.gke({ routing: new GkeIngressRouting({}) }),
    ),
    refused(
      'of everybody',
      ['*'],
      'hosts "*" means several hosts, which have to be named one by one. ' +
        'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path.',
    ),
    refused(
      'of a top-level domain',
      ['*.com'],
      'hosts "*.com" would mean the hosts of everybody. ' +
        'Give a domain of your own after the "*.", such as "*.shop.example.com".',
    ),
    refused(
      'in the middle',
      ['a.*.example.com'],
      'hosts "a.*.example.com" is not a host name. ' +
        'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path.',
    ),
  ]);
});
