import type { Command } from 'commander';
import { addValueFlags, parseDecimalFlag, parseWhole, type ValueFlags } from '../decode/value-flags.ts';

/** The flags of `furrow explain`. */
export interface ExplainOptions extends ValueFlags {
  readonly fleet?: string;
  readonly factor?: string;
  readonly frame?: string;
  readonly framing?: string;
  readonly registers?: string;
  readonly address?: number;
  readonly min?: number;
  readonly max?: number;
}

const HELP = `
Examples:
  furrow explain --fleet fleet.json --factor d-1000-abcd-1-00 --frame 0103060292FF9B03E8D80F
  furrow explain --data-type float --registers 80004409 --min 0 --max 1000
  furrow explain --factor '{"data_type":"int16","data_index":1,"data_factor":0.1}' --registers 0292FF9B

The flags of a value change what the factor says: add --data-endian CDAB and see. Registers count from the address of the
factor, unless --address says where the read began.

Exit code: 0 when there was something to explain, also where the value is refused; 1 when a flag, a file or the factor is wrong,
or when the bytes hold no registers of the factor.`;

/** Adds `furrow explain` to the program. */
export function addExplainCommand(program: Command): void {
  const command = program
    .command('explain')
    .description('say step by step how a factor reads a frame, and what else the same bytes could mean')
    .option('--fleet <fleet.json>', 'fleet file with the factor; docs/fleet.md describes it')
    .option('--factor <factor>', 'agri_id of a factor in the fleet, or a factor as JSON')
    .option('--frame <bytes>', 'the frame, in hex')
    .option('--framing <framing>', 'how --frame is wrapped: rtu, tcp, pdu or registers (default: rtu)')
    .option('--registers <bytes>', 'instead of a frame: the data bytes of the read, in hex')
    .option('--address <n>', 'address of the first register read', parseWhole)
    .option('--min <x>', 'smallest plausible value (default: the min of the factor)', parseDecimalFlag)
    .option('--max <x>', 'largest plausible value (default: the max of the factor)', parseDecimalFlag);
  addValueFlags(command)
    .addHelpText('after', HELP)
    .showHelpAfterError(false)
    .action(async (options) => (await import('../commands/explain.ts')).explain(options));
}
