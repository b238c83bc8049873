export { AppArmorProfile } from '../capabilities/security/app-armor-profile';
export {
  NamespaceRangeSecurity,
  RestrictedSecurity,
  type RestrictedSecurityProps,
} from '../capabilities/security/security';
export { NamespaceLimits, type NamespaceLimitsProps } from '../namespace-limits/namespace-limits';
export { type OtherPods } from '../namespace-limits/other-pods';
