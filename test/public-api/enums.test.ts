import { publicNames } from '../support/public-names';

/** What takes one of a few values: editors complete an enum, and no string. */
const SETS: Record<string, string> = {
  'DjangoAppProps.asgiServer': 'AsgiServer',
  'DjangoAppProps.wsgiServer': 'WsgiServer',
  'SettingsOverlay.logFormat': 'LogFormat',
  'MediaVolume.accessMode': 'VolumeAccessMode',
  'ScheduledCommandProps.concurrencyPolicy': 'ConcurrencyPolicy',
  'Placement.architecture': 'Architecture',
  'IPythonImage.architecture': 'Architecture',
  'DjangoApp.architecture': 'Architecture',
  'GeneratedSecretProps.kind': 'GeneratedSecretKind',
  'PostgresHostProps.sslMode': 'SslMode',
  'PostgresServersProps.sslMode': 'SslMode',
  'ManagedDatabase.sslMode': 'SslMode',
  'DatabaseConnection.sslMode': 'SslMode',
  'NetworkPort.protocol': 'NetworkProtocol',
  'AlbIngressRoutingProps.scheme': 'LoadBalancerScheme',
  'EksAutoModeRoutingProps.scheme': 'LoadBalancerScheme',
  'EksGatewayRoutingProps.scheme': 'LoadBalancerScheme',
  'RedirectTarget.scheme': 'UrlScheme',
  'EbsStorageProps.reclaimPolicy': 'ReclaimPolicy',
  'ExistingSecretStoreProps.kind': 'SecretStoreKind',
  'KedaPrometheus.authModes': 'PrometheusAuthMode[]',
  'KedaPrometheus.triggerAuthenticationKind': 'TriggerAuthenticationKind',
};

const names = publicNames();
const enums = [...new Set(Object.values(SETS).map((type) => type.replace('[]', '')))];

describe('closed sets of values', () => {
  it('are enums', () => {
    const types = Object.keys(SETS).map((name) => [name, names.get(name)]);
    expect(Object.fromEntries(types)).toEqual(SETS);
  });

  it.each(enums)('are exported: %s', (name) => {
    expect(names.has(name)).toBe(true);
    const members = [...names.keys()].filter((one) => one.startsWith(`${name}.`));
    expect(members.length).toBeGreaterThan(1);
    expect(members.filter((member) => !/\.[A-Z][A-Z\d_]*$/.test(member))).toEqual([]);
  });
});
