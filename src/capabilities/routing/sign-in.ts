import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { RouteFeature, RouteRequest } from '../../platform/routing';
import { Refusal } from './router';

/** The provider of OpenID Connect at which an Application Load Balancer has visitors sign in. */
export interface OpenIdConnectSignIn {
  /** Its identifier, as its discovery document names it: an `https://` URL. */
  readonly issuer: string;

  /** Where visitors sign in: an `https://` URL with host and path. */
  readonly authorizationEndpoint: string;

  /** Where the load balancer gets tokens: an `https://` URL with host and path. */
  readonly tokenEndpoint: string;

  /** Where the load balancer asks who signed in: an `https://` URL with host and path. */
  readonly userInfoEndpoint: string;

  /**
   * Name of the Secret with the keys `clientID` and `clientSecret`, in the namespace of the route. The controller of the
   * load balancer gets a Role to read that one Secret.
   */
  readonly clientSecretName: string;
}

const ENDPOINTS = ['authorizationEndpoint', 'tokenEndpoint', 'userInfoEndpoint'] as const;
const HTTPS_URL = /^https:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:\d{1,5})?(\/[^\s"\\?#@]*)?$/i;
/** A scheme and a host, and a slash. */
const WITH_PATH = /^https:\/\/[^/]+\//i;

/** Why no one signs in where the program names no provider, if it does not. */
export function withoutProvider(
  provider: OpenIdConnectSignIn | undefined,
  call: string,
): { readonly [RouteFeature.SIGN_IN]: Refusal | undefined } {
  return {
    [RouteFeature.SIGN_IN]: provider
      ? undefined
      : {
          reason: 'needs the OpenID Connect provider at which the load balancer has visitors sign in',
          remedy: `Name it: ${call}({ signIn: { issuer: "https://…", … } })`,
        },
  };
}

/** The provider of a route that asks for a sign-in, checked. */
export function providerOf(
  scope: Construct,
  { signIn }: RouteRequest,
  provider: OpenIdConnectSignIn | undefined,
): OpenIdConnectSignIn | undefined {
  if (!signIn || !provider) return undefined;
  const check = (name: 'issuer' | (typeof ENDPOINTS)[number], isRight: boolean, reason: string): void => {
    if (isRight) return;
    Problems.report(scope, {
      property: `signIn.${name}`,
      value: provider[name],
      reason,
      remedy: 'Give it as the discovery document of the provider has it: /.well-known/openid-configuration',
    });
  };
  check('issuer', HTTPS_URL.test(provider.issuer ?? ''), 'is not an https:// URL');
  for (const name of ENDPOINTS) {
    const url = provider[name] ?? '';
    check(name, HTTPS_URL.test(url) && WITH_PATH.test(url), 'is not an https:// URL with a path');
  }
  checkResourceName(scope, 'signIn.clientSecretName', provider.clientSecretName);
  return provider;
}

/** Who may read a Secret: the controller of a load balancer. */
export interface SecretReader {
  readonly subject: k8s.Subject;
  readonly verbs: string[];
}

/**
 * The controller as its own manifests install it, which watches each Secret by its name.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/
 */
export const LOAD_BALANCER_CONTROLLER: SecretReader = {
  subject: { kind: 'ServiceAccount', name: 'aws-load-balancer-controller', namespace: 'kube-system' },
  verbs: ['get', 'list', 'watch'],
};

/** @see https://docs.aws.amazon.com/eks/latest/userguide/auto-managed-rbac-example.html */
export const AUTO_MODE_CONTROLLER: SecretReader = {
  subject: { kind: 'Group', name: 'eks:managed', apiGroup: 'rbac.authorization.k8s.io' },
  verbs: ['get'],
};

/** A Role for one Secret, and the RoleBinding of a router that reads it. */
export function secretAccess(
  scope: Construct,
  { id, name, labels }: { id: string; name: string; labels: { [label: string]: string } },
  secretName: string,
  { subject, verbs }: SecretReader,
): Resource[] {
  const metadata = { name, labels };
  return [
    new Resource(
      scope,
      `${id}Role`,
      k8s.manifest('Role', {
        metadata,
        rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [secretName], verbs }],
      }),
    ),
    new Resource(
      scope,
      `${id}RoleBinding`,
      k8s.manifest('RoleBinding', {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [subject],
      }),
    ),
  ];
}

/** The same for the Secret of a provider. */
export function providerAccess(
  scope: Construct,
  { name, labels }: RouteRequest,
  provider: OpenIdConnectSignIn | undefined,
  reader: SecretReader,
): Resource[] {
  if (!provider) return [];
  return secretAccess(
    scope,
    { id: 'SignIn', name: `${name}-sign-in`, labels },
    provider.clientSecretName,
    reader,
  );
}

/** Annotations of an Ingress whose load balancer has visitors sign in before a request goes on. */
export function signInAnnotations(provider: OpenIdConnectSignIn | undefined): Record<string, string> {
  if (!provider) return {};
  const { issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint, clientSecretName } = provider;
  return {
    'alb.ingress.kubernetes.io/auth-type': 'oidc',
    'alb.ingress.kubernetes.io/auth-on-unauthenticated-request': 'authenticate',
    'alb.ingress.kubernetes.io/auth-idp-oidc': JSON.stringify({
      issuer,
      authorizationEndpoint,
      tokenEndpoint,
      userInfoEndpoint,
      secretName: clientSecretName,
    }),
  };
}
