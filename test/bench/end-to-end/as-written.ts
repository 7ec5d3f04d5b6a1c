import { type AgriId, agriId, factorAgriId } from '@furrow/contracts';
import { openStore } from '@furrow/timeseries';
import { z } from 'zod';
import { DEVICES } from '../fleet.ts';

/** An uplink as a service would describe the one form that it expects. */
export const uplinkSchema = z.object({
  v: z.literal(1),
  org_id: z.string(),
  project_id: z.string(),
  device: z.string(),
  received_at: z.number().int(),
  items: z.array(
    z.object({ agri_id: z.string(), value: z.number(), t: z.number().int(), the_type: z.string() }),
  ),
});

type BenchUplink = z.output<typeof uplinkSchema>;

const FACTORS = 10;
/** The settings of every factor of the bench's fleet, by its agri_id. */
const factors = new Map(
  Array.from({ length: DEVICES * FACTORS }, (_, index) => {
    const device = agriId(`d-${1000 + Math.floor(index / FACTORS)}-abcd`);
    return [factorAgriId(device, 1, 0, index % FACTORS) as string, { data_factor: 0.1, data_delta: 0 }];
  }),
);

/** Writes the points of one message to the store. */
export type WriteUplink = (uplink: BenchUplink) => Promise<void>;

/**
 * What is commonly written: look the factor up, multiply, add, and send the message's points in a request of their own. To an `influx+http:`
 * store as line protocol with fetch; a `duckdb:` store is the same that Furrow has, with one write for each message.
 */
export async function writeAsCommon(store: string): Promise<WriteUplink> {
  if (store.startsWith('influx+')) {
    const url = `${new URL(store.replace('influx+', '')).origin}/write?db=bench&precision=s`;
    return async (uplink) => {
      const response = await fetch(url, { method: 'POST', body: linesOf(uplink) });
      if (!response.ok) throw new Error(`the store answered ${response.status}`);
    };
  }
  const points = await openStore(store);
  // A file has one writer at a time and refuses a long line of them, so writes take turns here.
  let turn: Promise<void> = Promise.resolve();
  const writeOne: WriteUplink = async (uplink) => {
    const report = await points.write(
      uplink.items.map((item) => ({
        agriId: item.agri_id as AgriId,
        device: agriId(uplink.device),
        orgId: uplink.org_id,
        projectId: uplink.project_id,
        theType: item.the_type,
        t: item.t * 1000,
        value: scaled(item.agri_id, item.value),
        version: uplink.received_at,
      })),
    );
    if (report.keep.length > 0) throw new Error(report.keepReason);
  };
  return (uplink) => {
    const mine = turn.then(() => writeOne(uplink));
    turn = mine.catch(() => undefined);
    return mine;
  };
}

function linesOf(uplink: BenchUplink): string {
  return uplink.items
    .map((item) => `points,agri_id=${item.agri_id} value=${scaled(item.agri_id, item.value)} ${item.t}`)
    .join('\n');
}

function scaled(id: string, raw: number): number {
  const factor = factors.get(id);
  if (factor === undefined) throw new Error(`there is no factor ${id}`);
  return raw * factor.data_factor + factor.data_delta;
}
