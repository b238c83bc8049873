export { NamespaceRangeSecurity, RestrictedSecurity } from '../capabilities/security/security';
