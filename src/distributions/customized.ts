import { DistributionProps, IDistribution } from '../platform/distribution';
import { checkSecurity } from '../platform/security';
import { InvalidInputError } from '../kubernetes/errors';
import { checkPriorityClassName } from '../kubernetes/priority-classes';
import { checkVersion } from '../kubernetes/versions';

/** A distribution in which what a program gives takes the place of what the table has. The table stays as it is. */
export function customized(table: IDistribution, props: DistributionProps): IDistribution {
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
  const own: IDistribution = { ...table, ...given };
  checkName(table.name, own.name);
  const who = `Distribution.${table.name}`;
  checkVersion(own.kubernetesVersion, who);
  checkSecurity(own.security, own.kubernetesVersion, who);
  checkPriorityClassName(own.firstPriorityClassName, who);
  return own;
}

function checkName(original: string, name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return;
  throw new InvalidInputError(`Distribution.${original}`, {
    property: 'name',
    value: name,
    reason: 'is not a DNS label',
    remedy: 'Use lower-case letters, digits and "-", at most 63',
  });
}
