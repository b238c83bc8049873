import { ClusterNetwork, ClusterNetworkProps } from 'cdk8s-django/network';

const all: Required<ClusterNetworkProps> = {
  monitoringNamespaceLabels: { team: 'monitoring' },
  dnsPods: { podLabels: { app: 'coredns' } },
};

describe('the network of a cluster', () => {
  it('resolves names on port 53 at whatever address: a node-local cache has the node’s', () => {
    expect(new ClusterNetwork(all).dnsPorts).toEqual([
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ]);
  });

  it('has kube-dns resolve names when no other pods are named', () => {
    const { monitoringNamespaceLabels } = all;
    expect(new ClusterNetwork({ monitoringNamespaceLabels }).dnsPods).toEqual([
      {
        namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
        podLabels: { 'k8s-app': 'kube-dns' },
      },
    ]);
    expect(new ClusterNetwork(all).dnsPods).toEqual([{ podLabels: { app: 'coredns' } }]);
  });

  it('is scraped from the namespace of the monitoring', () => {
    expect(new ClusterNetwork(all).metricsSources).toEqual([{ namespaceLabels: { team: 'monitoring' } }]);
  });
});
