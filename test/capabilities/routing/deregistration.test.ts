import { Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import {
  AksApplicationGatewayRouting,
  ContourRouting,
  EksAutoModeRouting,
  EksGatewayRouting,
  GkeIngressRouting,
  IngressRouting,
  OpenShiftGatewayRouting,
  RoutingProps,
} from 'cdk8s-django/routing';
import { routed } from '../../support/routes';
import { find } from '../../support/synth';
import { LOAD_BALANCER, ROUTINGS } from './routings';

const tls = { certificateSecretName: 'wildcard-tls' };
const clusterIssuer = 'letsencrypt';

/** Every routing, with what it is told of its router. */
const MADE: Record<string, (props: RoutingProps) => IDistribution> = {
  'GKE Gateway': (props) => Distribution.gke({ certificateMap: 'polls', ...props }),
  'GKE Ingress': (props) => Distribution.gke({ routing: new GkeIngressRouting(props) }),
  'EKS Ingress': (props) => Distribution.eks(props),
  'EKS Auto Mode': (props) => Distribution.eks({ routing: new EksAutoModeRouting(props) }),
  'EKS Gateway': (props) =>
    Distribution.eks({ routing: new EksGatewayRouting({ gatewayClassName: 'aws-alb', ...props }) }),
  'AKS application routing': (props) =>
    Distribution.aks({
      keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
      certificateClientId: '00000000-0000-0000-0000-000000000000',
      ...props,
    }),
  'AKS Application Gateway': (props) =>
    Distribution.aks({
      routing: new AksApplicationGatewayRouting({ loadBalancer: LOAD_BALANCER, clusterIssuer, ...props }),
    }),
  'OpenShift Route': (props) => Distribution.openshift(props),
  'OpenShift Gateway': (props) =>
    Distribution.openshift({ routing: new OpenShiftGatewayRouting({ ...tls, ...props }) }),
  'upstream Gateway': (props) => Distribution.upstream({ clusterIssuer, ...props }),
  Contour: (props) => Distribution.upstream({ routing: new ContourRouting({ clusterIssuer, ...props }) }),
  Ingress: (props) => Distribution.upstream({ routing: new IngressRouting(props) }),
};

/** The estimates. */
const SECONDS: Record<string, number> = {
  'GKE Gateway': 15,
  'GKE Ingress': 15,
  'EKS Ingress': 15,
  'EKS Auto Mode': 15,
  'EKS Gateway': 15,
  'AKS application routing': 5,
  'AKS Application Gateway': 15,
  'OpenShift Route': 5,
  'OpenShift Gateway': 5,
  'upstream Gateway': 5,
  Contour: 5,
  Ingress: 5,
};

/** Where a load balancer is told how long to drain. A request may take a minute. */
const DRAINING: Record<string, (manifests: any[]) => unknown> = {
  'GKE Gateway': (manifests) =>
    find(manifests, 'GCPBackendPolicy', 'polls').spec.default.connectionDraining.drainingTimeoutSec,
  'GKE Ingress': (manifests) =>
    find(manifests, 'BackendConfig', 'polls').spec.connectionDraining.drainingTimeoutSec,
  'EKS Ingress': ofIngress,
  'EKS Auto Mode': ofIngress,
  'EKS Gateway': (manifests) =>
    Number(
      find(manifests, 'TargetGroupConfiguration', 'polls').spec.defaultConfiguration.targetGroupAttributes[0]
        .value,
    ),
};

function ofIngress(manifests: any[]): number {
  const { annotations } = find(manifests, 'Ingress', 'polls').metadata;
  const [, seconds] = /^deregistration_delay\.timeout_seconds=(\d+)$/.exec(
    annotations['alb.ingress.kubernetes.io/target-group-attributes'],
  )!;
  return Number(seconds);
}

function shutdownOf(manifests: any[]): string {
  return find(manifests, 'Deployment', 'polls').spec.template.metadata.annotations['cdk8s-django/shutdown'];
}

describe('how long a router goes on sending to a pod that ends', () => {
  it('is looked at for every routing', () => {
    expect(Object.keys(MADE)).toEqual(Object.keys(ROUTINGS));
  });

  it.each(Object.keys(MADE))('is an estimate, or what is given, on %s', (name) => {
    for (const [props, seconds] of [
      [{}, SECONDS[name]],
      [{ deregistration: Duration.seconds(40) }, 40],
      [{ deregistration: Duration.seconds(0) }, 0],
    ] as [RoutingProps, number][]) {
      const manifests = routed(MADE[name](props));
      expect(shutdownOf(manifests)).toBe(
        `${seconds} s router + 60 s requests + 5 s server = ${seconds + 65} s`,
      );
      expect(DRAINING[name]?.(manifests) ?? seconds + 60).toBe(seconds + 60);
    }
  });
});
