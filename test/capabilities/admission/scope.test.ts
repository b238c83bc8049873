import { App, Chart, Lazy } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import { OpenShiftAdmission } from 'cdk8s-django/admission';
import { EksAutoModeRouting } from 'cdk8s-django/routing';
import { EbsStorage } from 'cdk8s-django/storage';
import { chartOn, postgres, synth } from '../../support/synth';
import { MODES } from './modes';
import { complaints, deployment, own } from './own';

test('Auto Mode has load balancers and volumes of its own', () => {
  const { routing, storage } = Distribution.eks({ autoMode: true });
  expect(routing).toBeInstanceOf(EksAutoModeRouting);
  expect(storage).toBeInstanceOf(EbsStorage);
  const [storageClass] = synth(
    (chart) => void postgres(chart, { password: { secretName: 'db', key: 'password' } }),
    Distribution.eks({ autoMode: true }),
  ).filter(({ kind }) => kind === 'StorageClass');
  expect(storageClass.provisioner).toBe('ebs.csi.eks.amazonaws.com');
});

describe('what is checked', () => {
  const privileged = (chart: Chart) => deployment(chart, { hostNetwork: true });

  it.each([
    ['GKE Standard', Distribution.gke()],
    ['EKS with nodes of its own', Distribution.eks()],
    ['AKS Standard', Distribution.aks()],
    ['upstream', Distribution.upstream()],
  ])('is nothing on %s', (_name, distribution) => {
    expect(synth(privileged, distribution)).toHaveLength(1);
  });

  it('are not custom resources of the same kind', () => {
    const service = (chart: Chart) =>
      ['One', 'Two'].forEach((id) =>
        own(
          chart,
          { apiVersion: 'serving.knative.dev/v1', kind: 'Service', spec: { selector: { a: 'b' } } },
          id,
        ),
      );
    expect(synth(service, MODES['AKS Automatic'].make())).toHaveLength(2);
  });

  it('are not the charts that another distribution is bound to', () => {
    const app = new App();
    Distribution.bind(app, Distribution.openshift());
    const chart = new Chart(app, 'polls');
    Distribution.bind(chart, Distribution.upstream());
    privileged(chart);
    expect(chart.toJson()).toHaveLength(1);
    privileged(new Chart(app, 'other'));
    expect(() => chart.toJson()).toThrow(/\[\] other\/Own: spec\.template\.spec\.hostNetwork true/);
  });

  it('is said once of a resource that cannot be made at all', () => {
    const chart = chartOn(Distribution.openshift());
    own(chart, {
      kind: 'Pod',
      spec: Lazy.any({
        produce: () => {
          throw new Error('It has no mind to.');
        },
      }),
    });
    let message = '';
    try {
      chart.toJson();
    } catch (error) {
      message = `${error}`;
    }
    expect(message.match(/It has no mind to/g)).toHaveLength(1);
    expect(message).not.toContain('Validation failed');
  });

  it('is less without a rule, by its name', () => {
    const admission = new OpenShiftAdmission().without('host-access');
    expect(synth(privileged, Distribution.openshift({ admission }))).toHaveLength(1);
    const user = (chart: Chart) => deployment(chart, {}, { securityContext: { runAsUser: 1 } });
    expect(complaints(Distribution.openshift({ admission }), user)).toHaveLength(1);
    expect(() => new OpenShiftAdmission().without('fixed-users')).toThrow(
      'AdmissionRules: names "fixed-users" is not a rule of OpenShift. Give some of fixed-user, host-access.',
    );
  });
});
