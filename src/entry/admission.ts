export { AdmissionRules } from '../capabilities/admission/admission-rules';
export {
  AksAutomaticAdmission,
  EksAutoModeAdmission,
  GkeAutopilotAdmission,
  OpenShiftAdmission,
} from '../capabilities/admission/platforms';
