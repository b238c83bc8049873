import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Problem } from '../kubernetes/errors';
import { LocatedProblem } from '../kubernetes/problems';
import { renderedManifest } from '../kubernetes/rendered-manifest';

/** One thing that a platform demands of manifests. */
export interface IAdmissionRule {
  /** Name of the rule: `probes`. */
  readonly name: string;

  /** The page that says what is demanded. */
  readonly source: string;

  /** The kinds of Kubernetes' own API that it looks at: others cost nothing. */
  readonly kinds: string[];

  /**
   * Whether it demands probes of the containers of Jobs too. Those of this library have probes where it does, which
   * say nothing.
   *
   * @default false
   */
  readonly demandsJobProbes?: boolean;

  /**
   * What is wrong with a manifest.
   *
   * @param manifest - a manifest of one of the kinds
   * @param manifests - all manifests that any rule looks at, with that one among them
   */
  check(manifest: any, manifests: any[]): Problem[];
}

/** What a platform refuses, or changes without being asked, when manifests are applied. */
export interface IAdmission {
  /** Who demands it, as errors name it: `AKS Automatic`. */
  readonly platform: string;

  /** What it demands. */
  readonly rules: IAdmissionRule[];
}

/** Whether containers of Jobs need probes. */
export function demandsJobProbes(admission?: IAdmission): boolean {
  return admission?.rules.some((rule) => rule.demandsJobProbes) ?? false;
}

/** Groups of Kubernetes' own API, and KEDA's. Another custom resource may have a kind of the same name. */
const GROUPS = ['core', 'apps', 'batch', 'autoscaling', 'storage.k8s.io', 'keda.sh'];

/**
 * What a platform would refuse of some constructs: a validation. Users' own ApiObjects are
 * looked at like ours.
 */
export function checkAdmission({ platform, rules }: IAdmission, constructs: IConstruct[]): LocatedProblem[] {
  const kinds = new Set(rules.flatMap((rule) => rule.kinds));
  const resources = constructs
    .filter((one): one is ApiObject => ApiObject.isApiObject(one))
    .filter(({ kind, apiGroup }) => kinds.has(kind) && GROUPS.includes(apiGroup))
    .map((resource) => ({ resource, manifest: renderedManifest(resource) }))
    .filter(({ manifest }) => manifest !== undefined);
  const manifests = resources.map(({ manifest }) => manifest);
  return resources.flatMap(({ resource: { kind, node }, manifest }) =>
    rules
      .filter((rule) => rule.kinds.includes(kind))
      .flatMap((rule) =>
        rule.check(manifest, manifests).map((problem) => ({
          ...problem,
          path: node.path,
          demand: { platform, rule: rule.name, source: rule.source },
        })),
      ),
  );
}
