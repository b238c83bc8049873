import { Duration, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { pythonPodTemplate } from '../workloads/python-pod';
import { runtimeConfigMaps } from '../workloads/runtime-config-maps';
import { runtimeCommand } from '../runtime/runtime';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkName, checkSecretKey } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { FirstPriority, firstPriority } from '../workloads/first-priority';
import { apiServerPolicy } from '../workloads/network-policies';
import { HashedConfigMap, HashedJob, Resource } from '../kubernetes/resource';
import { serviceAccountWith } from '../kubernetes/service-accounts';
import { SecretValue } from '../kubernetes/secret-values';
import { IPythonImage } from '../platform/python-image';

/** What a generated value is. */
export enum GeneratedSecretKind {
  /** 32 letters and digits. */
  PASSWORD = 'password',

  /** 64 characters that fit in a URL. */
  SECRET_KEY = 'secret-key',
}

/** What a generated Secret is to hold. */
export interface GeneratedSecretProps {
  /** Name of the Secret. */
  readonly name: string;

  /** The labels of what it belongs to: an application, a database. */
  readonly selector: Selector;

  /** Key of the value. */
  readonly key: string;

  /** What the value is: `password` (32 letters and digits) or `secret-key` (64 characters that fit in a URL). */
  readonly kind: GeneratedSecretKind;

  /** The image whose Python makes it. It is asked for at synth, not before. */
  readonly python: IPythonImage;
}

/** How long the Job is kept after its end. Made again, it finds the Secret full. */
const KEPT_FOR = Duration.hours(1);

/** What src/runtime/cdk8s_django/generate_secret.py makes. */
const KINDS = Object.values(GeneratedSecretKind);

/**
 * A Secret whose value is made once, inside the cluster, and stays as it is until a rotation changes it.
 *
 * The Secret is in the manifests without data, so that applying them again leaves its data alone. A Job fills it, with
 * a Role that may read and patch this one Secret: permission to create Secrets cannot be limited to a name.
 *
 * It makes a Secret, a ServiceAccount, Role and RoleBinding, and a Job; two suspended CronJobs with `addRotation`, and
 * a NetworkPolicy with `restrictNetwork`. The ConfigMaps with the program are shared by all of the namespace.
 *
 * Throws when:
 * - the name or the key is not one that Kubernetes takes;
 * - the kind is not one of the two.
 *
 * @example
 * const token = new GeneratedSecret(this, 'Token', {
 *   name: 'polls-token',
 *   selector: app.selector,
 *   key: 'token',
 *   kind: GeneratedSecretKind.PASSWORD,
 *   python: app,
 * });
 * app.deployment.override({
 *   spec: {
 *     template: {
 *       spec: {
 *         containers: [
 *           {
 *             name: 'web',
 *             env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: token.value.secretName, key: token.value.key } } }],
 *           },
 *         ],
 *       },
 *     },
 *   },
 * });
 */
export class GeneratedSecret extends Construct {
  /** The Secret. */
  readonly secret: Resource;

  /** The ServiceAccount of the Job. */
  readonly serviceAccount: Resource;

  /** The Role that lets it read and patch the Secret. */
  readonly role: Resource;

  /** The binding of the Role. */
  readonly roleBinding: Resource;

  /** The Job. */
  readonly job: Resource;

  /** The policy of the Job's pods, once their network was restricted. */
  networkPolicy?: Resource;

  /** The CronJobs of the rotation, once it is offered. */
  readonly rotation: Resource[] = [];

  /** The value. */
  readonly value: SecretValue;

  /** The labels of the Job's pods. */
  readonly selector: Selector;

  private readonly keys: string[];

  private readonly priority: FirstPriority;

  private readonly runtime: HashedConfigMap[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GeneratedSecretProps,
  ) {
    super(scope, id);
    checkName(this, 'name', props.name);
    checkSecretKey(this, 'key', props.key);
    if (!KINDS.includes(props.kind)) {
      Problems.report(this, {
        property: 'kind',
        value: props.kind,
        reason: 'is not a supported kind',
        remedy: `Use one of ${KINDS.join(', ')}`,
      });
    }
    this.keys = [props.key];
    this.value = { secretName: props.name, key: props.key };
    this.selector = { ...props.selector, component: 'secret-generator' };
    const labels = resourceLabels(this.selector);
    const metadata = { name: `${props.name}-secret`, labels };

    this.secret = new Resource(
      this,
      'Secret',
      k8s.manifest('Secret', { metadata: { name: props.name, labels }, type: 'Opaque' }),
    );
    this.runtime = runtimeConfigMaps(this, ['base', 'secrets']);
    const { serviceAccount, role, roleBinding } = serviceAccountWith(this, metadata, [
      { apiGroups: [''], resources: ['secrets'], resourceNames: [props.name], verbs: ['get', 'patch'] },
    ]);
    this.serviceAccount = serviceAccount;
    this.role = role;
    this.roleBinding = roleBinding;
    const job = { ...k8s.typeOf('Job'), metadata, spec: Lazy.any({ produce: () => this.jobSpec() }) };
    this.job = new HashedJob(this, 'Job', job, () => props.python.runAsUser);
    this.priority = firstPriority(this);
    this.job.node.addDependency(...this.priority.dependencies);
  }

  /** Lets the Job's pods connect to the API server and to nothing else. */
  restrictNetwork(): void {
    this.networkPolicy ??= apiServerPolicy(this, this.serviceAccount.name, this.selector);
  }

  /**
   * Has the Secret hold another value of the same kind, which is made once, too.
   *
   * @param key - its key
   */
  addKey(key: string): void {
    this.keys.push(checkSecretKey(this, 'key', key));
  }

  /**
   * Offers the rotation of a secret key, in two steps. Each step is followed by a restart of the pods. `prepare` lets
   * the pods know the next key. `rotate` makes it the key, and keeps the old one for what it has signed.
   *
   * Each step is a suspended CronJob, which `kubectl create job --from` runs.
   */
  addRotation(): void {
    if (this.rotation.length) return;
    this.rotation.push(this.rotationStep('prepare', ['--prepare']), this.rotationStep('rotate', []));
  }

  private rotationStep(step: string, options: string[]): Resource {
    const { secretName } = this.value;
    const command = runtimeCommand('rotate_secret_key', secretName, ...options);
    return new Resource(this, `Rotation-${step}`, {
      ...k8s.typeOf('CronJob'),
      metadata: { name: `${secretName}-key-${step}`, labels: resourceLabels(this.selector) },
      spec: Lazy.any({
        produce: () =>
          k8s.manifest('CronJob', {
            spec: {
              // Never by itself: the pods must be restarted after each step.
              suspend: true,
              schedule: '@yearly',
              jobTemplate: { spec: { backoffLimit: 4, template: this.template(`${step}-secret`, command) } },
            },
          }).spec,
      }),
    });
  }

  private jobSpec(): any {
    const { secretName } = this.value;
    const wanted = this.keys.map((key) => `${key}=${this.props.kind}`);
    const command = runtimeCommand('generate_secret', secretName, ...wanted);
    return k8s.manifest('Job', {
      spec: {
        backoffLimit: 10,
        ttlSecondsAfterFinished: KEPT_FOR.toSeconds(),
        template: this.template('generate-secret', command),
      },
    }).spec;
  }

  private template(name: string, command: string[]): k8s.PodTemplateSpec {
    return pythonPodTemplate(this, {
      selector: this.selector,
      python: this.props.python,
      name,
      command,
      serviceAccountName: this.serviceAccount.name,
      runtime: this.runtime,
      restartPolicy: 'OnFailure',
      priorityClassName: this.priority.priorityClassName,
    });
  }
}
