export { type FleetProps, type IFleetApplication } from '../fleet/application';
export { type DeliveredKind, type DeliveredNamespace, type IFleetDelivery } from '../fleet/delivery';
export { Fleet } from '../fleet/fleet';
