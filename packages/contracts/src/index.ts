export {
  AGRI_ID_MAX_LENGTH,
  AGRI_ID_PATTERN,
  type AgriId,
  agriId,
  agriIdSchema,
  belongsTo,
  factorAgriId,
  ownerCandidates,
} from './agri-id.ts';
export {
  addressSchema,
  DATA_ENDIANS,
  DATA_TYPES,
  type DataEndian,
  type DataType,
  dataEndianSchema,
  dataTypeSchema,
  type Factor,
  type FactorDefinition,
  type FactorDefinitionInput,
  factorDefinitionSchema,
  factorWidth,
  isBitTable,
  isText,
  LAST_ADDRESS,
  MAX_READ_BITS,
  MAX_READ_REGISTERS,
  MODBUS_TYPES,
  type ModbusType,
  modbusTypeSchema,
  theTypeSchema,
  unitSchema,
} from './factor.ts';
export { type FactorOptions, factorOptionShape } from './factor-options.ts';
export { parseJsonExact } from './json.ts';
export type { Point } from './point.ts';
export { REJECT_REASON_CODES, REJECT_REASONS, type Reject, type RejectReason } from './reject.ts';
export {
  formatIssue,
  formatIssues,
  RECEIVED_MAX_LENGTH,
  type SchemaIssue,
  schemaIssues,
  shorten,
} from './schema-issue.ts';
export {
  arrivalTimes,
  MAX_AHEAD_MS,
  parseTimestamp,
  RETENTION_DAYS,
  RETENTION_MS,
  TIMESTAMP_RULE,
} from './time.ts';
export {
  FRAME_HEX_MAX_LENGTH,
  FRAMINGS,
  type Frame,
  type Framing,
  frameSchema,
  type Item,
  itemSchema,
  type ParseResult,
  parseFrame,
  parseItem,
  parseUplink,
  RAW_HEX_MAX_LENGTH,
  type Reading,
  slugSchema,
  type Uplink,
  type UplinkMessage,
  type UplinkSource,
  uplinkSchema,
} from './uplink.ts';
