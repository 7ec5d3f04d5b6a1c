import type { Framing, RejectReason } from '@furrow/contracts';
import { crc16 } from './crc16.ts';
import {
  EXCEPTION_BIT,
  exceptionName,
  isReadFunction,
  READ_FUNCTIONS,
  type ReadFunction,
  WRITE_FUNCTIONS,
} from './modbus-function.ts';

/** The longest RTU frame, in bytes (Modbus over serial line 1.02, section 2.5.1). */
export const MAX_RTU_BYTES = 256;
/** The longest answer to a read, in data bytes (specification 1.1b3, sections 6.1 to 6.4): 2,000 bits or 125 registers. */
export const MAX_DATA_BYTES = 250;

export const MIN_RTU_BYTES = 4;
export const CRC_BYTES = 2;
/** The header of a TCP frame: transaction, protocol, length, and the unit, which the length counts already. */
export const MBAP_BYTES = 7;
export const MBAP_LENGTH_FROM = 6;
const WRITE_ANSWER_BYTES = 5;

/** An answer that carries data: bits, least significant first, or registers, two bytes each. */
export interface DataFrame {
  readonly ok: true;
  readonly kind: 'bits' | 'registers';
  /** Undefined for the framings that carry none (`pdu`, `registers`). */
  readonly unit: number | undefined;
  /** Undefined for framing `registers`. */
  readonly function: ReadFunction | undefined;
  /** The data bytes as on the wire: at least one; an even number for registers. Shares memory with the frame. */
  readonly data: Uint8Array;
}

/** Bytes that carry no data, and why. What was understood of them stands beside the reason. */
export interface FrameFailure {
  readonly ok: false;
  readonly reason: Extract<
    RejectReason,
    'frame_crc' | 'frame_malformed' | 'frame_exception' | 'frame_function'
  >;
  readonly message: string;
  readonly unit?: number;
  readonly function?: number;
  readonly exceptionCode?: number;
}

export type ParsedFrame = DataFrame | FrameFailure;

/**
 * Reads bytes that are one Modbus answer and nothing else; `scanFrames` finds answers among other bytes. `kind` is only for framing
 * `registers`, whose bytes do not say what they are. Total: every sequence of bytes gives a result.
 */
export function parseModbusFrame(
  bytes: Uint8Array,
  framing: Framing,
  kind: DataFrame['kind'] = 'registers',
): ParsedFrame {
  return PARSERS[framing](bytes, kind);
}

const PARSERS: Readonly<Record<Framing, (bytes: Uint8Array, kind: DataFrame['kind']) => ParsedFrame>> = {
  rtu: parseRtu,
  tcp: parseTcp,
  pdu: (bytes) => parsePdu(bytes, undefined),
  registers: (bytes, kind) => parseData(bytes, kind, undefined, undefined),
};

function parseRtu(bytes: Uint8Array): ParsedFrame {
  if (bytes.length < MIN_RTU_BYTES) {
    return malformed(`an RTU frame has at least ${MIN_RTU_BYTES} bytes, this one ${bytes.length}`);
  }
  if (bytes.length > MAX_RTU_BYTES) {
    return malformed(`an RTU frame has at most ${MAX_RTU_BYTES} bytes, this one ${bytes.length}`);
  }
  const pdu = bytes.subarray(1, bytes.length - CRC_BYTES);
  if (crc16(bytes) === 0) return parsePdu(pdu, bytes[0]);
  // A truncated or lengthened frame fails the checksum too; its own byte count tells the two apart.
  const expected = pduLength(pdu);
  if (expected !== undefined && expected !== pdu.length) {
    return malformed(`the frame is ${sizeText(pdu.length, expected)}`, bytes[0], pdu[0]);
  }
  const bodyEnd = bytes.length - CRC_BYTES;
  const right = crc16(bytes, 0, bodyEnd);
  const sent = new DataView(bytes.buffer, bytes.byteOffset).getUint16(bodyEnd, true);
  return {
    ok: false,
    reason: 'frame_crc',
    message: `the frame carries CRC ${wireHex(sent)}, its bytes give ${wireHex(right)}`,
  };
}

function parseTcp(bytes: Uint8Array): ParsedFrame {
  if (bytes.length <= MBAP_BYTES) {
    return malformed(
      `a TCP frame has a header of ${MBAP_BYTES} bytes and a function, this one ${bytes.length} bytes`,
    );
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, MBAP_BYTES);
  const protocol = header.getUint16(2);
  if (protocol !== 0) return malformed(`the protocol identifier of Modbus is 0, the header says ${protocol}`);
  const length = header.getUint16(4);
  const following = bytes.length - MBAP_LENGTH_FROM;
  if (length !== following) return malformed(`the header says ${length} bytes follow, ${following} do`);
  return parsePdu(bytes.subarray(MBAP_BYTES), header.getUint8(6));
}

/** Reads the function and data of an answer; `unit` is what the frame around them said. */
export function parsePdu(pdu: Uint8Array, unit: number | undefined): ParsedFrame {
  const code = pdu[0];
  if (code === undefined) return malformed('the frame has no bytes', unit);
  const expected = pduLength(pdu);
  if (expected === undefined) {
    return failure('frame_function', `function ${code} carries no readings`, unit, code);
  }
  if (expected !== pdu.length) {
    const what = requestOf(pdu) ? 'is the request, not its answer' : `is ${sizeText(pdu.length, expected)}`;
    return malformed(`the frame ${what}`, unit, code & ~EXCEPTION_BIT);
  }
  if (code >= EXCEPTION_BIT) {
    const exceptionCode = new DataView(pdu.buffer, pdu.byteOffset).getUint8(1);
    const exception = failure('frame_exception', exceptionName(exceptionCode), unit, code & ~EXCEPTION_BIT);
    return { ...exception, exceptionCode };
  }
  if (!isReadFunction(code)) {
    return failure(
      'frame_function',
      `function ${code} acknowledges a write and carries no readings`,
      unit,
      code,
    );
  }
  const kind = code <= READ_FUNCTIONS.discrete ? 'bits' : 'registers';
  return parseData(pdu.subarray(2), kind, unit, code);
}

function parseData(
  data: Uint8Array,
  kind: DataFrame['kind'],
  unit: number | undefined,
  code: ReadFunction | undefined,
): ParsedFrame {
  if (data.length === 0) return malformed('the answer has no data bytes', unit, code);
  if (data.length > MAX_DATA_BYTES) {
    return malformed(
      `an answer has at most ${MAX_DATA_BYTES} data bytes, this one ${data.length}`,
      unit,
      code,
    );
  }
  if (kind === 'registers' && data.length % 2 !== 0) {
    return malformed(`registers have two bytes each, the answer has ${data.length}`, unit, code);
  }
  return { ok: true, kind, unit, function: code, data };
}

/** The question that an answer answers. */
export interface ReadRequest {
  readonly function: ReadFunction;
  readonly address: number;
  /** How many registers or bits it asks for. */
  readonly count: number;
}

const REQUEST_BYTES = 5;

/** The most that each function may ask for (specification 1.1b3, sections 6.1 to 6.4). */
const MAX_COUNT = { 1: 2000, 2: 2000, 3: 125, 4: 125 } as const satisfies Record<ReadFunction, number>;

/** The read request that the bytes of a PDU are, if they are one. */
export function requestOf(pdu: Uint8Array): ReadRequest | undefined {
  if (pdu.length !== REQUEST_BYTES) return undefined;
  const view = new DataView(pdu.buffer, pdu.byteOffset, REQUEST_BYTES);
  const code = view.getUint8(0);
  const count = view.getUint16(3);
  if (!isReadFunction(code) || count === 0 || count > MAX_COUNT[code]) return undefined;
  return { function: code, address: view.getUint16(1), count };
}

/** How many data bytes answer a request. */
export function answerBytes(request: ReadRequest): number {
  return request.function <= READ_FUNCTIONS.discrete ? Math.ceil(request.count / 8) : request.count * 2;
}

/** The length that an answer's PDU says it has, or undefined when its function is unknown. */
export function pduLength(pdu: Uint8Array): number | undefined {
  const [code = 0, byteCount = 0] = pdu;
  if (code >= EXCEPTION_BIT) return 2;
  if (isReadFunction(code)) return 2 + byteCount;
  return WRITE_FUNCTIONS.includes(code) ? WRITE_ANSWER_BYTES : undefined;
}

function sizeText(length: number, expected: number): string {
  const difference = Math.abs(length - expected);
  return `${difference} byte${difference === 1 ? '' : 's'} ${length < expected ? 'short' : 'too long'}`;
}

/** A CRC as its two bytes stand in the frame: low byte first. */
function wireHex(crc: number): string {
  const swapped = ((crc & 0xff) << 8) | (crc >>> 8);
  return swapped.toString(16).padStart(4, '0').toUpperCase();
}

/** A failure of `frame_malformed`. */
export function malformed(message: string, unit?: number, code?: number): FrameFailure {
  return failure('frame_malformed', message, unit, code);
}

function failure(
  reason: FrameFailure['reason'],
  message: string,
  unit: number | undefined,
  code: number | undefined,
): FrameFailure {
  return {
    ok: false,
    reason,
    message,
    ...(unit === undefined ? {} : { unit }),
    ...(code === undefined ? {} : { function: code }),
  };
}
