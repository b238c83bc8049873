import { App, Chart, Yaml } from 'cdk8s';
import { Distribution, DjangoApp, DjangoAppProps } from 'cdk8s-django';
import { SAMPLES, sample } from '../support/distributions';
import { everything, IMAGE, synth } from '../support/synth';

/** The bytes of a chart's file. */
function textOf(define: (chart: Chart) => void, distribution = sample('upstream')): string {
  const app = new App();
  Distribution.bind(app, distribution);
  define(new Chart(app, 'polls', { namespace: 'polls' }));
  return app.synthYaml();
}

const withApp = (props: DjangoAppProps) => textOf((chart) => new DjangoApp(chart, 'Polls', props));

describe.each(SAMPLES)('the manifests on $name', ({ make }) => {
  it('are the same bytes each time they are made', () => {
    const first = textOf((chart) => everything(chart), make());
    expect(first.length).toBeGreaterThan(20_000);
    expect(textOf((chart) => everything(chart), make())).toBe(first);
  });

  it('do not depend on environment variables', () => {
    const before = process.env;
    const first = textOf((chart) => everything(chart), make());
    process.env = {};
    try {
      expect(textOf((chart) => everything(chart), make())).toBe(first);
      process.env = { ...before, HOME: '/elsewhere', TZ: 'Asia/Tokyo', LANG: 'tr_TR', SECRET_KEY: 'x' };
      expect(textOf((chart) => everything(chart), make())).toBe(first);
    } finally {
      process.env = before;
    }
  });

  it('have no time and no tree path in them', () => {
    const manifests = synth((chart) => everything(chart), make());
    const text = Yaml.stringify(...manifests.map(({ data: _data, ...manifest }) => manifest));
    expect(text.length).toBeGreaterThan(5000);
    expect(text).not.toMatch(/\b20\d\d-\d\d-\d\dT/);
    expect(text).not.toContain('polls/Polls');
  });
});

describe('the manifests', () => {
  const props: DjangoAppProps = {
    name: 'polls',
    image: IMAGE,
    settingsModule: 'mysite.settings',
    environment: { B: '2', A: '1' },
    secretEnvironment: { STRIPE_KEY: { secretName: 'stripe', key: 'api-key' } },
    resources: { memoryLimit: '1Gi', cpuRequest: '1' },
    scaling: { maxReplicas: 3, minReplicas: 2 },
    allowedHosts: ['a.internal'],
  };

  it('do not depend on the order of props', () => {
    const backwards = Object.fromEntries(Object.entries(props).reverse()) as unknown as DjangoAppProps;
    expect(Object.keys(backwards)).not.toEqual(Object.keys(props));
    expect(withApp(backwards)).toBe(withApp(props));
  });

  it('do not depend on the order of keys within props', () => {
    const reordered = {
      ...props,
      environment: { A: '1', B: '2' },
      resources: { cpuRequest: '1', memoryLimit: '1Gi' },
      scaling: { minReplicas: 2, maxReplicas: 3 },
    };
    expect(withApp(reordered)).toBe(withApp(props));
  });

  it('do not depend on the order of variables from Secrets, which would replace the pods', () => {
    const [first, second] = ['first', 'second'].map((secretName) => ({ secretName, key: 'key' }));
    const one = { FIRST: first, SECOND: second };
    const two = { SECOND: second, FIRST: first };
    expect(withApp({ ...props, secretEnvironment: two })).toBe(withApp({ ...props, secretEnvironment: one }));
  });

  it('leave the props as they were given', () => {
    const before = JSON.stringify(props);
    withApp(props);
    expect(JSON.stringify(props)).toBe(before);
  });
});
