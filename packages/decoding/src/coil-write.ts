import { crc16 } from './crc16.ts';
import { CRC_BYTES } from './modbus-frame.ts';
import { EXCEPTION_BIT, exceptionName } from './modbus-function.ts';

const WRITE_COIL = 5;
const COIL_ON = 0xff00;
const COIL_OFF = 0x0000;
const REQUEST_BYTES = 8;
const EXCEPTION_BYTES = 5;

/**
 * The RTU frame that sets one coil (function 05; specification 1.1b3, section 6.5). Its right answer is the same frame. `unit` is 1
 * to 247, `address` 0 to 65535; throws a RangeError for others: a frame that nobody can confirm, or that names another coil, is
 * never made.
 */
export function coilWriteFrame(unit: number, address: number, on: boolean): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(unit) || unit < 1 || unit > 247) throw new RangeError(`unit ${unit} is not 1 to 247`);
  if (!Number.isInteger(address) || address < 0 || address > 0xffff) {
    throw new RangeError(`address ${address} is not 0 to 65535`);
  }
  const bytes = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, unit);
  view.setUint8(1, WRITE_COIL);
  view.setUint16(2, address);
  view.setUint16(4, on ? COIL_ON : COIL_OFF);
  view.setUint16(REQUEST_BYTES - CRC_BYTES, crc16(bytes, 0, REQUEST_BYTES - CRC_BYTES), true);
  return bytes;
}

/** What bytes from the bus say about a coil that was written. */
export type CoilAnswer =
  | { readonly kind: 'confirmed' }
  /** The device answered with a Modbus exception. */
  | { readonly kind: 'exception'; readonly code: number; readonly name: string }
  /** The device answered the writing of a coil, but not this one to this value. */
  | { readonly kind: 'other'; readonly frame: Uint8Array };

/**
 * Looks in `bytes`, wherever in them it stands, for the answer to `request`, which {@link coilWriteFrame} made: only the whole frame,
 * byte for byte, confirms it. Undefined when the bytes hold no answer to a coil write of that unit. What comes first counts, except
 * that an answer to another write gives way to the right one or an exception behind it.
 */
export function findCoilAnswer(bytes: Uint8Array, request: Uint8Array): CoilAnswer | undefined {
  let other: CoilAnswer | undefined;
  for (let at = 0; at + EXCEPTION_BYTES <= bytes.length; at++) {
    if (bytes[at] !== request[0]) continue;
    const exception = bytes.subarray(at, at + EXCEPTION_BYTES);
    if (exception[1] === (WRITE_COIL | EXCEPTION_BIT) && crc16(exception) === 0) {
      const code = new DataView(exception.buffer, exception.byteOffset).getUint8(2);
      return { kind: 'exception', code, name: exceptionName(code) };
    }
    const frame = bytes.subarray(at, at + REQUEST_BYTES);
    if (frame[1] !== WRITE_COIL || frame.length < REQUEST_BYTES || crc16(frame) !== 0) continue;
    if (frame.every((byte, index) => byte === request[index])) return { kind: 'confirmed' };
    other = { kind: 'other', frame };
  }
  return other;
}
