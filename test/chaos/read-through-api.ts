import type { AgriId } from '@furrow/contracts';
import type { ShownPoint } from './audit-points.ts';
import { tokenOf } from './chaos-fleet.ts';

const PAGE_SIZE = 100;

interface Answer {
  readonly success: boolean;
  readonly data: {
    readonly total: number;
    readonly data: readonly { readonly v: number; readonly t: number }[];
  };
}

/** Every point of a factor as a client of the API sees it, page by page. Throws when the API does not answer with 200. */
export async function readThroughApi(apiUrl: string, agriId: AgriId, orgId: string): Promise<ShownPoint[]> {
  const headers = { authorization: `Bearer ${tokenOf(orgId)}`, 'cache-control': 'no-cache' };
  const points: ShownPoint[] = [];
  for (let page = 1; ; page += 1) {
    const url = `${apiUrl}/api/v2/factors/${agriId}/data/?page=${page}&page_size=${PAGE_SIZE}`;
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`the API answered ${response.status}: ${await response.text()}`);
    const { data } = (await response.json()) as Answer;
    points.push(...data.data.map(({ v, t }) => ({ t: Math.round(t * 1000), value: v })));
    if (data.data.length === 0 || points.length >= data.total) return points;
  }
}
