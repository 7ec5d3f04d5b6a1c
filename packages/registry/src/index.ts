export type { AnswerBudget, ClaimOutcome } from './commands/claim-command.ts';
export type { ClaimedCommand, CommandRecord } from './commands/command-record.ts';
export {
  type CommandEnd,
  Commands,
  type IssueOutcome,
  MAX_WAITING_COMMANDS,
  type NewCommand,
} from './commands/commands.ts';
export type { BindOutcome, BindRequest } from './devices/bind-device.ts';
export { ContactLog, type ContactLogOptions } from './devices/contact-log.ts';
export type { DeviceOrderField, DeviceQuery } from './devices/device-query.ts';
export {
  type DeviceChange,
  type DeviceKey,
  Devices,
  type MoveOutcome,
  type NewDevice,
} from './devices/devices.ts';
export type { EngineOptions } from './engine/engine.ts';
export {
  describeAddress,
  parseRegistryUrl,
  REGISTRY_URL_RULE,
  type RegistryAddress,
} from './engine/registry-url.ts';
export {
  FleetError,
  RegistryConflictError,
  RegistryError,
  type RegistryErrorCode,
  RegistryInUseError,
  RegistryOpenError,
  RegistryQueryError,
  RegistryUnavailable,
  RegistryUrlError,
} from './errors.ts';
export { type DeviceType, deviceTypes, FACTOR_TYPES, type FactorType } from './factor-types.ts';
export {
  type FactorKey,
  type FactorOutcome,
  Factors,
  type ImportedRow,
  type ImportOutcome,
  type WantedFactor,
} from './factors/factors.ts';
export { type FactorProblem, MAX_FACTORS_PER_DEVICE } from './factors/place-factors.ts';
export {
  type Fleet,
  type FleetDevice,
  type FleetFactor,
  type FleetInput,
  type FleetOrg,
  type FleetProject,
  type FleetToken,
  fleetSchema,
} from './fleet/fleet-schema.ts';
export { parseFleet } from './fleet/parse-fleet.ts';
export type { NewToken, SeedCounts, SeedReport } from './fleet/seed-report.ts';
export { type Module, Modules, type TemplateFactor } from './modules/modules.ts';
export type { AccessTokens, TokenOutcome, TokenSummary, TokenWish } from './operator/access-tokens.ts';
export type {
  DeviceStock,
  PlaceOutcome,
  StockDetails,
  StockDevice,
  StockQuery,
} from './operator/device-stock.ts';
export {
  type DeviceForm,
  deviceFormSchema,
  type OrgForm,
  orgFormSchema,
  type ProjectForm,
  projectFormSchema,
  type TokenForm,
  tokenFormSchema,
} from './operator/forms.ts';
export type { OrgSummary, Orgs } from './operator/orgs.ts';
export type { Listed, PageOf } from './operator/page.ts';
export type { ProjectName, ProjectSummary, Projects } from './operator/projects.ts';
export type { DeviceLabel, RegisterOutcome } from './operator/register-devices.ts';
export { PlanCache } from './plans/plan-cache.ts';
export type { PlanCacheOptions, PlanCacheStatus } from './plans/plan-cache-options.ts';
export type { LoadedDevice, LoadedFamily, PlanLoader } from './plans/plan-loader.ts';
export type { DevicePlan, PlannedDevice, PlanSource } from './plans/plan-source.ts';
export type {
  AccessScope,
  AccessToken,
  DeviceDetails,
  FactorOfDevice,
  RegisteredDevice,
  RegisteredFactor,
  RegisteredProject,
  TokenRefusal,
  TokenVerdict,
} from './records.ts';
export { openRegistry, type Registry, type RegistryOptions } from './registry.ts';
export type { TokenRole } from './schema/index.ts';
export { newTokenText } from './tokens/token-text.ts';
export type { TokenVerifierOptions } from './tokens/token-verifier.ts';
