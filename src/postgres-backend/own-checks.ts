import { Construct } from 'constructs';
import { isDay } from '../kubernetes/calendar';
import { checkDerivedName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { checkDataClaim } from '../workloads/data-claims';
import { PostgresBackendProps } from './postgres-backend-props';

/** Connections of the log. A base backup has one. A replica copies by two, and follows by one. */
const SENDERS = { archive: 1, readReplicas: 3 };

/** Checks what a server of the library has beside its data, one against the other. */
export function checkOwnParts(scope: Construct, name: string, props: PostgresBackendProps): void {
  const { archive, certificateSecretName, parameters = {}, restore } = props;
  if (archive) checkDerivedName(scope, 'archive', { name, suffix: '-archive' });
  checkDataClaim(scope, 'archive.claimName', archive?.claimName, name);
  checkSecret(scope, name, certificateSecretName, props);
  checkLog(scope, parameters, props);
  checkDay(scope, restore?.at);
}

/** Refuses the Secret of a password for the certificate: it never has one, and the pod waits for it. */
function checkSecret(
  scope: Construct,
  name: string,
  secretName: string | undefined,
  { archive, password, readReplicas }: PostgresBackendProps,
): void {
  const generated = [
    ...(password ? [] : [name]),
    ...(archive ? [`${name}-archive`] : []),
    ...(readReplicas ? [`${name}-ro`] : []),
  ];
  if (secretName === undefined || !generated.includes(secretName)) return;
  Problems.report(scope, {
    property: 'certificateSecretName',
    value: secretName,
    reason: 'is the Secret in which the library makes a password',
    remedy: `Give another name, such as "${name}-tls"`,
  });
}

/** Refuses parameters that leave no log to copy. */
function checkLog(
  scope: Construct,
  { wal_level: level, max_wal_senders: senders }: Record<string, string>,
  props: PostgresBackendProps,
): void {
  const options = (['archive', 'readReplicas'] as const).filter((option) => props[option]);
  if (options.length === 0) return;
  const given = options.join(' and ');
  if (level === 'minimal') {
    Problems.report(scope, {
      property: 'parameters.wal_level',
      value: level,
      reason: `is too little for ${given}: the server would not start`,
      remedy: 'Give "replica" or "logical", or leave it out',
    });
  }
  const least = options.map((option) => SENDERS[option]).reduce((sum, one) => sum + one);
  if (senders === undefined || Number(senders) >= least) return;
  Problems.report(scope, {
    property: 'parameters.max_wal_senders',
    value: senders,
    reason: `is too few for ${given}: the log could not be copied`,
    remedy: `Give ${least} or more, or leave it out`,
  });
}

/** Refuses a day that no calendar has, and an hour that no day has. */
function checkDay(scope: Construct, at: string | undefined): void {
  const [, year, month, day, hour] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d).*Z$/.exec(at ?? '') ?? [];
  if (year === undefined || (isDay(Number(year), Number(month), Number(day)) && Number(hour) < 24)) return;
  Problems.report(scope, {
    property: 'restore.at',
    value: at,
    reason: 'is not a time in UTC',
    remedy: 'Give one such as "2026-11-20T10:00:00Z"',
  });
}
