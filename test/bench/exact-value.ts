import type { Factor } from '@furrow/contracts';

/** `digits × 10^-places`. */
interface Fixed {
  readonly digits: bigint;
  readonly places: number;
}

/**
 * The double nearest to raw × data_factor + data_delta in decimals, by whole numbers of any size: slow, and nothing of it shared with the
 * decoder. A float32 counts as the shortest decimal that reads back as it.
 */
export function exactValue(raw: number, { data_type, data_factor, data_delta }: Factor): number {
  const exact = data_type === 'float32' ? shortestFloat32(raw) : fixed(raw);
  const [factor, delta] = [fixed(data_factor), fixed(data_delta)];
  const places = Math.max(exact.places + factor.places, delta.places);
  const product = exact.digits * factor.digits * 10n ** BigInt(places - exact.places - factor.places);
  return Number(`${product + delta.digits * 10n ** BigInt(places - delta.places)}e-${places}`);
}

/** The shortest decimal of a number that is written without an exponent. */
function fixed(x: number): Fixed {
  const [whole = '', fraction = ''] = String(x).split('.');
  return { digits: BigInt(whole + fraction), places: fraction.length };
}

/** Of two decimals as near and as short the one with the even last digit. */
function shortestFloat32(x: number): Fixed {
  for (let places = 0; ; places += 1) {
    const scaled = Math.fround(x) * 10 ** places;
    const floor = Math.floor(scaled);
    const isUp = scaled - floor === 0.5 ? floor % 2 !== 0 : scaled - floor > 0.5;
    const digits = isUp ? floor + 1 : floor;
    if (Math.fround(digits / 10 ** places) === Math.fround(x)) return { digits: BigInt(digits), places };
  }
}
