import { ApiObjectProps, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { Members } from '../../platform/members';

const POLICIES = new Members<ServicePolicy>('service-policies');

/**
 * A resource in which a platform keeps the timeouts and the health check of a Service, regardless of the number of its
 * routes.
 *
 * Throws when the Service already has one of the kind, in any chart of its namespace.
 */
export class ServicePolicy extends Resource {
  readonly serviceName: string;

  constructor(scope: Construct, id: string, serviceName: string, props: ApiObjectProps) {
    const key = [props.kind, Chart.of(scope).namespace, serviceName].join('/');
    const [other] = POLICIES.of(scope, [key]);
    if (other) {
      Problems.report(scope, {
        property: 'app',
        value: serviceName,
        reason: `has a route already, and its Service can have one ${props.kind}: that at ${other.node.path}`,
        remedy: 'Give that route all the hosts',
      });
    }
    super(scope, id, props);
    this.serviceName = serviceName;
    POLICIES.add(this, [key]);
  }
}
