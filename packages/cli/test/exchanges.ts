import { readFileSync } from 'node:fs';
import type { FactorDefinitionInput } from '@furrow/contracts';

/** One request and answer printed in a sensor's manual, and what its factors must give. */
export interface Exchange {
  readonly id: string;
  readonly request_hex?: string;
  readonly response_hex: string;
  readonly crc_valid: boolean;
  readonly start_address: number;
  readonly factors: readonly ExchangeFactor[];
}

interface ExchangeFactor extends FactorDefinitionInput {
  readonly byte_offset?: number;
  readonly name: string | null;
  readonly expected: number;
}

/** The ten exchanges of the decoding package. */
export const EXCHANGES: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('../../decoding/test/fixtures/sensor-exchanges.json', import.meta.url), 'utf8'),
);

/** The data bytes of the answer: behind unit, function and byte count, before the checksum. */
export function dataHex({ response_hex }: Exchange): string {
  return response_hex.slice(6, -4);
}
