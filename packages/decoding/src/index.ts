export { BYTE_ORDERS, type ByteOrder } from './byte-order.ts';
export { crc16 } from './crc16.ts';
export { type Decimal, decimalOf, decimalToNumber, parseDecimal } from './decimal.ts';
export type { Decoded } from './decoded.ts';
export { bitAt, bitsOf, registersOf } from './frame-data.ts';
export { formatHex, parseHex } from './hex.ts';
export {
  type DataFrame,
  type FrameFailure,
  MAX_DATA_BYTES,
  MAX_RTU_BYTES,
  type ParsedFrame,
  parseModbusFrame,
} from './modbus-frame.ts';
export { exceptionName, READ_FUNCTIONS, type ReadFunction, WRITE_FUNCTIONS } from './modbus-function.ts';
export {
  compilePlan,
  type FrameReading,
  type FrameReadings,
  type Plan,
  type PlanProblem,
} from './plan.ts';
export type { PlannedFactor } from './planned-factor.ts';
export { REGISTER_TYPES, type RegisterReader, type RegisterType } from './register-types.ts';
export { compileScaling, type Scaling } from './scaling.ts';
export { decimalsOfFloat32, NO_DECIMALS, shortestFloat32 } from './shortest-float32.ts';
