import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { InvalidInputError } from '../../kubernetes/errors';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { isWildcard } from '../../kubernetes/hosts';
import { Resource } from '../../kubernetes/resource';
import { checkConditions } from './alb-conditions';
import { backendsOf } from './canary';
import { drainingSeconds } from './draining';
import { rangePeers } from './facts';
import { ingressRules, serviceBackend } from './ingress-rules';
import { isUnavailable, MAINTENANCE_TEXT } from './maintenance';
import { longestTimeout, RedirectTarget, RouteRequest, UrlScheme } from '../../platform/routing';
import { Refusal } from './router';
import { SESSION_SECONDS } from './session-affinity';

/** Who reaches a load balancer of AWS. */
export enum LoadBalancerScheme {
  /** Everybody. */
  INTERNET_FACING = 'internet-facing',

  /** The network of the cluster. */
  INTERNAL = 'internal',
}

const PREFIX = 'alb.ingress.kubernetes.io';

/** An action that an annotation of the Ingress describes, by the name that the rules call it. */
interface Action {
  readonly name: string;
  readonly action: object;
}

/** What a routing says about a load balancer, in addition to the request. */
export interface AlbOptions {
  readonly ingressClassName: string;
  readonly deregistration: Duration;
  /** Scheme, group and certificate, where the IngressClass does not have them. */
  readonly annotations?: { [name: string]: string };
  /** Whether other Ingresses share the load balancer. */
  readonly grouped?: boolean;
}

/**
 * An Ingress for an Application Load Balancer that reaches the pods directly.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 */
export function albIngress(
  scope: Construct,
  request: RouteRequest,
  { ingressClassName, deregistration, annotations, grouped }: AlbOptions,
): Resource {
  checkConditions(scope, request);
  const { name, labels, healthPath, serviceName } = request;
  const action = actionOf(request);
  const backend = action
    ? { service: { name: action.name, port: { name: 'use-annotation' } } }
    : serviceBackend(serviceName, request);
  return new Resource(
    scope,
    'Ingress',
    k8s.manifest('Ingress', {
      metadata: {
        name,
        labels,
        annotations: {
          ...annotations,
          ...(grouped && { [`${PREFIX}/group.order`]: groupOrder(request) }),
          [`${PREFIX}/target-type`]: 'ip',
          [`${PREFIX}/listen-ports`]: '[{"HTTP": 80}, {"HTTPS": 443}]',
          [`${PREFIX}/ssl-redirect`]: '443',
          [`${PREFIX}/healthcheck-path`]: healthPath,
          [`${PREFIX}/success-codes`]: '200',
          [`${PREFIX}/load-balancer-attributes`]: annotation(loadBalancerAttributes(request)),
          [`${PREFIX}/target-group-attributes`]: annotation(targetGroupAttributes(request, deregistration)),
          ...(action && { [`${PREFIX}/actions.${action.name}`]: JSON.stringify(action.action) }),
        },
      },
      spec: { ingressClassName, rules: ingressRules(request, backend) },
    }),
  );
}

/**
 * The rules of a group are tried Ingress by Ingress. One with a path that has more parts comes before one with fewer, so
 * that `/` takes what no other wants. All names below a domain come after the hosts that are among them.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#group.order
 */
function groupOrder({ hosts, paths }: RouteRequest): string {
  const parts = Math.min(...paths.map((path) => path.split('/').filter(Boolean).length));
  return String(Math.max(500 - parts, 1) + (hosts.some(isWildcard) ? 500 : 0));
}

/** An attribute of a load balancer or a target group. */
export interface AlbAttribute {
  readonly key: string;
  readonly value: string;
}

/** The load balancer ends a connection that is silent for longer. */
export function loadBalancerAttributes(request: RouteRequest): AlbAttribute[] {
  return [{ key: 'idle_timeout.timeout_seconds', value: `${longestTimeout(request).toSeconds()}` }];
}

/** Draining outlasts the longest request; sessions stick by a cookie of the load balancer. */
export function targetGroupAttributes(request: RouteRequest, deregistration: Duration): AlbAttribute[] {
  return [
    {
      key: 'deregistration_delay.timeout_seconds',
      value: `${drainingSeconds(deregistration, request)}`,
    },
    ...(request.sessionAffinity
      ? [
          { key: 'stickiness.enabled', value: 'true' },
          { key: 'stickiness.type', value: 'lb_cookie' },
          { key: 'stickiness.lb_cookie.duration_seconds', value: `${SESSION_SECONDS}` },
        ]
      : []),
  ];
}

/**
 * Stickiness among target groups, which that within a target group needs where there are several.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
export const GROUP_STICKINESS = { enabled: true, durationSeconds: SESSION_SECONDS };

const SCHEMES = Object.values(LoadBalancerScheme);

/** Who reaches a load balancer: everybody, unless a program says otherwise. */
export function checkedScheme(
  scope: Construct,
  scheme = LoadBalancerScheme.INTERNET_FACING,
): LoadBalancerScheme {
  if (SCHEMES.includes(scheme)) return scheme;
  throw new InvalidInputError(scope, {
    property: 'scheme',
    value: scheme,
    reason: 'is not the scheme of a load balancer',
    remedy: 'Give "internet-facing" or "internal"',
  });
}

/** Checks the name of an IngressGroup. */
export function checkGroupName(scope: Construct, groupName: string | undefined): void {
  if (groupName === undefined || /^[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?$/.test(groupName)) return;
  Problems.report(scope, {
    property: 'groupName',
    value: groupName,
    reason: 'is not a name that a group of Ingresses can have',
    remedy:
      'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit, at most 63',
  });
}

/** The load balancer's subnets as the sources of its connections. */
export function albSources(scope: Construct, cidrs: string[] | undefined): NetworkPeer[] {
  if (!cidrs?.length) {
    throw new InvalidInputError(scope, {
      property: 'loadBalancerCidrs',
      value: cidrs,
      reason: 'is needed to let the load balancer in',
      remedy: "Give the ranges of its subnets: Distribution.eks({ loadBalancerCidrs: ['10.0.0.0/20'] })",
    });
  }
  return rangePeers(scope, 'loadBalancerCidrs', cidrs);
}

/** Why a Secret cannot be used: a load balancer of AWS takes its certificate from ACM. */
export function noSecret(naming: string): Refusal {
  return {
    reason: 'cannot be used: an Application Load Balancer takes its certificate from ACM',
    remedy: `Leave it out, and have the certificate in ACM or name it: ${naming}`,
  };
}

function annotation(attributes: AlbAttribute[]): string {
  return attributes.map(({ key, value }) => `${key}=${value}`).join(',');
}

/** What answers instead of one Service: a text, a redirect, or two Services by their weights. */
function actionOf(request: RouteRequest): Action | undefined {
  const { maintenance, canary } = request;
  if (maintenance) return { name: 'maintenance', action: maintenanceAction(request) };
  return canary && { name: 'canary', action: { type: 'forward', forwardConfig: weightedForward(request) } };
}

function maintenanceAction(request: RouteRequest): object {
  if (isUnavailable(request)) {
    return {
      type: 'fixed-response',
      fixedResponseConfig: { contentType: 'text/plain', statusCode: '503', messageBody: MAINTENANCE_TEXT },
    };
  }
  return { type: 'redirect', redirectConfig: redirectConfig(request.maintenance!.redirect!) };
}

function weightedForward(request: RouteRequest): object {
  const targetGroups = backendsOf(request).map(({ serviceName, servicePort, weight }) => ({
    serviceName,
    servicePort,
    weight,
  }));
  return { targetGroups, ...(request.sessionAffinity && { targetGroupStickinessConfig: GROUP_STICKINESS }) };
}

function redirectConfig({ scheme, host, port, path }: RedirectTarget): object {
  return {
    protocol: scheme.toUpperCase(),
    host,
    port: `${port ?? (scheme === UrlScheme.HTTPS ? 443 : 80)}`,
    path,
    statusCode: 'HTTP_302',
  };
}
