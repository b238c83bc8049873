export {
  AksScheduling,
  EksScheduling,
  GkeScheduling,
  KarpenterScheduling,
} from '../capabilities/scheduling/platforms';
export { NodeLabelScheduling, type NodeLabelSchedulingProps } from '../platform/node-labels';
