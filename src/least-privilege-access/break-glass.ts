import { Chart, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { namespacePolicy, watchedResources } from '../kubernetes/admission-policies';
import * as k8s from '../kubernetes/api';
import { checkSeconds } from '../kubernetes/durations';
import { ADMINISTRATORS_LABELS } from '../kubernetes/labels';
import { giveNotice } from '../kubernetes/notices';
import { Problems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { serviceAccount } from '../kubernetes/service-accounts';
import { boundRole, checkGroups, groupSubjects } from './roles';

/** Who may enter the pods in an emergency, and for how long at a time. */
export interface BreakGlassAccess {
  /** Groups whose members may take the right. */
  readonly groups: string[];

  /**
   * How long the right lasts that a member takes, in whole seconds: 10 minutes to 12 hours.
   *
   * @default Duration.hours(1)
   */
  readonly duration?: Duration;
}

/** What those may do who have taken the right. `kubectl exec deployment/NAME` looks for the pods first. */
const SHELL_RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get'] },
];

/** What break-glass access is made of. */
export interface BreakGlassResources {
  readonly serviceAccount: Resource;
  readonly role: Resource;
  readonly tokenRole: Resource;
  readonly policy: Resource;
}

/**
 * Makes a ServiceAccount that may enter pods, whose tokens the groups may ask for. A RoleBinding never ends by itself; a
 * token does, and the API server holds to it. The policy has it refuse a longer one, and one that pods or Secrets keep.
 */
export function breakGlass(
  scope: Construct,
  name: string,
  { groups, duration = Duration.hours(1) }: BreakGlassAccess,
): BreakGlassResources {
  checkGroups(scope, 'breakGlass.groups', groups);
  if (!groups.length) {
    Problems.report(scope, {
      property: 'breakGlass.groups',
      value: groups,
      reason: 'is empty',
      remedy: 'Name who may enter the pods, or leave breakGlass out',
    });
  }
  checkSeconds(scope, 'breakGlass.duration', duration, { atLeast: 600, atMost: 12 * 3600 });
  const seconds = duration.toSeconds({ integral: false });
  const namespace = Chart.of(scope).namespace!;
  const description = `Members of ${groups.join(', ')} take tokens for ${seconds} seconds to enter pods in an emergency.`;
  const announced = {
    name,
    labels: ADMINISTRATORS_LABELS,
    annotations: { 'kubernetes.io/description': description },
  };
  giveNotice(scope, {
    property: 'breakGlass.groups',
    value: groups,
    reason: `may enter the pods of the namespace for ${seconds} seconds at a time, and read their Secrets there`,
    remedy: `Watch the audit log for tokens of the ServiceAccount ${name}`,
  });
  const ownAccount = serviceAccount(scope, announced, 'BreakGlassServiceAccount');
  const account = [{ kind: 'ServiceAccount', name }];
  const { role } = boundRole(scope, 'BreakGlass', announced, SHELL_RULES, account);
  const { role: tokenRole } = boundRole(
    scope,
    'BreakGlassToken',
    { ...announced, name: `${name}-token` },
    [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [name], verbs: ['create'] }],
    groupSubjects(groups),
  );
  const policyMetadata = { ...announced, name: `${namespace}-${name}` };
  const policy = tokenPolicy(scope, policyMetadata, { name, namespace, seconds });
  return { serviceAccount: ownAccount, role, tokenRole, policy };
}

/** Has the API server refuse what would outlast the time. */
function tokenPolicy(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string> },
  { name, namespace, seconds }: { name: string; namespace: string; seconds: number },
): Resource {
  const { policy } = namespacePolicy(scope, 'BreakGlassPolicy', {
    metadata,
    namespace,
    actions: ['Deny', 'Audit'],
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          watchedResources('', ['serviceaccounts/token'], ['CREATE']),
          watchedResources('', ['secrets']),
        ],
      },
      matchConditions: [
        {
          name: 'is-of-the-account',
          expression: `request.resource.resource == "secrets" ? object.metadata.?annotations[?"kubernetes.io/service-account.name"].orValue("") == "${name}" : request.name == "${name}"`,
        },
      ],
      validations: [
        {
          expression: 'request.resource.resource != "secrets"',
          message: `The ServiceAccount ${name} has no lasting token. Ask for one by kubectl create token ${name}.`,
        },
        {
          expression:
            'request.resource.resource == "secrets" || object.spec.?boundObjectRef.orValue(null) == null',
          message: `No pod acts as the ServiceAccount ${name}: its tokens are for people, in an emergency.`,
        },
        {
          expression: `request.resource.resource == "secrets" || object.spec.expirationSeconds <= ${seconds}`,
          message: `A token of the ServiceAccount ${name} lasts at most ${seconds} seconds. Ask for one by kubectl create token ${name} --duration=${seconds}s.`,
        },
      ],
      auditAnnotations: [
        { key: 'break-glass', valueExpression: 'request.userInfo.username + " asks for " + request.name' },
      ],
    },
  });
  return policy;
}
