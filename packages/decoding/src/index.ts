export { BYTE_ORDERS, type ByteOrder } from './byte-order.ts';
export { type CoilAnswer, coilWriteFrame, findCoilAnswer } from './coil-write.ts';
export { crc16 } from './crc16.ts';
export { type Decimal, decimalOf, decimalToNumber, parseDecimal } from './decimal.ts';
export {
  decodeFrameBytes,
  type FrameAnswer,
  type FrameQuery,
  type ShownAnswer,
} from './decode-frame-bytes.ts';
export { decodeValue, type ShownValue, type ValueAnswer, type ValueQuery } from './decode-value.ts';
export type { Decoded, DecodeFailure } from './decoded.ts';
export {
  type Alternative,
  type ExplainStep,
  type Explanation,
  explainFactor,
  MAX_ALTERNATIVES,
  type PlausibleRange,
  type ReadData,
} from './explain.ts';
export { type FoundAnswers, findAnswers } from './frame-answer.ts';
export { bitsOf, registersOf } from './frame-data.ts';
export { type FramePart, MAX_SCAN_BYTES, scanFrames } from './frame-scan.ts';
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
  type FrameReadings,
  type PlainReadings,
  type Plan,
  type PlanProblem,
} from './plan.ts';
export type { BlockPlace, FrameReading, PlanBlock } from './plan-block.ts';
export type { PlannedFactor } from './planned-factor.ts';
export { REGISTER_TYPES, type RegisterType } from './register-types.ts';
export { compileScaling, type Scaling } from './scaling.ts';
export { FLOAT16, FLOAT32, FLOAT64, type FloatFormat, NO_DECIMALS } from './shortest-float.ts';
