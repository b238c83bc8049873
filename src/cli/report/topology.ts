import { EmittedPods, groupOf, namespaceOfObject, ofKind, podsIn } from '../../access-report/objects';
import { matches } from '../../access-report/selectors';
import { AccessFacts, PodConnection, PodIdentity } from '../../access-report/structs';
import { groupedBy, uniqueSorted } from '../../kubernetes/collections';
import { podOf } from '../../kubernetes/pod-manifests';
import { podAmount } from '../../kubernetes/pod-resources';
import { LASTING_KINDS, replicasOf } from '../requests';
import { cores, size } from './amounts';
import { hostsNamed } from './named-hosts';

/** What a box is, and its column: requests come from the left. */
export type BoxRole = 'router' | 'route' | 'service' | 'pods' | 'server' | 'data' | 'outside';

/** An object, or what is outside. */
export interface Box {
  readonly id: string;
  readonly role: BoxRole;
  readonly kind: string;
  readonly name: string;
  readonly details: string[];
  /** How many others a request has passed before: a pooler comes before its database. */
  readonly depth: number;
  /** What the box is of, if that is an object. */
  readonly object?: any;
}

/** Who sends to, or reads, what. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Ports, if they are limited. */
  readonly label?: string;
}

/** What is connected with each other. */
export interface Topology {
  readonly boxes: Box[];
  readonly arrows: Arrow[];
}

const GATEWAYS = 'gateway.networking.k8s.io';
/** So many servers may be behind each other. */
const MOST_DEPTH = 4;
const MOST_HOSTS = 2;

/** The parts of a set that are connected within themselves, the largest first. */
export function topologiesOf(objects: any[], facts: AccessFacts): Topology[] {
  const pods = podsIn(objects);
  const arrows = [
    ...routerArrows(objects),
    ...serviceArrows(objects, pods),
    ...podArrows(objects, pods, facts),
    ...dataArrows(pods, facts),
  ];
  const unique = [...groupedBy(arrows, ({ from, to }) => `${from}\n${to}`).values()].map(([first]) => first);
  const boxes = boxesFor(objects, pods, unique);
  return parts({ boxes, arrows: unique.filter(isBetween(boxes)) });
}

function isBetween(boxes: Box[]): (arrow: Arrow) => boolean {
  const ids = new Set(boxes.map(({ id }) => id));
  return ({ from, to }) => from !== to && ids.has(from) && ids.has(to);
}

function idOf({ kind, metadata }: any): string {
  return idFor(namespaceOfObject({ metadata }), `${kind} ${metadata.name}`);
}

function idFor(namespace: string, title: string): string {
  return `${namespace}/${title}`;
}

const isRouter = ({ apiVersion, kind }: any) =>
  (kind === 'Gateway' && groupOf(apiVersion) === GATEWAYS) ||
  (kind === 'Ingress' && groupOf(apiVersion) === 'networking.k8s.io') ||
  (kind === 'Route' && groupOf(apiVersion) === 'route.openshift.io');
const isRoute = ({ apiVersion, kind }: any) => groupOf(apiVersion) === GATEWAYS && /Route$/.test(kind);

function routerArrows(objects: any[]): Arrow[] {
  return objects.flatMap((object) => {
    const namespace = namespaceOfObject(object);
    const from = idOf(object);
    const { spec = {} } = object;
    const toService = (name: unknown) => ({ from, to: idFor(namespace, `Service ${name}`) });
    if (isRoute(object)) {
      return [
        ...(spec.parentRefs ?? []).map(({ kind = 'Gateway', name, namespace: other = namespace }: any) => ({
          from: idFor(other, `${kind} ${name}`),
          to: from,
        })),
        ...(spec.rules ?? [])
          .flatMap(({ backendRefs = [] }: any) => backendRefs)
          .map(({ name }: any) => toService(name)),
      ];
    }
    if (!isRouter(object)) return [];
    const backends = [
      spec.defaultBackend?.service?.name,
      ...(spec.rules ?? []).flatMap(({ http }: any) =>
        (http?.paths ?? []).map(({ backend }: any) => backend?.service?.name),
      ),
      spec.to?.name,
      ...(spec.alternateBackends ?? []).map(({ name }: any) => name),
    ];
    return backends.filter((name) => name !== undefined).map(toService);
  });
}

/** The pods that a Service selects. */
export function podsOfService(service: any, pods: EmittedPods[]): EmittedPods[] {
  const { selector } = service.spec ?? {};
  if (!selector || !Object.keys(selector).length) return [];
  return pods.filter(
    ({ namespace, labels }) =>
      namespace === namespaceOfObject(service) && matches({ matchLabels: selector }, labels),
  );
}

function serviceArrows(objects: any[], pods: EmittedPods[]): Arrow[] {
  return ofKind(objects, '', 'Service').flatMap((service) =>
    podsOfService(service, pods).map(({ namespace, name }) => ({
      from: idOf(service),
      to: idFor(namespace, name),
    })),
  );
}

/** What policies let pods connect to, and what pods are told to connect to. */
function podArrows(objects: any[], pods: EmittedPods[], facts: AccessFacts): Arrow[] {
  const { connections } = facts;
  const isLimited = limitsOf(facts);
  const allowed = new Set(connections.map((one) => connectionOf(...endsOf(one))));
  const named = hostsNamed(objects, pods).flatMap(({ pod, host, objects: targets }): Arrow[] => {
    const from = idFor(pod.namespace, pod.name);
    if (!targets.length) return [{ from, to: outsideId(host) }];
    return targets.flatMap((target) => {
      if (target.kind !== 'Service') return [{ from, to: idOf(target) }];
      return (
        podsOfService(target, pods)
          .map(({ namespace, name }) => idFor(namespace, name))
          // All pods of an application know the server behind its pooler, and policies let in only some of them.
          .filter((to) => allowed.has(connectionOf(from, to)) || !isLimited(from, to))
          .map((to) => ({ from, to }))
      );
    });
  });
  // What no policy limits may connect with all, which says nothing.
  const byPolicy = connections
    .filter((one) => isLimited(...endsOf(one)))
    .map((one) => ({ from: endsOf(one)[0], to: endsOf(one)[1], label: one.ports.join(', ') }));
  return [...byPolicy, ...named];
}

const connectionOf = (from: string, to: string) => `${from}\n${to}`;

function endsOf({ fromNamespace, from, toNamespace, to }: PodConnection): [string, string] {
  return [idFor(fromNamespace, from), idFor(toNamespace, to)];
}

/** Whether a policy limits what one sends, or who the other one lets in. */
function limitsOf({ pods }: AccessFacts): (from: string, to: string) => boolean {
  const those = (isLimited: (pod: PodIdentity) => boolean) =>
    new Set(pods.filter(isLimited).map(({ namespace, pod }) => idFor(namespace, pod)));
  const senders = those(({ egressIsLimited }) => egressIsLimited);
  const receivers = those(({ ingressIsLimited }) => ingressIsLimited);
  return (from, to) => senders.has(from) || receivers.has(to);
}

const OUTSIDE = 'outside:';
const outsideId = (host: string) => `${OUTSIDE}${host}`;

/** Secrets that pods read or write, and volumes that they keep. */
function dataArrows(pods: EmittedPods[], { secrets }: AccessFacts): Arrow[] {
  const ofSecrets = secrets.flatMap(({ namespace, name, readers, containers }) => {
    const to = idFor(namespace, `Secret ${name}`);
    const subjects = new Set(readers.map(({ subject }) => subject));
    const byApi = pods.filter(
      (one) => one.hasToken && subjects.has(`ServiceAccount ${one.namespace}/${one.serviceAccount}`),
    );
    return [
      ...containers.map(({ pod }) => ({ from: idFor(namespace, pod), to })),
      ...byApi.map((one) => ({ from: idFor(one.namespace, one.name), to, label: 'API' })),
    ];
  });
  return [...ofSecrets, ...pods.flatMap(volumeArrows)];
}

function volumeArrows({ namespace, name, spec }: EmittedPods): Arrow[] {
  return (spec.volumes ?? [])
    .filter((volume: any) => volume?.persistentVolumeClaim)
    .map(({ persistentVolumeClaim }: any) => ({
      from: idFor(namespace, name),
      to: idFor(namespace, `PersistentVolumeClaim ${persistentVolumeClaim.claimName}`),
    }));
}

/** The boxes of all that arrows name, and of all pods. */
function boxesFor(objects: any[], pods: EmittedPods[], arrows: Arrow[]): Box[] {
  const ends = uniqueSorted(arrows.flatMap(({ from, to }) => [from, to]));
  const podIds = new Map(pods.map((one) => [idFor(one.namespace, one.name), one]));
  const depths = depthsOf(arrows, podIds);
  const known = new Map(objects.map((object) => [idOf(object), object]));
  const routed = new Set(
    arrows
      .filter(({ from }) => known.has(from) && (isRoute(known.get(from)) || isRouter(known.get(from))))
      .map(({ to }) => to),
  );
  const routers = objects.filter(isRouter).map(idOf);
  const podBoxes = pods
    .map((one) => podBox(one, objects, depths.get(idFor(one.namespace, one.name)) ?? 0))
    .map((box) => ({ ...box, details: [...box.details, ...portsOf(box, arrows)] }));
  const others = uniqueSorted([...ends, ...routers])
    .filter((id) => !podIds.has(id))
    .flatMap((id): Box[] => {
      const object = known.get(id);
      if (object?.kind === 'Service' && !routed.has(id)) return [];
      return [object ? objectBox(id, object) : unknownBox(id)];
    });
  return [...others, ...podBoxes];
}

/** The ports that others reach a server on. */
function portsOf({ id, role }: Box, arrows: Arrow[]): string[] {
  if (role !== 'server') return [];
  const ports = arrows.flatMap(({ to, label = '' }) => (to === id ? label.split(', ') : []));
  const unique = uniqueSorted(ports).filter(Boolean);
  return unique.length ? [unique.join(', ')] : [];
}

/** How many pods are before these in a row: at most so many that a circle ends. */
function depthsOf(arrows: Arrow[], pods: Map<string, unknown>): Map<string, number> {
  const between = arrows.filter(({ from, to }) => from !== to && pods.has(from) && pods.has(to));
  const depths = new Map<string, number>();
  for (let round = 0; round < MOST_DEPTH; round++) {
    for (const { from, to } of between) {
      depths.set(to, Math.min(MOST_DEPTH, Math.max(depths.get(to) ?? 0, (depths.get(from) ?? 0) + 1)));
    }
  }
  return depths;
}

function podBox(pods: EmittedPods, objects: any[], depth: number): Box {
  const object = objects.find(
    (one) => podOf(one).value?.spec === pods.spec && namespaceOfObject(one) === pods.namespace,
  );
  const [kind] = pods.name.split(' ');
  const services = ofKind(objects, '', 'Service').filter(
    (one) => depth > 0 && podsOfService(one, [pods]).length,
  );
  const requests = [
    cores(podAmount(pods.spec, 'requests.cpu', 0)),
    size(podAmount(pods.spec, 'requests.memory', 0)),
  ].filter(Boolean);
  return {
    id: idFor(pods.namespace, pods.name),
    role: depth > 0 ? 'server' : 'pods',
    kind,
    name: pods.name.slice(kind.length + 1),
    details: [
      timesOf(object, objects),
      requests.join(' · '),
      ...services.map(({ metadata }) => `Service ${metadata.name}`),
      ...(object.spec?.volumeClaimTemplates ?? []).map(
        ({ metadata, spec }: any) => `volume ${metadata?.name} ${spec?.resources?.requests?.storage ?? ''}`,
      ),
    ].filter(Boolean),
    depth,
    object,
  };
}

function timesOf(object: any, objects: any[]): string {
  if (object.kind === 'CronJob') return `${object.spec?.schedule}`;
  if (object.kind === 'Job') return 'runs once';
  if (!LASTING_KINDS.includes(object.kind) || object.kind === 'DaemonSet') return '';
  const { least, most } = replicasOf(object, objects);
  if (least !== most) return `${least}–${most} replicas`;
  return `${least} replica${least === 1 ? '' : 's'}`;
}

function objectBox(id: string, object: any): Box {
  const { kind, metadata } = object;
  const role = isRouter(object)
    ? 'router'
    : isRoute(object)
      ? 'route'
      : kind === 'Service'
        ? 'service'
        : 'data';
  const box = { id, kind, name: metadata.name, object };
  if (role === 'data' && groupOf(object.apiVersion) !== '') {
    return { ...box, role: 'server', details: [], depth: MOST_DEPTH };
  }
  return { ...box, role, details: detailsOf(object), depth: 0 };
}

/** A Secret that somebody else makes, or what is outside of the cluster. */
function unknownBox(id: string): Box {
  if (id.startsWith(OUTSIDE)) {
    const box = { id, role: 'outside' as const, kind: 'outside', name: id.slice(OUTSIDE.length) };
    return { ...box, details: [], depth: MOST_DEPTH };
  }
  const [kind, ...name] = id.slice(id.indexOf('/') + 1).split(' ');
  return { id, role: 'data', kind, name: name.join(' '), details: ['not in the manifests'], depth: 0 };
}

function detailsOf({ kind, spec = {} }: any): string[] {
  if (kind === 'Service') return (spec.ports ?? []).map(({ port }: any) => `port ${port}`).slice(0, 1);
  if (kind === 'PersistentVolumeClaim') return [spec.resources?.requests?.storage].filter(Boolean);
  const hosts = hostsOf(spec);
  const redirects = (spec.rules ?? []).some((rule: any) =>
    (rule?.filters ?? []).some((filter: any) => filter?.type === 'RequestRedirect'),
  );
  const more = hosts.length - MOST_HOSTS;
  return [
    ...hosts.slice(0, MOST_HOSTS),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(redirects ? ['redirects'] : []),
  ];
}

function hostsOf({ host, hostnames = [], rules = [], listeners = [] }: any): string[] {
  const ofRules = rules.map((rule: any) => rule?.host);
  const all = [host, ...hostnames, ...ofRules, ...listeners.map((listener: any) => listener?.hostname)];
  return uniqueSorted(all.filter((one) => typeof one === 'string'));
}

/** The parts that no arrow connects. */
function parts({ boxes, arrows }: Topology): Topology[] {
  const roots = new Map(boxes.map(({ id }) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    while (roots.get(root) !== root) root = roots.get(root)!;
    roots.set(id, root);
    return root;
  };
  arrows.forEach(({ from, to }) => roots.set(rootOf(from), rootOf(to)));
  const found = groupedBy(boxes, ({ id }) => rootOf(id));
  const arrowsOf = groupedBy(arrows, ({ from }) => rootOf(from));
  return [...found]
    .map(([root, own]) => ({ boxes: own, arrows: arrowsOf.get(root) ?? [] }))
    .sort((one, other) => other.boxes.length - one.boxes.length);
}
