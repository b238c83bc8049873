import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadAll } from 'js-yaml';
import { flattened } from '../access-report/objects';
import { groupedBy } from '../kubernetes/collections';
import { InvalidInputError } from '../kubernetes/errors';
import { PolicyFolder, PolicyObject, podsOf, shownName } from './manifests';
import { Breach, Rule, RULES } from './rules';

/** An object that may break a rule. */
export interface PolicyException {
  /** The name of the rule: `host-path`. */
  readonly rule: string;
  /** Kind and name of the object: `DaemonSet agent`. The name of a Job is without the hash of the library. */
  readonly object: string;
  /** Why it may, as a sentence for those who review it. */
  readonly reason: string;
}

/** What `properties` of a validation in `cdk8s.yaml` says. */
export interface PolicyValidationProps {
  /**
   * Objects that may break a rule.
   *
   * @default - none
   */
  readonly except?: PolicyException[];
}

/** What cdk8s-cli gives to a validation, as far as this one uses it. */
export interface PolicyContext {
  /** Paths of the files that were written. */
  readonly manifests: readonly string[];
  /** The paths of constructs, by what `construct-metadata.json` calls their objects. */
  readonly metadata: { readonly [object: string]: { readonly path: string } };
  /** Takes what is found. */
  readonly report: IPolicyReport;
}

/** The report of cdk8s-cli. */
export interface IPolicyReport {
  /**
   * Adds a rule that was broken.
   *
   * @param violation - the rule and its objects
   */
  addViolation(violation: PolicyViolation): void;
  /**
   * Ends the report.
   *
   * @param status - whether all rules are kept
   * @param metadata - what is shown above the violations
   */
  submit(status: 'success' | 'failure', metadata?: { readonly [key: string]: string }): void;
}

/** A rule that was broken, and where. */
export interface PolicyViolation {
  /** The name of the rule. */
  readonly ruleName: string;
  /** What the rule asks for. */
  readonly recommendation: string;
  /** What to write instead. */
  readonly fix: string;
  /** The objects that break it. */
  readonly violatingResources: ViolatingResource[];
}

/** An object that breaks a rule. */
export interface ViolatingResource {
  /** Its name, or kind and name where `synthesize` wrote which construct made it. */
  readonly resourceName: string;
  /** Paths of fields, such as `spec.template.spec.hostNetwork`. */
  readonly locations: string[];
  /** The file that has it. */
  readonly manifestPath: string;
}

/**
 * A validation of cdk8s-cli: `cdk8s synth` fails when a manifest breaks a rule. The rules are those that kube-score,
 * checkov and the NSA's guide to Kubernetes agree on. It looks at what was written, so it is the same for constructs
 * of the library, of others, and for manifests of `Include`.
 *
 * Objects of one folder belong together: a NetworkPolicy of another distribution protects nothing.
 *
 * It makes no resources on any distribution.
 *
 * @example
 * // cdk8s.yaml:
 * // validations:
 * //   - package: ./node_modules/cdk8s-django/lib/entry/policy.js
 * //     version: 0.1.0
 * //     class: PolicyValidation
 * const validation = new PolicyValidation({
 *   except: [{ rule: 'host-path', object: 'DaemonSet agent', reason: 'It reads the logs of the node' }],
 * });
 */
export class PolicyValidation {
  private readonly exceptions: PolicyException[];

  /**
   * Throws when:
   * - an exception does not name a rule;
   * - it does not have an object or a reason.
   *
   * @param props - what `properties` in `cdk8s.yaml` says
   */
  constructor(props: PolicyValidationProps = {}) {
    this.exceptions = props.except ?? [];
    this.exceptions.forEach(checkException);
  }

  /**
   * Reports each rule that is broken, with its objects.
   *
   * Throws when an exception is for an object that keeps the rule: it would hide what comes later.
   *
   * @param context - what cdk8s-cli gives
   */
  async validate({ manifests, metadata, report }: PolicyContext): Promise<void> {
    const folders = foldersOf(manifests);
    const used = new Set<PolicyException>();
    let broken = 0;
    for (const rule of RULES) {
      const breaches = folders.flatMap(rule.breaches).filter((breach) => {
        const exceptions = this.exceptions.filter((exception) => allows(exception, rule, breach));
        exceptions.forEach((exception) => used.add(exception));
        return exceptions.length === 0;
      });
      if (breaches.length === 0) continue;
      broken += 1;
      const { name, recommendation, fix } = rule;
      const violatingResources = breaches.map((breach) => violatingResource(breach, metadata));
      report.addViolation({ ruleName: name, recommendation, fix, violatingResources });
    }
    this.checkUse(used);
    report.submit(broken === 0 ? 'success' : 'failure', {
      objects: String(folders.flatMap(({ objects }) => objects).length),
      rules: String(RULES.length),
      exceptions: String(this.exceptions.length),
    });
  }

  private checkUse(used: Set<PolicyException>): void {
    const index = this.exceptions.findIndex((exception) => !used.has(exception));
    if (index === -1) return;
    const { rule, object } = this.exceptions[index];
    throw new InvalidInputError('PolicyValidation', {
      property: `except[${index}]`,
      value: object,
      reason: `does not break the rule "${rule}"`,
      remedy: 'Remove the exception, or copy kind and name from the manifest, such as "DaemonSet agent"',
    });
  }
}

function checkException(exception: PolicyException, index: number): void {
  const names = RULES.map(({ name }) => name);
  if (!names.includes(exception.rule)) {
    throw new InvalidInputError('PolicyValidation', {
      property: `except[${index}].rule`,
      value: exception.rule,
      reason: 'is not a rule',
      remedy: `Give one of ${names.join(', ')}`,
    });
  }
  checkText(exception.object, `except[${index}].object`, 'Give kind and name, such as "DaemonSet agent"');
  checkText(exception.reason, `except[${index}].reason`, 'Say why the object may break the rule');
}

function checkText(value: unknown, property: string, remedy: string): void {
  if (typeof value === 'string' && value.trim() !== '') return;
  throw new InvalidInputError('PolicyValidation', { property, value, reason: 'is not a text', remedy });
}

function allows({ rule: name, object }: PolicyException, rule: Rule, breach: Breach): boolean {
  return name === rule.name && object === shownName(breach.object.manifest);
}

function foldersOf(files: readonly string[]): PolicyFolder[] {
  return [...groupedBy(files, dirname).values()].map((inFolder) => {
    const objects = inFolder.flatMap(objectsOf);
    return { objects, pods: podsOf(objects) };
  });
}

function objectsOf(file: string): PolicyObject[] {
  // Not by `yaml`, which takes five times as long and would double the time of a synthesis.
  const values: any[] = readFileSync(file, 'utf8').split(BETWEEN_DOCUMENTS).flatMap(parsed);
  return flattened(values.filter((value) => value?.kind)).map((manifest) => ({ manifest, file }));
}

const BETWEEN_DOCUMENTS = /^(?=---)/m;
/** What cdk8s writes for a ConfigMap: lines that are not indented say nothing else. */
const CONFIG_MAP =
  /^(?:---\n)?apiVersion: v1\nkind: ConfigMap\n(?:(?:metadata:|data:|immutable: true| .*)?\n)*$/;

/** The objects of a document. No rule looks into a ConfigMap, and most of the text is in these: it is not parsed. */
function parsed(document: string): any[] {
  return CONFIG_MAP.test(document) ? [{ apiVersion: 'v1', kind: 'ConfigMap' }] : loadAll(document);
}

function violatingResource(
  { object: { manifest, file }, locations }: Breach,
  metadata: PolicyContext['metadata'],
): ViolatingResource {
  const { kind, metadata: { name } = { name: '' } } = manifest;
  // `synthesize` writes the kind too: a Deployment and its Service have one name, and are made by two constructs.
  const withKind = `${kind}/${name}`;
  return {
    resourceName: metadata[withKind] ? withKind : name,
    locations: [...locations],
    manifestPath: file,
  };
}
