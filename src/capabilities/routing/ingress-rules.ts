import * as k8s from '../../kubernetes/api';
import { RouteRequest } from '../../platform/routing';

/** A rule for each host with all paths, that leads to a backend. */
export function ingressRules({ hosts, paths }: RouteRequest, backend: k8s.IngressBackend): k8s.IngressRule[] {
  return hosts.map((host) => ({
    host,
    http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend })) },
  }));
}

/** The Service as the backend of an Ingress. */
export function serviceBackend(name: string, { servicePort }: RouteRequest): k8s.IngressBackend {
  return { service: { name, port: { number: servicePort } } };
}
