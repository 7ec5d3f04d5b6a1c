import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors.ts';
import type { ExplainOptions } from '../src/explain/explain-command.ts';
import { explainLines } from '../src/explain/explain-lines.ts';
import { dataHex, EXCHANGES } from './exchanges.ts';

const text = async (options: ExplainOptions): Promise<string> => (await explainLines(options)).join('\n');

/** Every factor of the manuals that registers can say, and its frame. */
const CASES = EXCHANGES.flatMap((exchange) =>
  exchange.factors
    .filter(({ byte_offset }) => byte_offset === undefined)
    .map(({ expected, name: _, ...factor }, at) => ({
      id: `${exchange.id} ${at}`,
      exchange,
      factor,
      expected,
    })),
);

describe('explainLines', () => {
  it.each(CASES)('explains $id', async ({ exchange, factor, expected }) => {
    const bytes = exchange.crc_valid
      ? { frame: exchange.response_hex, framing: 'rtu' }
      : { registers: dataHex(exchange) };
    const lines = await explainLines({
      factor: JSON.stringify(factor),
      ...bytes,
      address: exchange.start_address,
      min: expected - 1,
      max: expected + 1,
    });
    expect(lines).toContainEqual(expect.stringMatching(/^bytes +[0-9A-F]+: registers/));
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^value +${expected}$`)));
    expect(lines.at(-1)).toMatch(/^The value is plausible/);
  });

  it('takes unit, table and address from the frame and the echo of its request', async () => {
    const shown = await text({ dataType: 'float', frame: '1404003500026300140404800044096583' });
    expect(shown).toMatch(/^factor +given by flags: unit 20, input 53 to 54, float32 ABCD$/m);
    expect(shown).toMatch(/^beside it +the request to unit 20 \(function 4, 2 from address 53\)$/m);
  });

  it('takes, of several answers, the one of the factor', async () => {
    const frame = '010302002D78590203020007BD86';
    const shown = await text({ factor: '{"unit":2,"data_type":"int16","modbus_type":"holding"}', frame });
    expect(shown).toMatch(/^value +7$/m);
    expect(shown).toMatch(/^beside it +the answer of unit 1 to function 3 with 1 register$/m);
  });

  it('says that the pipeline refuses a frame of another unit', async () => {
    const shown = await text({ factor: '{"unit":5,"data_type":"int16"}', frame: '010302002D7859' });
    expect(shown).toMatch(/^value +45$/m);
    expect(shown).toMatch(
      /^Note: the pipeline refuses this frame for the factor: frame_unmatched: unit 1 answers/m,
    );
  });

  it('passes on what looks wrong about the factor', async () => {
    const shown = await text({ dataType: 'int32', dataEndian: 'little', registers: '00010000' });
    expect(shown).toMatch(/^Note: data_endian DCBA/m);
  });

  it('offers other readings also where no range is known', async () => {
    const shown = await text({ dataType: 'float', dataEndian: 'DCBA', registers: '41AD999A' });
    expect(shown).toMatch(
      /^No plausible range is known; --min and --max would give one\. Other ways.*\n {2}float32 +ABCD +21\.7$/m,
    );
  });

  it('says where nothing else is plausible either', async () => {
    const shown = await text({ dataType: 'int16', registers: '0001', min: 12_345, max: 12_346 });
    expect(shown).toMatch(
      /^This reading does not lie between 12345 and 12346, and no other type and byte order/m,
    );
    expect(await text({ dataType: 'int16', registers: '0001', max: -40_000 })).toMatch(
      /does not lie at -40000 or below/,
    );
    expect(await text({ dataType: 'int16', registers: '0001', min: 70_000 })).toMatch(
      /does not lie at 70000 or above/,
    );
  });

  it('explains a coil', async () => {
    const shown = await text({ dataType: 'bool', registers: '04', dataIndex: 2 });
    expect(shown).toMatch(/^factor +given by flags: unit 1, coil 2$/m);
    expect(shown).toMatch(/^read +an answer with 8 bits, from address 0 on$/m);
    expect(shown).toMatch(/^value +1$/m);
  });

  it.each<[ExplainOptions, RegExp]>([
    [{ dataType: 'int16' }, /^give the bytes: --frame \(and --framing\), or --registers$/],
    [{ dataType: 'int16', frame: '00', registers: '00' }, /^give the bytes/],
    [{ dataType: 'int16', framing: 'rtu', registers: '0001' }, /^give the bytes/],
    [{ dataType: 'int16', framing: 'ascii', frame: '0001' }, /^--framing is one of/],
    [{ dataType: 'int16', registers: 'xyz' }, /hexadecimal/],
    [
      { dataType: 'int16', registers: '00' },
      /^the frame cannot be read: frame_malformed: registers have two bytes/,
    ],
    [{ dataType: 'int16', frame: '01030440C3529362C8' }, /frame_crc: .*; --registers explains/],
    [{ registers: '0001' }, /^the factor is wrong: data_type/],
    [{ dataType: 'int16', registers: '0001', dataFactor: 0 }, /^the factor is wrong: data_factor/],
    [
      { dataType: 'int16', registers: '0001', dataIndex: 1 },
      /^nothing to explain: .*no factor lies in holding 0 to 0/,
    ],
    [
      { factor: '{"data_type":"bool","modbus_type":"coil"}', frame: '010302002D7859' },
      /^nothing to explain: .*a coil is read by function 1/,
    ],
    [
      { dataType: 'int16', registers: '0001', min: 2, max: 1 },
      /^the plausible range is empty: min 2 is above max 1$/,
    ],
    [{ factor: '{data_type:int16}', registers: '0001' }, /^--factor is no JSON/],
    [{ factor: 'd-1-1-00', registers: '0001' }, /^--factor d-1-1-00 needs --fleet/],
    [{ fleet: 'fleet.json', registers: '0001' }, /^--fleet needs --factor/],
  ])('refuses %j', async (options, message) => {
    await expect(explainLines(options)).rejects.toThrow(UsageError);
    await expect(explainLines(options)).rejects.toThrow(message);
  });
});
