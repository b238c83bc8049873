export { AppArmorProfile } from '../capabilities/security/app-armor-profile';
export {
  NamespaceRangeSecurity,
  RestrictedSecurity,
  type RestrictedSecurityProps,
} from '../capabilities/security/security';
