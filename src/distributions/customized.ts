import { DistributionProps, IDistribution } from '../platform/distribution';
import { checkVersion } from '../kubernetes/versions';

/** A distribution in which what a program gives takes the place of what the table has. The table stays as it is. */
export function customized(table: IDistribution, props: DistributionProps): IDistribution {
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
  const own: IDistribution = { ...table, ...given };
  checkName(table.name, own.name);
  checkVersion(own.kubernetesVersion, `Distribution.${table.name}`);
  return own;
}

function checkName(original: string, name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return;
  throw new Error(
    `Distribution.${original}: name "${name}" is not a DNS label. Use lower-case letters, digits and "-", at most 63.`,
  );
}
