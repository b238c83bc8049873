export {
  PolicyValidation,
  type PolicyContext,
  type PolicyException,
  type IPolicyReport,
  type PolicyValidationProps,
  type PolicyViolation,
  type ViolatingResource,
} from '../policy/policy-validation';
