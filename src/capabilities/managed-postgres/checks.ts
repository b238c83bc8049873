import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { checkInteger } from '../../kubernetes/numbers';
import { ManagedPostgresRequest } from '../../platform/managed-postgres';

/** The facts of a server, by its name. */
export function serverFacts<Fact>(
  scope: Construct,
  { name }: ManagedPostgresRequest,
  facts: { [server: string]: Fact },
): { fact: Fact; property: string } {
  if (!Object.hasOwn(facts, name)) {
    Problems.report(scope, {
      property: 'name',
      value: name,
      reason: "is not among the distribution's managedPostgres.servers",
      remedy: `Add it to them: { ${JSON.stringify(name)}: { … } }`,
    });
  }
  return { fact: facts[name], property: `managedPostgres.servers.${name}` };
}

/** What a cloud has. */
export interface Offer {
  /** By its name: `RDS`. */
  readonly cloud: string;
  /** The oldest and the newest major version. */
  readonly versions: { readonly oldest: number; readonly newest: number };
  /** Days for which each second can be restored. */
  readonly recoveryDays: { readonly atLeast: number; readonly atMost: number };
}

/** Checks what is asked for against what a cloud has. The days of recovery, as a number. */
export function checkOffer(
  scope: Construct,
  { version, pointInTimeRecovery }: ManagedPostgresRequest,
  { cloud, versions: { oldest, newest }, recoveryDays }: Offer,
): number {
  if (version < oldest || version > newest) {
    Problems.report(scope, {
      property: 'version',
      value: version,
      reason: `is not a major version that claims to ${cloud} are made for`,
      remedy: `Give one from ${oldest} to ${newest}`,
    });
  }
  const days = pointInTimeRecovery.toDays({ integral: false });
  return checkInteger(scope, 'pointInTimeRecovery', days, { ...recoveryDays, unit: 'days' });
}

/** Checks a name in a cloud that takes no two hyphens in a row. */
export function checkHyphens(scope: Construct, name: string, cloud: string): void {
  if (!name.includes('--')) return;
  Problems.report(scope, {
    property: 'name',
    value: name,
    reason: `has two hyphens in a row, which ${cloud} does not take`,
    remedy: 'Use one of them',
  });
}

/** Checks that a fact has the form that a cloud gives such names. */
export function checkForm(
  scope: Construct,
  property: string,
  value: string,
  { form, what, example }: { form: RegExp; what: string; example: string },
): string {
  if (typeof value !== 'string' || !form.test(value)) {
    Problems.report(scope, {
      property,
      value,
      reason: `is not ${what}`,
      remedy: `Give it as the cloud shows it, such as "${example}"`,
    });
  }
  return value;
}
