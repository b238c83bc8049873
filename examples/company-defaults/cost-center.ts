import { ApiObject } from 'cdk8s';
import { IConstruct, IMixin } from 'constructs';

/** Labels each resource with who pays for it, those of other libraries too. */
export class CostCenter implements IMixin {
  constructor(private readonly costCenter: string) {}

  supports(construct: IConstruct): boolean {
    return ApiObject.isApiObject(construct);
  }

  applyTo(construct: IConstruct): void {
    ApiObject.of(construct).metadata.addLabel('example.com/cost-center', this.costCenter);
  }
}
