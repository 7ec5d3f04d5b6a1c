import {
  agriId,
  dataTypeSchema,
  type Factor,
  type FactorDefinitionInput,
  factorDefinitionSchema,
  formatIssues,
  isBitTable,
  isText,
  schemaIssues,
} from '@furrow/contracts';
import { compileConversion } from './conversion.ts';
import { type Decoded, type DecodeFailure, failed } from './decoded.ts';
import { parseHex } from './hex.ts';
import { type CompiledFactor, compileFactor } from './planned-factor.ts';

/** The fields of a factor that say how to read one value; what is left out has a factor's default. */
type ReadingFields = Omit<
  FactorDefinitionInput,
  'unit' | 'address' | 'modbus_type' | 'the_type' | 'info' | 'enabled'
>;

/**
 * One value to decode: register bytes as on the wire (for `bool`, the data bytes of coils), and how to read them. `data_index`
 * counts registers (bits for `bool`) from the beginning of the bytes. Left out, `bit` is 0, and `length` as long as the bytes
 * are; types that have neither ignore them.
 */
export interface ValueQuery extends ReadingFields {
  readonly hex: string;
}

/** A number; a whole number beyond 2^53, which JSON readers would round, as decimal text; for the types of text, text. */
export type ShownValue = number | string;

export type ValueAnswer =
  | {
      readonly ok: true;
      readonly raw: ShownValue;
      readonly value: ShownValue;
      /** There when `value` is only the double nearest to the result of a whole raw number beyond 2^53. */
      readonly inexact?: true;
      readonly label?: string;
    }
  | DecodeFailure;

/** Decodes one value. Never throws: a query that makes no sense is `decode_failed` with what is wrong about it. */
export function decodeValue(query: ValueQuery): ValueAnswer {
  const bytes = typeof query.hex === 'string' ? parseHex(query.hex) : undefined;
  if (!bytes) return failed('decode_failed', 'hex is not made of bytes of two hexadecimal digits each');
  const parsed = parseQuery(query, bytes.length);
  if (!parsed.ok) return parsed;
  const compiled = compileFactor(parsed.factor);
  const isBits = isBitTable(parsed.factor.modbus_type);
  const places = isBits ? 'bits' : 'registers';
  const available = isBits ? bytes.length * 8 : Math.floor(bytes.length / 2);
  const { position, width } = compiled;
  if (position + width > available) {
    return failed(
      'decode_failed',
      `the value takes ${width} ${places} from ${position} on, hex holds ${available} ${places}`,
    );
  }
  return answer(compiled, new DataView(bytes.buffer), isBits ? position : position * 2);
}

const LABEL = agriId('value');

/** The factor that a query describes. */
function parseQuery(
  query: ValueQuery,
  size: number,
): { readonly ok: true; readonly factor: Factor } | DecodeFailure {
  const type = dataTypeSchema.safeParse(query.data_type);
  if (!type.success) return failed('decode_failed', formatIssues(schemaIssues(type.error, query.data_type)));
  const index = Number.isInteger(query.data_index) ? Number(query.data_index) : 0;
  const parsed = factorDefinitionSchema.safeParse({
    ...query,
    unit: 0,
    address: 0,
    the_type: 'reading',
    modbus_type: type.data === 'bool' ? 'coil' : 'holding',
    bit: type.data === 'bit' ? (query.bit ?? 0) : undefined,
    length: isText(type.data) ? (query.length ?? Math.max(1, (size >>> 1) - index)) : undefined,
  });
  if (parsed.success) return { ok: true, factor: { ...parsed.data, agri_id: LABEL } };
  return failed('decode_failed', formatIssues(schemaIssues(parsed.error, query)));
}

function answer({ factor, codec }: CompiledFactor, view: DataView, at: number): ValueAnswer {
  const raw = codec.rawAt(view, at);
  if (!raw.ok) return raw;
  if (typeof raw.raw === 'string') return { ok: true, raw: raw.raw, value: raw.raw };
  const decoded = codec.decodeAt(view, at);
  if (!decoded.ok) return decoded;
  const isFloat = factor.data_type.startsWith('float');
  const whole = isFloat ? undefined : largeResult(factor, raw.raw, decoded);
  const { value, inexact, label } = decoded;
  return {
    ok: true,
    raw: typeof raw.raw === 'bigint' ? String(raw.raw) : raw.raw,
    value: whole ?? value,
    ...(inexact && whole === undefined ? { inexact } : {}),
    ...(label === undefined ? {} : { label }),
  };
}

/** The digits of a result that is a whole number beyond 2^53. */
function largeResult(
  factor: Factor,
  raw: number | bigint,
  { value }: Decoded & { ok: true },
): string | undefined {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return undefined;
  const converted = compileConversion(factor).convert({ digits: BigInt(raw), exponent: 0 });
  if (!converted.ok || converted.exact.numerator % converted.exact.denominator !== 0n) return undefined;
  return String(converted.exact.numerator / converted.exact.denominator);
}
