import { Duration } from 'cdk8s';
import { LeastPrivilegeAccess, LeastPrivilegeAccessProps } from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { row as plainRow, testOptions } from '../support/options';
import { django, find } from '../support/synth';

type Props = LeastPrivilegeAccessProps;
const row: typeof plainRow<Props> = plainRow;

const TRAFFIC = [{ peers: [{ podLabels: { app: 'mail' } }], ports: [{ port: 587 }] }];
const PEER = { podSelector: { matchLabels: { app: 'mail' } } };
const PORTS = [{ port: 587, protocol: 'TCP' }];

const group = (name: string) => [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name }];
const subjects = (name: string) => (manifests: any[]) => find(manifests, 'RoleBinding', name).subjects;
const policy = (manifests: any[]) => find(manifests, 'NetworkPolicy', 'polls').spec;

testOptions<Props>(
  (chart, { app = django(chart), ...changes }) =>
    new LeastPrivilegeAccess(chart, 'Access', { app, ...changes }),
  {
    app: [
      row(
        (chart) => ({ app: django(chart, { name: 'shop' }) }),
        (manifests) =>
          find(manifests, 'NetworkPolicy', 'shop').spec.podSelector.matchLabels['app.kubernetes.io/instance'],
        'shop',
      ),
    ],
    viewers: [row({ viewers: ['developers'] }, subjects('polls-viewer'), group('developers'))],
    operators: [row({ operators: ['operators'] }, subjects('polls-operator'), group('operators'))],
    breakGlass: [
      row({ breakGlass: { groups: ['on-call'] } }, subjects('polls-break-glass-token'), group('on-call')),
      row(
        { breakGlass: { groups: ['on-call'], duration: Duration.minutes(30) } },
        (manifests) =>
          find(manifests, 'ValidatingAdmissionPolicy', 'polls-polls-break-glass').spec.validations[2]
            .expression,
        'request.resource.resource == "secrets" || object.spec.expirationSeconds <= 1800',
      ),
    ],
    deployers: [row({ deployers: ['pipeline'] }, subjects('polls-deployer'), group('pipeline'))],
    ingress: [
      row({ ingress: TRAFFIC }, (manifests) => policy(manifests).ingress.at(-1), {
        from: [PEER],
        ports: PORTS,
      }),
    ],
    egress: [
      row(
        { egress: [EgressTarget.pods({ podLabels: { app: 'mail' } }, [{ port: 587 }])] },
        (manifests) => policy(manifests).egress.at(-1),
        { to: [PEER], ports: PORTS },
      ),
    ],
  },
);
