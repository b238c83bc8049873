/*
 * What a report says, as data. `docs/access-report.schema.json` is its schema.
 */

/** Somebody who can read a Secret by the API, and how. */
export interface SecretReader {
  /** Kind and name: `Group developers`, `User jane`, `ServiceAccount polls/polls-secret`. */
  readonly subject: string;

  /** Each one is enough: `get, patch secrets`, `runs pods that read it`, `enters pods that have it`. */
  readonly ways: string[];
}

/** A container that is given a Secret. */
export interface ContainerKeys {
  /** What makes the pod, by kind and name: `Deployment polls`. */
  readonly pod: string;

  /** Name of the container. `(the node)` pulls images. */
  readonly container: string;

  /** Keys that it sees. `*` means all that the Secret has. */
  readonly keys: string[];

  /** `variables`, `files` or `image pulls`. */
  readonly form: string;
}

/** Who can read a Secret. */
export interface SecretAccess {
  /** Namespace of the Secret. */
  readonly namespace: string;

  /** Name of the Secret. */
  readonly name: string;

  /** Whether the program itself makes the Secret, rather than naming it. */
  readonly emitted: boolean;

  /** Who can read it by the API. */
  readonly readers: SecretReader[];

  /** Which containers are given it. */
  readonly containers: ContainerKeys[];

  /** Objects without pods that name it, such as a Gateway: what controls these reads or writes it. */
  readonly controllers: string[];
}

/** Rules that a subject has by a binding. */
export interface SubjectRules {
  /** Kind and name: `Group developers`. */
  readonly subject: string;

  /** Namespace that the rules hold in. `*` means all, and what has no namespace. */
  readonly namespace: string;

  /** Kind and name of the Role: `Role polls-viewer`. */
  readonly role: string;

  /** The rules of the Role. */
  readonly rules: any[];
}

/** Something that matters which a subject can do itself. */
export interface SubjectPower {
  /** Kind and name: `Group developers`. */
  readonly subject: string;

  /** Namespace in which it can. `*` means all. */
  readonly namespace: string;

  /** What it can do: `runs pods`, `enters pods`, `acts as ServiceAccounts`. */
  readonly power: string;

  /** Requests by which it can, each of which is enough: `create pods`. */
  readonly requests: string[];

  /** Names of the objects that it is limited to. `*` means all. */
  readonly objects: string[];
}

/** Pods and their identity. */
export interface PodIdentity {
  /** Namespace of the pods. */
  readonly namespace: string;

  /** What makes them, by kind and name: `Deployment polls`. */
  readonly pod: string;

  /** Name of their ServiceAccount. */
  readonly serviceAccount: string;

  /** Whether a container can have a token of the API server for it. */
  readonly hasToken: boolean;

  /** Labels of the pods. */
  readonly labels: { [label: string]: string };

  /** Whether a policy limits who connects to them. */
  readonly ingressIsLimited: boolean;

  /** Whether a policy limits what they connect to. */
  readonly egressIsLimited: boolean;
}

/** Connections from pods of the program to others of it that the policies of both ends allow. */
export interface PodConnection {
  /** Namespace of the pods that connect. */
  readonly fromNamespace: string;

  /** What makes them: `Deployment polls`. */
  readonly from: string;

  /** Namespace of the pods that they connect to. */
  readonly toNamespace: string;

  /** What makes these: `StatefulSet polls-db`. */
  readonly to: string;

  /** Ports of these: `TCP 5432`, `UDP 1-65535`, `all`. */
  readonly ports: string[];
}

/** Connections with what a rule of a policy names, or with anything. */
export interface OuterConnection {
  /** Namespace of the pods. */
  readonly namespace: string;

  /** What makes the pods: `Deployment polls`. */
  readonly pod: string;

  /** The other end, in words. */
  readonly peer: string;

  /** The peer in the NetworkPolicy, or DNS names as `names`. It is empty for anything. */
  readonly selector: any;

  /** Ports: `TCP 5432`, `UDP 1-65535`, `TCP "http"`, `all`. */
  readonly ports: string[];
}

/** What a ServiceAccount may use of a cloud. */
export interface CloudIdentity {
  /** Namespace of the ServiceAccount. */
  readonly namespace: string;

  /** Name of the ServiceAccount. */
  readonly serviceAccount: string;

  /** Annotations that name an account of the cloud, as `name=value`. */
  readonly accounts: string[];

  /** Pods that act as it. */
  readonly pods: string[];
}

/** Commands that give rights outside the cluster, as `identity.txt` has them. */
export interface CloudCommands {
  /** What they are for. */
  readonly title: string;

  /** The lines. */
  readonly commands: string[];
}

/** All that a report says. */
export interface AccessFacts {
  /** Version of this form: 1. */
  readonly version: number;

  /** Who can read which Secret. */
  readonly secrets: SecretAccess[];

  /** What matters of what each subject can do. */
  readonly powers: SubjectPower[];

  /** All rules that bindings give. */
  readonly rules: SubjectRules[];

  /** The pods. */
  readonly pods: PodIdentity[];

  /** Connections between the pods of the program. */
  readonly connections: PodConnection[];

  /** What connects to the pods from elsewhere. */
  readonly incoming: OuterConnection[];

  /** What the pods connect to elsewhere. */
  readonly outgoing: OuterConnection[];

  /** Identities of a cloud. */
  readonly identities: CloudIdentity[];

  /** Commands that give rights outside the cluster. */
  readonly commands: CloudCommands[];

  /** What the report cannot know. */
  readonly unknown: string[];
}
