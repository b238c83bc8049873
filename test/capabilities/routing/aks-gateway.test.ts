import { App, Chart } from 'cdk8s';
import { Distribution, IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { sample } from '../../support/distributions';
import {
  httpRoute,
  HTTP_LISTENER,
  LISTENER,
  redirectRoute,
  ROUTE_LABELS,
  routed,
} from '../../support/routes';
import { chartOn, django, find, findAll, HOST } from '../../support/synth';
import { routeError } from './routings';

const keyVault = () => routed(sample('aks'));
const bySecret = () => routed(Distribution.aks(), { tlsSecretName: 'polls-tls' });

describe('a route on AKS', () => {
  it('has its Gateway in a namespace of its own, whose proxies baseline admits', () => {
    const manifests = keyVault();
    expect(find(manifests, 'Namespace', 'polls-gateway').metadata.labels).toEqual({
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
    expect(find(manifests, 'Gateway', 'polls').metadata.namespace).toBe('polls-gateway');
  });

  it('takes the certificate from Key Vault by an identity of its own', () => {
    const manifests = keyVault();
    const { spec } = find(manifests, 'Gateway', 'polls');
    const selector = { matchLabels: { 'kubernetes.io/metadata.name': 'polls' } };
    const allowedRoutes = { namespaces: { from: 'Selector', selector } };
    expect(spec).toEqual({
      gatewayClassName: 'approuting-istio',
      listeners: [
        { name: HTTP_LISTENER, hostname: HOST, port: 80, protocol: 'HTTP', allowedRoutes },
        {
          name: LISTENER,
          hostname: HOST,
          port: 443,
          protocol: 'HTTPS',
          allowedRoutes,
          tls: {
            mode: 'Terminate',
            options: {
              'kubernetes.azure.com/tls-cert-keyvault-uri': 'https://acme.vault.azure.net/certificates/polls',
              'kubernetes.azure.com/tls-cert-service-account': 'polls-certificate',
            },
          },
        },
      ],
    });
    const reader = find(manifests, 'ServiceAccount', 'polls-certificate');
    expect(reader.automountServiceAccountToken).toBe(false);
    expect(reader.metadata).toEqual({
      name: 'polls-certificate',
      namespace: 'polls-gateway',
      annotations: { 'azure.workload.identity/client-id': '00000000-0000-0000-0000-000000000000' },
      labels: { ...ROUTE_LABELS, 'azure.workload.identity/use': 'true' },
    });
  });

  it('takes the certificate from a Secret of the application’s namespace, which lets it', () => {
    const manifests = bySecret();
    const [, https] = find(manifests, 'Gateway', 'polls').spec.listeners;
    expect(https.tls).toEqual({
      mode: 'Terminate',
      certificateRefs: [{ group: '', kind: 'Secret', name: 'polls-tls', namespace: 'polls' }],
    });
    const grant = find(manifests, 'ReferenceGrant', 'polls');
    expect(grant.apiVersion).toBe('gateway.networking.k8s.io/v1beta1');
    expect(grant.metadata.namespace).toBe('polls');
    expect(grant.spec).toEqual({
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'polls-gateway' }],
      to: [{ group: '', kind: 'Secret', name: 'polls-tls' }],
    });
    expect(manifests.some(({ metadata }) => metadata.name === 'polls-certificate')).toBe(false);
  });

  it('has its routes beside the application, with the timeout', () => {
    const manifests = keyVault();
    const parent = { namespace: 'polls-gateway' };
    expect(find(manifests, 'HTTPRoute', 'polls').metadata.namespace).toBe('polls');
    expect(find(manifests, 'HTTPRoute', 'polls').spec).toEqual(
      httpRoute(parent, { timeouts: { request: '60s' } }),
    );
    expect(find(manifests, 'HTTPRoute', 'polls-redirect').spec).toEqual(redirectRoute(parent));
  });

  it('has the namespace of the Gateway before what is in it', () => {
    for (const manifests of [keyVault(), bySecret()]) {
      const index = (kind: string) => manifests.findIndex((manifest) => manifest.kind === kind);
      expect(index('Namespace')).toBeGreaterThanOrEqual(0);
      expect(index('Namespace')).toBeLessThan(index('Gateway'));
    }
  });

  it('has that namespace once for all routes of a namespace, in whatever charts they are', () => {
    const app = new App();
    Distribution.bind(app, sample('aks'));
    const chart = (id: string, namespace: string) => new Chart(app, id, { namespace });
    const [first, second, other] = [chart('b', 'polls'), chart('a', 'polls'), chart('c', 'shop')];
    const route = (scope: Chart, name: string) =>
      new PublicRoute(scope, name, {
        app: django(scope, { name }, `App${name}`),
        hosts: [`${name}.${HOST}`],
      });
    const routes = [route(first, 'one'), route(first, 'two'), route(second, 'three'), route(other, 'four')];
    const namespaces = (manifests: any[]) =>
      findAll(manifests, 'Namespace').map(({ metadata }) => metadata.name);
    expect(namespaces(first.toJson())).toEqual(['polls-gateway']);
    expect(namespaces(second.toJson())).toEqual([]);
    expect(namespaces(other.toJson())).toEqual(['shop-gateway']);
    expect(routes.map(({ resources }) => resources[0].kind)).toEqual([
      'Namespace',
      'ServiceAccount',
      'ServiceAccount',
      'Namespace',
    ]);
    const kinds = first.toJson().map(({ kind }: any) => kind);
    expect(kinds.indexOf('Namespace')).toBeLessThan(kinds.indexOf('Gateway'));
  });

  it('has it once for each cluster', () => {
    const app = new App();
    const made = ['one', 'two'].map((id) => {
      const chart = new Chart(app, id, { namespace: 'polls' });
      Distribution.bind(chart, sample('aks'));
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
      return chart;
    });
    for (const chart of made) expect(findAll(chart.toJson(), 'Namespace')).toHaveLength(1);
  });

  it('has another class when it is named', () => {
    const manifests = routed(Distribution.aks({ gatewayClassName: 'istio' }), { tlsSecretName: 'tls' });
    expect(find(manifests, 'Gateway', 'polls').spec.gatewayClassName).toBe('istio');
  });

  it('leaves room for the label that the operator makes of Gateway and listener', () => {
    const host = `${'h'.repeat(63)}.${'h'.repeat(63)}.${'h'.repeat(63)}.${'h'.repeat(60)}`;
    const name = 'p'.repeat(40);
    const { metadata, spec } = find(routed(sample('aks'), { name, hosts: [host] }), 'Gateway', name);
    expect(host).toHaveLength(252);
    expect(`kv-gw-cert-${metadata.name}-${spec.listeners[1].name}`).toHaveLength(63);
  });

  it('comes with the commands that let the ServiceAccount read the certificate', () => {
    const commands = (distribution: IDistribution, props: Partial<PublicRouteProps> = {}) => {
      const chart = chartOn(distribution);
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], ...props });
      return Distribution.identityCommands(chart);
    };
    const id = '00000000-0000-0000-0000-000000000000';
    expect(commands(sample('aks'))).toContain(
      [
        '# ServiceAccount "polls-certificate" of namespace "polls-gateway" reads the certificate',
        `IDENTITY=$(az identity list --query "[?clientId=='${id}'].name" --output tsv)`,
        `RESOURCE_GROUP=$(az identity list --query "[?clientId=='${id}'].resourceGroup" --output tsv)`,
        'az identity federated-credential create --name polls-gateway-polls-certificate \\',
        '  --identity-name "$IDENTITY" --resource-group "$RESOURCE_GROUP" --issuer "${OIDC_ISSUER:?}" \\',
        '  --subject system:serviceaccount:polls-gateway:polls-certificate --audience api://AzureADTokenExchange',
        `PRINCIPAL="${id}"`,
        'az role assignment create --role "Key Vault Secrets User" --assignee "$PRINCIPAL" \\',
        '  --scope "$(az keyvault show --name acme --query id --output tsv)"\n',
      ].join('\n'),
    );
    expect(commands(sample('aks'), { tlsSecretName: 'polls-tls' })).toBeUndefined();
    expect(commands(Distribution.aks({ gateway: { name: 'edge' } }))).toBeUndefined();
  });
});

describe('a Key Vault certificate that there cannot be', () => {
  const uri = 'https://acme.vault.azure.net/certificates/polls';
  const id = '00000000-0000-0000-0000-000000000000';

  it.each([
    'acme/polls',
    'http://acme.vault.azure.net/certificates/polls',
    'https://acme.vault.azure.net/secrets/polls',
    'https://acme.vault.azure.net/certificates/polls/f8982febc6894c0697b884f946fb1a34',
    'https://a b.vault.azure.net/certificates/polls',
  ])('by its URI: %s', (keyVaultCertificateUri) => {
    const distribution = Distribution.aks({ keyVaultCertificateUri, certificateClientId: id });
    expect(routeError(distribution, {})).toBe(
      `polls/Route: keyVaultCertificateUri "${keyVaultCertificateUri}" is not the URI of a Key Vault certificate ` +
        'without a version. Give it as "https://acme.vault.azure.net/certificates/polls".',
    );
  });

  it.each(['polls', `${id}0`, `"${id}`])('by its identity: %s', (certificateClientId) => {
    const distribution = Distribution.aks({ keyVaultCertificateUri: uri, certificateClientId });
    expect(routeError(distribution, {})).toBe(
      `polls/Route: certificateClientId ${JSON.stringify(certificateClientId)} is not the client ID of a managed ` +
        'identity. Give what "az identity show --query clientId" says: "00000000-0000-0000-0000-000000000000".',
    );
  });

  it('is none in another cloud of Azure', () => {
    const distribution = Distribution.aks({
      keyVaultCertificateUri: 'https://acme-1.vault.usgovcloudapi.net/certificates/polls',
      certificateClientId: id,
    });
    expect(() => routed(distribution)).not.toThrow();
  });
});
