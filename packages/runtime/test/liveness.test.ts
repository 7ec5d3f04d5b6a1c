import { describe, expect, it } from 'vitest';
import { createMetricsRegistry, createOperations, Liveness, Readiness } from '../src/index.ts';

describe('Liveness', () => {
  it('makes /healthz 503 with the reason of what hangs, and 200 again when it moves', async () => {
    const liveness = new Liveness();
    const operations = createOperations(new Readiness(), createMetricsRegistry('test'), liveness);
    let reason: string | undefined;
    liveness.watch('queue', () => reason);
    expect(await operations('/healthz')).toMatchObject({ status: 200 });
    reason = 'no receive for 130 s';
    const answer = await operations('/healthz');
    expect(answer?.status).toBe(503);
    expect(JSON.parse(answer?.body ?? '')).toEqual({ status: 'hanging', hanging: { queue: reason } });
    reason = undefined;
    expect(await operations('/healthz')).toMatchObject({ status: 200 });
  });
});
