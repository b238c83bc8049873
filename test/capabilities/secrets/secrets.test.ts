import {
  Architecture,
  ExistingSecret,
  GeneratedSecret,
  GeneratedSecretKind,
  GeneratedSecretProps,
} from 'cdk8s-django';
import { SAMPLES } from '../../support/distributions';
import { namesOf } from '../../support/manifests';
import { chartOn, django, find, findAll, IMAGE, startingWith, synth } from '../../support/synth';

/** Every prop: none is optional. */
const props: Required<GeneratedSecretProps> = {
  name: 'broker',
  selector: { name: 'polls', instance: 'polls', component: 'web' },
  key: 'password',
  kind: GeneratedSecretKind.PASSWORD,
  python: { image: IMAGE, imagePullSecrets: ['registry'], runAsUser: 1234, architecture: Architecture.ARM64 },
};

describe.each(SAMPLES)('a generated Secret on $name', ({ make }) => {
  const manifests = () => synth((chart) => new GeneratedSecret(chart, 'Secret', props), make());

  it('is in the manifests without data, so that applying them again leaves its data alone', () => {
    const secret = find(manifests(), 'Secret', 'broker');
    expect(secret.type).toBe('Opaque');
    expect(Object.keys(secret).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'type']);
  });

  it('is filled by a Job that may read and patch this one Secret', () => {
    const made = manifests();
    expect(find(made, 'Role', 'broker-secret').rules).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['broker'], verbs: ['get', 'patch'] },
    ]);
    expect(find(made, 'RoleBinding', 'broker-secret').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'broker-secret' },
    ]);
    const { spec } = startingWith(made, 'Job', 'broker-secret').spec.template;
    expect(spec.serviceAccountName).toBe('broker-secret');
    expect(spec.restartPolicy).toBe('OnFailure');
    expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(spec.nodeSelector).toEqual({ 'kubernetes.io/arch': 'arm64' });
    expect(spec.containers[0]).toMatchObject({
      image: IMAGE,
      command: ['python', '-m', 'cdk8s_django.generate_secret', 'broker', 'password=password'],
    });
  });

  it('is made by a program that the Job has with all that it imports', () => {
    const [job] = findAll(manifests(), 'Job');
    const mounted = job.spec.template.spec.volumes[0].projected.sources.map(
      ({ configMap }: any) => configMap.name,
    );
    expect(mounted).toHaveLength(2);
    const data = Object.assign(
      {},
      ...mounted.map((name: string) => find(manifests(), 'ConfigMap', name).data),
    ) as Record<string, string>;
    expect(Object.keys(data)).toContain('generate_secret.py');
    const imports = Object.values(data).flatMap((python) =>
      [...python.matchAll(/^from (?:cdk8s_django)?\.(\w*) import (\w+)/gm)].map(
        ([, from, name]) => from || name,
      ),
    );
    expect(imports.length).toBeGreaterThan(0);
    for (const module of imports) expect(Object.keys(data)).toContain(`${module}.py`);
  });
});

describe('a generated Secret', () => {
  it('has pods that no other selector matches', () => {
    const { selector } = new GeneratedSecret(chartOn(), 'Secret', props);
    expect(selector).toEqual({ name: 'polls', instance: 'polls', component: 'secret-generator' });
  });

  it('is a reference to be used, not a value', () => {
    const { value } = new GeneratedSecret(chartOn(), 'Secret', props);
    expect(value).toEqual({ secretName: 'broker', key: 'password' });
  });

  it('restricts its network once, however often it is asked to', () => {
    const chart = chartOn();
    const secret = new GeneratedSecret(chart, 'Secret', props);
    expect(secret.networkPolicy).toBeUndefined();
    secret.restrictNetwork();
    secret.restrictNetwork();
    expect(chart.toJson().filter(({ kind }) => kind === 'NetworkPolicy')).toHaveLength(1);
  });

  it('is the SECRET_KEY of an application that gives none', () => {
    const manifests = synth((chart) => django(chart));
    const [container] = startingWith(manifests, 'Job', 'polls-secret').spec.template.spec.containers;
    expect(container.command.slice(-2)).toEqual(['polls', 'secret-key=secret-key']);
  });

  it('is not made for an application that gives its SECRET_KEY', () => {
    const manifests = synth((chart) => django(chart, { secretKey: { secretName: 'keys', key: 'django' } }));
    expect(manifests.filter(({ kind }) => ['Secret', 'Job', 'Role'].includes(kind))).toEqual([]);
    expect(namesOf(manifests)).toHaveLength(4);
  });
});

describe('an existing Secret', () => {
  it('makes no resource', () => {
    const manifests = synth(
      (chart) => new ExistingSecret(chart, 'Stripe', { name: 'stripe', keys: ['api-key'] }),
    );
    expect(manifests).toEqual([]);
  });

  it('gives references to its keys', () => {
    const secret = new ExistingSecret(chartOn(), 'Stripe', { name: 'stripe', keys: ['api-key', 'hook'] });
    expect(secret.value('hook')).toEqual({ secretName: 'stripe', key: 'hook' });
  });
});
