import type { Command } from 'commander';
import { addValueFlags, type ValueFlags } from './value-flags.ts';

/** The flags of `furrow decode`; `--hex` or `--frame` asks for one table instead of lines. */
export interface DecodeOptions extends ValueFlags {
  readonly hex?: string;
  readonly frame?: string;
  readonly framing?: string;
}

const HELP = `
Lines, each with one value or one frame; for each one line comes back, in order:
  {"hex":"FFD6","data_type":"int16","data_factor":0.1}  {"ok":true,"raw":-42,"value":-4.2}
  {"frame":"010302002D7859","framing":"rtu"}            {"ok":true,"unit":1,"function":3,"registers":[45]}
  anything that cannot be decoded                       {"ok":false,"reason":"…","message":"…"}
A value may have every field of a factor; what is left out, or null, has the factor's default.
Whole numbers beyond 2^53 are decimal text. A line has at most 1 MiB.

Exit code: 0 when every line was answered, also where the answer is a failure: failures are data. 1 when a flag or the file
is wrong, or when the one value or frame given by flags cannot be decoded.`;

/** Adds `furrow decode` to the program. */
export function addDecodeCommand(program: Command): void {
  const command = program
    .command('decode')
    .description('decode register bytes and Modbus frames: lines of JSON in and out, or one by flags')
    .argument('[lines.ndjson]', 'file of lines; without it standard input')
    .option('--hex <bytes>', 'one value: its register bytes as on the wire, in hex')
    .option('--frame <bytes>', 'one frame, in hex')
    .option('--framing <framing>', 'how --frame is wrapped: rtu, tcp, pdu or registers (default: rtu)');
  addValueFlags(command)
    .addHelpText('after', HELP)
    .showHelpAfterError(false)
    .action(async (file, options) => (await import('../commands/decode.ts')).decode(file, options));
}
