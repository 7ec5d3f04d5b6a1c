import { describe, expect, it } from 'vitest';
import { readDeviceCsv } from '../src/operate/device-csv.ts';

const read = (text: string) => readDeviceCsv('new.csv', Buffer.from(text));

describe('readDeviceCsv', () => {
  it('reads quoted text, any line end and order of columns, a byte order mark, and empty cells as not said', () => {
    expect(
      read(
        '\ufeffdevice_name, device_id,safe_code,scaled\r\n"Tunnel ""3"", north",867,8K2P,true\r\n\r\n,868,,\n',
      ),
    ).toEqual([
      { device_id: '867', device_name: 'Tunnel "3", north', safe_code: '8K2P', scaled: true },
      { device_id: '868' },
    ]);
  });

  it('names the problems of all lines at once, by line and column', () => {
    expect(() =>
      read('device_id,safe_code,info\n867,toolong,ok\n868,,"a\u001b[2J"\nno spaces,,\n869,,\n869,,\n'),
    ).toThrow(
      [
        'new.csv is refused, nothing was registered:',
        '  line 2, safe_code: safe_code has four letters or digits (received "toolong")',
        '  line 3, info: info has no control characters (received "a\\u001b[2J")',
        '  line 4, device_id: device_id has 1 to 64 letters, digits, ".", "_", ":" or "-" (received "no spaces")',
        '  line 6, device_id: the same is on line 5',
      ].join('\n'),
    );
  });

  it.each([
    ['nothing', '', /has no devices/],
    ['a header alone', 'device_id\n', /has no devices/],
    ['no header', '867,x\n868,y\n', /no such column "867", "x"; .*\n.*the column device_id is missing/],
    ['a column twice', 'device_id,info,info\n1,2,3\n', /info is there twice/],
    ['a line of another length', 'device_id,info\n867\n', /is not CSV: .*line 2/],
    ['a quote that stays open', 'device_id,info\n867,"x\n', /is not CSV: /],
    ['a cell without end', `device_id,info\n867,${'x'.repeat(20_000)}\n`, /is not CSV: /],
  ])('refuses %s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('refuses what is not UTF-8, and too many devices', () => {
    expect(() => readDeviceCsv('new.csv', Buffer.from([0x64, 0xff, 0xfe]))).toThrow(
      'new.csv is not UTF-8 text',
    );
    const lines = Array.from({ length: 100_001 }, (_, at) => at).join('\n');
    expect(() => read(`device_id\n${lines}`)).toThrow(/has 100001 devices/);
  });

  it('shows at most twenty problems', () => {
    const error = () => read(`device_id\n${'a b\n'.repeat(50)}`);
    expect(error).toThrow(/… and 30 more$/);
  });
});
