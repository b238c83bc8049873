import { ApiObject, ApiObjectMetadataDefinition, ApiObjectProps, Chart, JsonPatch } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { isClusterScoped } from './cluster-scoped';
import { contentHash, shortHash } from './hash';
import { isJobProbe } from './job-probes';
import { checkLabels, checkNamespace } from './names';
import { merge } from './overrides';
import { indexResource } from './resource-index';
import { oncePerPass, synthesizeInOnePass } from './synthesis-pass';
import { withQuotes } from './yaml-strings';

/** A Kubernetes resource, as those refer to it who did not make it. */
export interface IResource extends IConstruct {
  /** Group and version of its API: `apps/v1`. */
  readonly apiVersion: string;

  /** Group of its API: `apps`. */
  readonly apiGroup: string;

  /** Its kind: `Deployment`. */
  readonly kind: string;

  /** Its name. */
  readonly name: string;

  /** Its labels, its annotations and its namespace. */
  readonly metadata: ApiObjectMetadataDefinition;

  /** Changes the manifest, as JSON Patch does. */
  addJsonPatch(...operations: JsonPatch[]): void;

  /** Changes the manifest, after everything else was applied. */
  override(patch: any): void;

  /** The manifest. */
  toJson(): any;
}

/**
 * A Kubernetes resource that a construct of this library makes.
 *
 * It is an ordinary `ApiObject` without an old schema's filter: `addJsonPatch` and `override` can set any field
 * that the cluster knows.
 */
export class Resource extends ApiObject implements IResource {
  /**
   * As of any class. That of ApiObject counts every ApiObject as an instance of its subclasses too.
   *
   * @internal
   */
  static override [Symbol.hasInstance](one: unknown): one is Resource {
    return Function.prototype[Symbol.hasInstance].call(this, one);
  }

  private readonly overrides: any[] = [];

  constructor(scope: Construct, id: string, props: ApiObjectProps) {
    super(scope, id, props);
    // Here, because every chart that has anything of ours comes by.
    const { namespace } = this.metadata;
    const chart = Chart.of(this);
    synthesizeInOnePass(chart);
    if (namespace !== undefined) checkNamespace(chart, 'namespace', namespace);
    checkLabels(chart, 'labels', chart.labels);
    const { kind, name } = this;
    indexResource(this, { kind, name, namespace: isClusterScoped(kind) ? undefined : namespace });
  }

  /**
   * Changes the manifest, after everything else was applied.
   *
   * Objects are merged, `null` removes a key, and lists whose items have a `name` (containers, env, ports, volumes)
   * are merged by it; other lists are replaced.
   *
   * @example
   * app.deployment.override({ spec: { template: { spec: { priorityClassName: 'web' } } } });
   */
  override(patch: any): void {
    this.overrides.push(patch);
  }

  override toJson(): any {
    return oncePerPass(this, this, () => withQuotes(this.render()));
  }

  /** Makes the manifest, patches included. */
  protected render(): any {
    const manifest = this.overrides.reduce(changed, super.toJson());
    if (isClusterScoped(this.kind)) delete manifest.metadata.namespace;
    return manifest;
  }
}

/** A patch may depend on what the manifest is when it is written: it is then a function of that. */
function changed(manifest: any, patch: any): any {
  return merge(manifest, typeof patch === 'function' ? patch(manifest) : patch);
}

/**
 * The hash of what resources say when they are written, patches included. It leaves names and labels out.
 *
 * @param leftOut - keys of their data that it leaves out, too
 */
export function writtenHash(resources: IResource[], leftOut: string[] = []): string {
  return contentHash(
    resources.map((resource) => {
      const { data, ...written } = resource.toJson();
      const kept = data && Object.entries(data).filter(([key]) => !leftOut.includes(key));
      return { ...written, metadata: undefined, ...(kept && { data: Object.fromEntries(kept) }) };
    }),
  );
}

/**
 * A Job whose name ends in a hash of what it runs, and as which user.
 *
 * The pod template of a Job can never be changed, so another template needs another name. What only the platform
 * decides (security contexts, probes that say nothing) is left out of the hash: names are the same on every
 * distribution.
 */
export class HashedJob extends Resource {
  constructor(
    scope: Construct,
    id: string,
    props: ApiObjectProps,
    /** The user that the program asks for, which platforms need not give. It is asked for at synth, not before. */
    private readonly runAsUser: () => number,
  ) {
    super(scope, id, props);
  }

  protected override render(): any {
    const manifest = super.render();
    // How long it stays after its end does not change what it runs.
    const run = { ...manifest.spec, ttlSecondsAfterFinished: undefined };
    const hash = shortHash([withoutPlatform(run), this.runAsUser()]);
    return { ...manifest, metadata: { ...manifest.metadata, name: `${this.name}-${hash}` } };
  }
}

/** What a ConfigMap holds, and where. */
export interface ConfigMapContent {
  readonly namespace?: string;
  readonly data?: Record<string, string>;
  readonly binaryData?: Record<string, string>;
}

/**
 * A ConfigMap that never changes: its name ends in a hash of what it holds, so that others are beside it. The hash has
 * the namespace too, because cdk8s can write each resource to a file of its kind and name.
 */
export class HashedConfigMap extends Resource {
  /** Its name as it is written, for what reads it: known at synth, after patches. */
  get writtenName(): string {
    return this.toJson().metadata.name;
  }

  protected override render(): any {
    const manifest = super.render();
    const { data, binaryData, metadata } = manifest;
    const name = `${metadata.name}-${this.hashOf({ namespace: metadata.namespace, data, binaryData })}`;
    return { ...manifest, metadata: { ...metadata, name }, immutable: true };
  }

  /** The hash of what it holds. */
  protected hashOf(content: ConfigMapContent): string {
    return shortHash(content);
  }
}

function withoutPlatform(value: any): any {
  if (Array.isArray(value)) return value.map(withoutPlatform);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => key !== 'securityContext' && !isJobProbe(item))
      .map(([key, item]) => [key, withoutPlatform(item)]),
  );
}
