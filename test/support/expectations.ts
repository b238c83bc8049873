/** The labels that select the pods of an application named `polls`. */
export const WEB_LABELS = {
  'app.kubernetes.io/name': 'polls',
  'app.kubernetes.io/instance': 'polls',
  'app.kubernetes.io/component': 'web',
};

/** The name server, which every distribution lets its pods ask: on the well-known port, and its pods on any. */
export const DNS_PORTS = [
  { port: 53, protocol: 'UDP' },
  { port: 53, protocol: 'TCP' },
];
