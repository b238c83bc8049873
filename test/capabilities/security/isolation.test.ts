import { App, Chart } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import { AppArmorProfile, NamespaceRangeSecurity, RestrictedSecurity } from 'cdk8s-django/security';
import { SAMPLES } from '../../support/distributions';
import { podsIn } from '../../support/manifests';
import { K3s } from '../../support/own-distribution';
import { django, errorOf, everything, synth } from '../../support/synth';

const FIXED = SAMPLES.filter(({ name }) => name !== 'openshift');

const pods = (distribution: IDistribution) => {
  const found = podsIn(synth(everything, distribution));
  expect(found.length).toBeGreaterThan(4);
  return found;
};

const namesOf = (found: any[]) => found.map(({ owner }) => owner);

/** A distribution with another security. */
const having = (distribution: IDistribution, security: RestrictedSecurity): IDistribution => ({
  ...distribution,
  kubernetesVersion: '1.33',
  security,
});

describe.each(SAMPLES)('pods on $name', ({ make }) => {
  it('have the user ids of their node, and no profile of AppArmor in their manifests', () => {
    expect(JSON.stringify(pods(make()))).not.toMatch(/hostUsers|appArmor/);
  });
});

describe.each(FIXED)('pods of all kinds on $name', ({ make }) => {
  it('have user namespaces of their own, with the users that they had', () => {
    const before = pods(make());
    const after = pods(having(make(), new RestrictedSecurity({ userNamespaces: true })));
    // Jobs are others, because those that are there cannot be changed.
    expect(namesOf(after)).not.toEqual(namesOf(before));
    after.forEach(({ spec }, index) => {
      expect(spec.hostUsers).toBe(false);
      expect(spec.securityContext).toEqual(before[index].spec.securityContext);
    });
  });

  it('have a profile of AppArmor, which all their containers keep to', () => {
    const security = new RestrictedSecurity({ appArmorProfile: AppArmorProfile.runtimeDefault() });
    const found = pods(having(make(), security));
    expect(namesOf(found)).toEqual(namesOf(pods(make())));
    for (const { spec } of found) {
      expect(spec.securityContext.appArmorProfile).toEqual({ type: 'RuntimeDefault' });
      expect(spec).not.toHaveProperty('hostUsers');
      const containers = [...spec.containers, ...(spec.initContainers ?? [])];
      for (const { securityContext } of containers)
        expect(securityContext).not.toHaveProperty('appArmorProfile');
    }
  });
});

test('a profile is also one that is loaded on the nodes', () => {
  const security = new RestrictedSecurity({ appArmorProfile: AppArmorProfile.localhost('polls') });
  expect(security.podSecurityContext({ id: 1000 }).appArmorProfile).toEqual({
    type: 'Localhost',
    localhostProfile: 'polls',
  });
});

test('on OpenShift pods have user namespaces, and the platform chooses their users', () => {
  const security = new NamespaceRangeSecurity({ userNamespaces: true });
  const distribution = Distribution.openshift({ kubernetesVersion: '1.33', security });
  for (const { spec } of pods(distribution)) {
    expect(spec.hostUsers).toBe(false);
    expect(spec.securityContext).not.toHaveProperty('runAsUser');
  }
});

describe('what is refused', () => {
  const userNamespaces = new RestrictedSecurity({ userNamespaces: true });

  it.each(['', ' polls', undefined as any])('is a profile of the name %j', (name) => {
    expect(() => AppArmorProfile.localhost(name)).toThrow(
      /^AppArmorProfile.localhost: name .* is not the name of a profile. Give it as .*profiles of a node has it.$/,
    );
  });

  it('is AppArmor on OpenShift', () => {
    expect(() => new NamespaceRangeSecurity({ appArmorProfile: AppArmorProfile.runtimeDefault() })).toThrow(
      'NamespaceRangeSecurity: appArmorProfile "RuntimeDefault" is of AppArmor, and the nodes of OpenShift have' +
        ' SELinux in its place. Leave it out: OpenShift gives each namespace an SELinux context.',
    );
  });

  it.each(['1.30', '1.32'])(
    'are user namespaces on Kubernetes %s, which drops the field',
    (kubernetesVersion) => {
      const message =
        `security.userNamespaces true needs Kubernetes 1.33: ${kubernetesVersion} drops it from pods. Give` +
        ' kubernetesVersion: "1.33" where the cluster is that new, or leave it out.';
      expect(() => Distribution.upstream({ kubernetesVersion, security: userNamespaces })).toThrow(
        `Distribution.upstream: ${message}`,
      );
      const own = Object.assign(new K3s(), { kubernetesVersion, security: userNamespaces });
      expect(() => Distribution.bind(new App(), own)).toThrow(`Distribution "k3s": ${message}`);
    },
  );

  it('is a user that there is not in one', () => {
    const make = (runAsUser: number) => (chart: Chart) => django(chart, { runAsUser });
    const distribution = having(SAMPLES[0].make(), userNamespaces);
    expect(errorOf(make(65_536), distribution)).toContain(
      'runAsUser 65536 is above 65535, the greatest in the user namespace of a pod. Choose a lower one, or leave' +
        ' userNamespaces of the security of the distribution out.',
    );
    expect(podsIn(synth(make(65_535), distribution)).length).toBeGreaterThan(0);
  });
});
