import { Duration } from 'cdk8s';
import { Distribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { sample } from '../support/distributions';
import { django, HOST } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const HOST_REMEDY =
  'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path.';
const RESOURCE_NAME_REMEDY =
  'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.';

describe('a PublicRoute', () => {
  const route = (
    what: string,
    changes: { [prop in keyof PublicRouteProps]?: any },
    message: string,
    distribution = sample('upstream'),
  ): BadInput => ({
    what,
    define: (chart) => new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], ...changes }),
    message: `polls/Route: ${message}`,
    distribution,
  });

  eachGivesItsMessage([
    route(
      'no host',
      { hosts: [] },
      'hosts [] names no host. Give at least one DNS name, such as ["polls.example.com"].',
    ),
    route('a host twice', { hosts: [HOST, HOST] }, `hosts "${HOST}" is given twice. Remove one of them.`),
    route(
      'a scheme',
      { hosts: ['https://polls.example.com'] },
      `hosts "https://polls.example.com" is not a host name. ${HOST_REMEDY}`,
    ),
    route('an address', { hosts: ['192.0.2.1'] }, `hosts "192.0.2.1" is an IP address. ${HOST_REMEDY}`),
    route(
      'a long label',
      { hosts: [`${'a'.repeat(64)}.com`] },
      `hosts "${'a'.repeat(64)}.com" has a label of over 63 characters. ${HOST_REMEDY}`,
    ),
    route(
      'no application',
      { app: undefined },
      'app (not given) is needed. Give the DjangoApp that the hosts lead to.',
    ),
    route(
      'a timeout that no load balancer keeps',
      { timeout: Duration.hours(2) },
      'timeout 7200 is not a whole number from 1 to 3600. Give a whole number from 1 to 3600.',
    ),
    route(
      'part of a second',
      { timeout: Duration.millis(1500) },
      'timeout 1.5 is not a whole number from 1 to 3600. Give a whole number from 1 to 3600.',
    ),
    route(
      'WebSockets that last no time',
      { websocketTimeout: Duration.seconds(0) },
      'websocketTimeout 0 is not a whole number from 1 to 3600. Give a whole number from 1 to 3600.',
    ),
    route(
      'a Secret that there cannot be',
      { tlsSecretName: 'TLS' },
      `tlsSecretName "TLS" is not a name that Kubernetes takes. ${RESOURCE_NAME_REMEDY}`,
    ),
    route(
      'no certificate on GKE',
      {},
      'tlsSecretName (not given) is needed where there is no certificate map. ' +
        'Give it, or name the map: Distribution.gke({ certificateMap: "polls" }).',
      Distribution.gke(),
    ),
    route(
      'a Secret on EKS',
      { tlsSecretName: 'polls-tls' },
      'tlsSecretName "polls-tls" cannot be used: an Application Load Balancer takes its certificate from ACM. ' +
        'Leave it out, and have the certificate in ACM or name it: Distribution.eks({ certificateArn: "arn:…" }).',
      Distribution.eks(),
    ),
    route(
      'no certificate on AKS',
      {},
      'tlsSecretName (not given) is needed where no Key Vault certificate is given. ' +
        'Give it, or both Distribution.aks({ keyVaultCertificateUri: "…", certificateClientId: "…" }).',
      Distribution.aks({ keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls' }),
    ),
    route(
      'no certificate upstream',
      {},
      'tlsSecretName (not given) is needed where no issuer makes certificates. ' +
        'Give it, or name the ClusterIssuer: Distribution.upstream({ clusterIssuer: "letsencrypt" }).',
      Distribution.upstream(),
    ),
    {
      ...route(
        'AKS without a namespace',
        {},
        'namespace (not given) of the chart is needed to name that of the Gateway. ' +
          'Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" }).',
        sample('aks'),
      ),
      chart: { namespace: undefined },
    },
  ]);
});
