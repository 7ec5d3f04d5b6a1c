import { BLOCKED_DEVICE, type ChaosDevice, DISABLED_ADDRESS, FACTORS, factorId } from './chaos-fleet.ts';
import { registersOf, rtuFrame } from './registers.ts';

/** What a poison message is made of. `n` is no other message's. */
export interface PoisonContext {
  readonly device: ChaosDevice;
  /** A device of another prefix. */
  readonly other: ChaosDevice;
  readonly n: number;
  /** A time that is fine, in milliseconds since 1970 UTC. */
  readonly t: number;
}

/** One kind of message from a hostile or broken producer. */
export interface Poison {
  readonly kind: string;
  /** What quarantine must say of it, exactly: how many rejects for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The body as text; every body is another, by its `n`. */
  body(context: PoisonContext): string;
}

const DAY_MS = 86_400_000;
const [FIRST] = FACTORS as [(typeof FACTORS)[0] & object];

function envelope(
  { device, t }: PoisonContext,
  items: readonly object[],
  frames: readonly object[] = [],
): string {
  return JSON.stringify({
    v: 1,
    org_id: device.orgId,
    project_id: device.projectId,
    device: device.agriId,
    received_at: t - device.skewMs,
    items,
    frames,
  });
}

const item = ({ device, n, t }: PoisonContext, changes: object = {}): object => ({
  agri_id: factorId(device.agriId, FIRST),
  value: n,
  t,
  ...changes,
});

/** Stands for a byte that no UTF-8 text has, which the sender puts in its place. JSON leaves these characters as they are. */
export const WRONG_BYTE_MARK = '<wrong byte>';

/** Every kind; a new one is a line. They come in turns, so that each is sent. */
export const POISON: readonly Poison[] = [
  {
    kind: 'truncated JSON',
    reasons: { malformed_json: 1 },
    body: (context) => envelope(context, [item(context)]).slice(0, -9),
  },
  {
    kind: 'no uplink at all',
    reasons: { schema_invalid: 1 },
    body: ({ n }) => JSON.stringify(`hello ${n}`),
  },
  {
    kind: 'wrong UTF-8',
    reasons: { schema_invalid: 1 },
    body: (context) => envelope(context, [item(context, { agri_id: `c-1${WRONG_BYTE_MARK}` })]),
  },
  {
    kind: 'lone surrogate',
    reasons: { schema_invalid: 1 },
    body: (context) => envelope(context, [item(context, { value: '\ud800' })]),
  },
  {
    kind: 'foreign prefix',
    reasons: { prefix_mismatch: 1 },
    body: (context) => envelope(context, [item(context, { agri_id: factorId(context.other.agriId, FIRST) })]),
  },
  {
    kind: 'prefix without a dash',
    reasons: { prefix_mismatch: 1 },
    body: (context) => envelope(context, [item(context, { agri_id: `${context.device.agriId}x-1-00` })]),
  },
  {
    kind: 'unknown factor',
    reasons: { unknown_factor: 1 },
    body: (context) => envelope(context, [item(context, { agri_id: `${context.device.agriId}-7-77` })]),
  },
  {
    kind: 'factor that is switched off',
    reasons: { factor_disabled: 1 },
    body: (context) =>
      envelope(context, [item(context, { agri_id: `${context.device.agriId}-1-${DISABLED_ADDRESS}0` })]),
  },
  {
    kind: 'blocked device',
    reasons: { device_blocked: 1 },
    body: ({ n, t }) =>
      JSON.stringify([
        { agri_id: factorId(BLOCKED_DEVICE, FIRST), value: n, t, org_id: 'alder', project_id: 'x' },
      ]),
  },
  {
    kind: 'device of nobody',
    reasons: { unknown_device: 1 },
    body: ({ n, t }) => JSON.stringify([{ agri_id: 'c-8000-nobody-1-00', value: n, t }]),
  },
  {
    kind: 'organization that is not its own',
    reasons: { unknown_device: 1 },
    body: (context) =>
      envelope(context, [item(context)]).replace(`"org_id":"${context.device.orgId}"`, '"org_id":"elder"'),
  },
  {
    kind: 'bad CRC',
    reasons: { frame_crc: 1 },
    body: (context) => {
      const good = rtuFrame(registersOf(FIRST, context.n));
      const hex =
        good.slice(0, -2) + (Number.parseInt(good.slice(-2), 16) ^ 0xff).toString(16).padStart(2, '0');
      const frame = { unit: 1, modbus_type: 'holding', address: 0, framing: 'rtu', hex, t: context.t };
      return envelope(context, [], [frame]);
    },
  },
  {
    kind: '1e400',
    reasons: { not_finite: 1 },
    body: (context) => envelope(context, [item(context, { value: '#' })]).replace('"#"', '1e400'),
  },
  {
    kind: 'NaN in registers',
    reasons: { not_finite: 1 },
    body: (context) => {
      const [, , , soil = FIRST] = FACTORS;
      const { agri_id } = { agri_id: factorId(context.device.agriId, soil) };
      return envelope(context, [{ agri_id, raw: '7fc00000', t: context.t }]);
    },
  },
  {
    kind: 'failed reading',
    reasons: { no_reading: 1 },
    body: (context) => envelope(context, [item(context, { value: null })]),
  },
  {
    kind: '__proto__',
    reasons: { schema_invalid: 1 },
    body: (context) => envelope(context, [{ x: item(context) }]).replace('"x"', '"__proto__"'),
  },
  {
    kind: 'too old',
    reasons: { too_old: 1 },
    body: (context) => envelope(context, [item(context, { t: context.t - 100 * DAY_MS })]),
  },
  {
    kind: 'in the future',
    reasons: { in_future: 1 },
    body: (context) => envelope(context, [item(context, { t: context.t + DAY_MS })]),
  },
  {
    kind: 'clock of a dream',
    reasons: { bad_timestamp: 1 },
    body: (context) => envelope(context, [item(context, { t: '2024/02/30 10:00:00' })]),
  },
  {
    kind: 'nested JSON',
    reasons: { schema_invalid: 1 },
    body: ({ n }) => `[${'['.repeat(20_000)}${n}${']'.repeat(20_000)}]`,
  },
];
