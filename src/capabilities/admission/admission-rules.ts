import { InvalidInputError } from '../../kubernetes/errors';
import { IAdmission, IAdmissionRule } from '../../platform/admission';

/** A list of rules. */
export class AdmissionRules implements IAdmission {
  /**
   * @param platform - who demands it, as errors name it
   * @param rules - what it demands
   */
  constructor(
    readonly platform: string,
    readonly rules: IAdmissionRule[],
  ) {}

  /**
   * The same list without some rules, for a cluster that was told to allow what they are about.
   *
   * @param names - names of the rules
   * @example
   * Distribution.openshift({ admission: new OpenShiftAdmission().without('fixed-user') });
   */
  without(...names: string[]): AdmissionRules {
    const known = this.rules.map(({ name }) => name);
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new InvalidInputError('AdmissionRules', {
        property: 'names',
        value: unknown,
        reason: `is not a rule of ${this.platform}`,
        remedy: `Give some of ${known.join(', ')}`,
      });
    }
    return new AdmissionRules(
      this.platform,
      this.rules.filter(({ name }) => !names.includes(name)),
    );
  }
}
