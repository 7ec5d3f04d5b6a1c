import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXCHANGES } from './exchanges.ts';
import { runFurrow } from './furrow-command.ts';

let folder = '';
let fleet = '';

/** A fleet with the factors of the manuals, each exchange a device, with one factor whose byte order is wrong. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'furrow-explain-'));
  fleet = join(folder, 'fleet.json');
  const devices = EXCHANGES.filter(({ id }) => id !== 'ag-015').map(({ id, factors }) => ({
    device_id: id,
    agri_id: `d-${id}`,
    factors: factors.map(({ expected: _, name: __, ...factor }) => ({ ...factor, the_type: 'temp' })),
  }));
  const wrong = { unit: 20, address: 53, modbus_type: 'holding', data_type: 'float', the_type: 'temp' };
  devices.push({
    device_id: 'wrong',
    agri_id: 'd-wrong',
    factors: [{ ...wrong, min: 0, max: 1000 }] as never,
  });
  await writeFile(
    fleet,
    JSON.stringify({ orgs: [{ slug: 'lab', projects: [{ project_id: 'p', devices }] }] }),
  );
  await writeFile(join(folder, 'broken.json'), '{"orgs":');
  await writeFile(join(folder, 'wrong.json'), '{"orgs":[{"slug":"lab","colour":"red"}]}');
  return () => rm(folder, { recursive: true });
});

describe('furrow explain', () => {
  it('finds the byte order of a factor of the fleet whose value looks wrong', async () => {
    const { code, stdout, stderr } = await runFurrow([
      'explain',
      ...[
        '--fleet',
        fleet,
        '--factor',
        'd-wrong-20-530',
        '--frame',
        '140304800044096434',
        '--framing',
        'rtu',
      ],
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'factor   d-wrong-20-530: unit 20, holding 53 to 54, float32 ABCD',
      'read     the answer of unit 20 to function 3 with 2 registers, from address 53 on',
      'bytes    80004409: registers 53 to 54, bytes 0 to 3 of the data',
      expect.stringMatching(/^order {4}ABCD: /),
      expect.stringMatching(/^raw {6}read as float32: -2.4406e-41$/),
      expect.stringMatching(/^scaling {2}-2.4406e-41 × 1 \+ 0/),
      expect.stringMatching(/^value {4}out_of_range: .*below 0/),
      '',
      'This reading does not lie between 0 and 1000. Other ways to read the same place, the likeliest first:',
      expect.stringMatching(/^ {2}float32 {2}CDAB +550$/),
      ...Array.from({ length: stdout.split('\n').length - 11 }, () =>
        expect.stringMatching(/^ {2}\w+ +[A-D]{4} +\S+$/),
      ),
      '',
    ]);
  });

  it('reads an address, a byte order and a range from flags', async () => {
    const { code, stdout } = await runFurrow([
      'explain',
      ...[
        '--fleet',
        fleet,
        '--factor',
        'd-wrong-20-530',
        '--registers',
        '00008000440900FF',
        '--address',
        '52',
      ],
      ...['--data-endian', 'CDAB', '--max', '600'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bytes +80004409: registers 53 to 54, bytes 2 to 5 of the data$/m);
    expect(stdout).toMatch(/^value +550$/m);
    expect(stdout).toMatch(/^The value is plausible: it lies between 0 and 600\.$/m);
  });

  it.each([
    ['no-such.json', 'd-1', /^furrow: cannot read .*no-such\.json: no such file or directory$/],
    ['broken.json', 'd-1', /^furrow: .*broken\.json is no JSON: /],
    [
      'fleet.json',
      'd-wrong-20-531',
      /^furrow: .*fleet\.json has no factor d-wrong-20-531; it has d-wrong-20-530, .* and \d+ more$/,
    ],
  ])('says in one line what is wrong with %s and %s', async (file, factor, line) => {
    const flags = ['--fleet', join(folder, file), '--factor', factor, '--registers', '0001'];
    const { code, stdout, stderr } = await runFurrow(['explain', ...flags]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
  });

  it('names the place of what is wrong in a fleet file', async () => {
    const flags = ['--fleet', join(folder, 'wrong.json'), '--factor', 'd-1', '--registers', '0001'];
    const { code, stderr } = await runFurrow(['explain', ...flags]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/orgs\[0\]\.colour: no such key/)]);
    expect(stderr).not.toContain('    at ');
  });

  it('says in one line that a flag is unknown', async () => {
    const { code, stderr } = await runFurrow(['explain', '--hexadecimal', '00']);
    expect([code, stderr]).toEqual([1, "error: unknown option '--hexadecimal'\n"]);
  });
});
