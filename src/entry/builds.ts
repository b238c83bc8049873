export { OpenShiftBuilds } from '../capabilities/builds/openshift-builds';
export { ShipwrightBuilds, type ShipwrightBuildsProps } from '../capabilities/builds/shipwright-builds';
