import { UsageProblem } from '../problem';
import { Found } from './found';
import { Platform } from './choices';
import { InitOptions } from './options';
import { object, quoted, quotedList } from './typescript-text';

/** A distribution of the program. */
export interface PlannedDistribution {
  readonly platform: Platform;
  /** `--distribution`, or that it is assumed. */
  readonly source: string;
  /** What is said about the cluster. */
  readonly facts: Fact[];
  /** The expression in TypeScript. */
  readonly expression: string;
}

/** A fact of a cluster. */
interface Fact {
  /** In words: `gateway class`. */
  readonly what: string;
  readonly found: Found<string>;
  /** The property of the distribution, and its value in TypeScript. */
  readonly property: [name: string, value: string];
}

/** The distributions that the user named, else upstream Kubernetes. */
export function planDistributions(options: InitOptions): PlannedDistribution[] {
  const { distribution = [] } = options;
  const platforms: Platform[] = distribution.length ? [...new Set(distribution)] : ['upstream'];
  return platforms.map((platform) => {
    const facts = FACTS[platform](options);
    const props = Object.fromEntries(facts.map(({ property }) => property));
    return {
      platform,
      source: distribution.length ? '--distribution' : 'assumed',
      facts,
      expression: `Distribution.${platform}(${facts.length ? object(props) : ''})`,
    };
  });
}

/** A fact that an option gives, else an assumption. */
function fact(what: string, option: string, given: string | undefined, name: string, assumed = ''): Fact {
  const value = given ?? assumed;
  return {
    what,
    found: { value, source: given === undefined ? 'assumed' : option },
    property: [name, quoted(value)],
  };
}

const FACTS: { [platform in Platform]: (options: InitOptions) => Fact[] } = {
  gke: ({ certificateMap }) => {
    if (!certificateMap) {
      throw new UsageProblem(
        'gke needs a certificate. Give --certificate-map NAME, a map of Certificate Manager.',
      );
    }
    return [fact('certificate map', '--certificate-map', certificateMap, 'certificateMap')];
  },
  eks: ({ loadBalancerCidr, certificateArn }) => {
    if (!loadBalancerCidr?.length) {
      throw new UsageProblem(
        "eks needs the ranges of the load balancer's subnets, which network policies let in. Give " +
          '--load-balancer-cidr 10.0.0.0/20, once for each.',
      );
    }
    const ranges: Fact = {
      what: 'load balancer',
      found: { value: `in ${loadBalancerCidr.join(', ')}`, source: '--load-balancer-cidr' },
      property: ['loadBalancerCidrs', quotedList(loadBalancerCidr)],
    };
    const certificate =
      certificateArn && fact('certificate', '--certificate-arn', certificateArn, 'certificateArn');
    return certificate ? [ranges, certificate] : [ranges];
  },
  aks: ({ keyVaultCertificate, certificateClientId }) => {
    if (!keyVaultCertificate || !certificateClientId) {
      throw new UsageProblem(
        'aks needs a certificate. Give --key-vault-certificate URI and --certificate-client-id ID, ' +
          'the client ID of the identity that may read it.',
      );
    }
    return [
      fact('certificate', '--key-vault-certificate', keyVaultCertificate, 'keyVaultCertificateUri'),
      fact('client ID', '--certificate-client-id', certificateClientId, 'certificateClientId'),
    ];
  },
  openshift: () => [],
  upstream: ({ gatewayClass, clusterIssuer, routerNamespace }) => {
    if (!routerNamespace && gatewayClass && gatewayClass !== 'contour') {
      throw new UsageProblem(
        `--gateway-class ${gatewayClass}: the namespace of its proxies is not known, and network policies have to ` +
          'let them in. Give --router-namespace NAME.',
      );
    }
    const router = fact('router', '--router-namespace', routerNamespace, '', 'projectcontour');
    const labels = `{ 'kubernetes.io/metadata.name': ${quoted(router.found.value)} }`;
    return [
      fact('gateway class', '--gateway-class', gatewayClass, 'gatewayClassName', 'contour'),
      fact('issuer', '--cluster-issuer', clusterIssuer, 'clusterIssuer', 'letsencrypt'),
      {
        ...router,
        found: { ...router.found, value: `in namespace ${router.found.value}` },
        property: ['routerNamespaceLabels', labels],
      },
    ];
  },
};
