import type { RejectReason } from '@furrow/contracts';

/** A healthy message to be spoiled. `t` is milliseconds since 1970 UTC. */
export interface Healthy {
  readonly orgId: string;
  readonly projectId: string;
  readonly device: string;
  readonly factor: string;
  readonly t: number;
}

/** A bad message and the reason for which it must be refused. */
export interface Poison {
  readonly reason: RejectReason;
  readonly body: (healthy: Healthy) => string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function envelope({ orgId, projectId, device, t }: Healthy, entries: object): string {
  return JSON.stringify({ v: 1, org_id: orgId, project_id: projectId, device, received_at: t, ...entries });
}

const item = (change: (healthy: Healthy) => object) => (healthy: Healthy) =>
  envelope(healthy, { items: [{ agri_id: healthy.factor, value: 1, t: healthy.t, ...change(healthy) }] });

/** The kinds of bad messages that a synthetic fleet sends in turn, one for nearly every reason that a sender can cause. */
export const POISONS: readonly Poison[] = [
  { reason: 'malformed_json', body: (healthy) => `${envelope(healthy, { items: [] }).slice(0, -4)}` },
  { reason: 'schema_invalid', body: item(() => ({ value: { nested: true } })) },
  { reason: 'prefix_mismatch', body: item(({ device }) => ({ agri_id: `${device}e-1-00` })) },
  { reason: 'unknown_factor', body: item(({ device }) => ({ agri_id: `${device}-9-9999` })) },
  { reason: 'no_reading', body: item(() => ({ value: null })) },
  { reason: 'not_finite', body: item(() => ({ value: 'NaN' })) },
  { reason: 'decode_failed', body: item(() => ({ value: 70_000.5 })) },
  { reason: 'bad_timestamp', body: item(() => ({ t: '31/02/2026 25:00' })) },
  { reason: 'too_old', body: item(({ t }) => ({ t: t - 100 * DAY_MS })) },
  { reason: 'in_future', body: item(({ t }) => ({ t: t + 10 * DAY_MS })) },
  {
    reason: 'frame_crc',
    body: (healthy) =>
      envelope(healthy, {
        frames: [
          {
            unit: 1,
            modbus_type: 'holding',
            address: 0,
            framing: 'rtu',
            hex: '01030200010000',
            t: healthy.t,
          },
        ],
      }),
  },
];
