import {
  AnnotatedIdentity,
  CloudNativePostgres,
  CloudSqlPostgres,
  ClusterNetwork,
  Distribution,
  LeastPrivilegeAccess,
} from 'cdk8s-django';
import { django, postgres } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const RANGE =
  '"10.0.0.0" is not a range of addresses. Give an address and the length of its prefix, such as "10.20.0.0/16".';
const EVERY =
  '{} names no label, and would let every namespace in. Give at least one: { "kubernetes.io/metadata.name": "…" }.';
const bad = { peers: [{ cidr: '10.0.0.0' }] };

describe('a fact that network policies are made of, and that cannot be', () => {
  const identified: BadInput['define'] = (chart) => django(chart, { platformIdentity: true });
  const monitoringNamespaceLabels = { team: 'sre' };

  eachGivesItsMessage([
    {
      what: 'addresses of the metadata server of GKE',
      define: identified,
      distribution: Distribution.gke({ metadataServer: [bad] }),
      message: `polls/Polls: metadataServer.peers.cidr ${RANGE}`,
    },
    {
      what: 'addresses that credentials come from',
      define: identified,
      distribution: Distribution.openshift({
        identity: new AnnotatedIdentity({ serviceAccountAnnotations: {}, egress: [bad] }),
      }),
      message: `polls/Polls: identity.egress.peers.cidr ${RANGE}`,
    },
    {
      what: 'addresses of a Cloud SQL instance',
      define: (chart) => postgres(chart),
      distribution: Distribution.gke({
        postgres: new CloudSqlPostgres({
          instances: {
            'polls-db': { connectionName: 'acme:europe-west1:polls', iamUser: 'polls@acme.iam', ...bad },
          },
        }),
      }),
      message: `polls/Database: peers.cidr ${RANGE}`,
    },
    {
      what: 'labels of CloudNativePG’s operator',
      define: (chart) => postgres(chart),
      distribution: Distribution.openshift({
        postgres: new CloudNativePostgres({ operatorNamespaceLabels: {} }),
      }),
      message: `polls/Database: postgres.operatorNamespaceLabels ${EVERY}`,
    },
    {
      what: 'labels of what scrapes CloudNativePG',
      define: (chart) => postgres(chart),
      distribution: Distribution.openshift({
        postgres: new CloudNativePostgres(),
        network: new ClusterNetwork({ monitoringNamespaceLabels: {} }),
      }),
      message: `polls/Database: network.metricsSources ${EVERY}`,
    },
    {
      what: 'addresses of a name server',
      define: (chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart) }),
      distribution: Distribution.upstream({
        network: new ClusterNetwork({ monitoringNamespaceLabels, dnsPods: { cidr: '10.0.0.0' } }),
      }),
      message: `polls/Access: network.dnsPods.cidr ${RANGE}`,
    },
  ]);
});
