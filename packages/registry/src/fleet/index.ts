export {
  type Fleet,
  type FleetDevice,
  type FleetFactor,
  type FleetInput,
  type FleetOrg,
  type FleetProject,
  type FleetToken,
  fleetSchema,
} from './fleet-schema.ts';
export { parseFleet } from './parse-fleet.ts';
