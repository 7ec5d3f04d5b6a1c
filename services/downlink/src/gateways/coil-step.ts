import { coilWriteFrame, findCoilAnswer, formatHex } from '@furrow/decoding';
import type { Step, StepAnswer } from './step.ts';

/**
 * Writing one coil. It is not repeated: between two writings somebody may have switched the pump by hand. Its echo, byte for byte, is
 * the only confirmation.
 */
export function coilStep(unit: number, address: number, on: boolean): Step {
  const payload = coilWriteFrame(unit, address, on);
  return {
    name: `write coil ${address} of unit ${unit}`,
    payload,
    isRepeatable: false,
    read: (bytes): StepAnswer | undefined => {
      const answer = findCoilAnswer(bytes, payload);
      switch (answer?.kind) {
        case 'confirmed':
          return { kind: 'confirmed', detail: '' };
        case 'exception':
          return { kind: 'refused', detail: `Modbus exception ${answer.code}: ${answer.name}` };
        case 'other':
          return { kind: 'other', detail: `answered ${formatHex(answer.frame)} to ${formatHex(payload)}` };
        default:
          return undefined;
      }
    },
  };
}
