import type { Logger } from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';

const EVERY_MS = 60 * 60_000;

/** Gives back the space of points past their 90 days, now and every hour. Returns what stops it; a failure is logged and tried again. */
export function keepRetention(store: Pick<PointStore, 'enforceRetention'>, logger: Logger): () => void {
  const enforce = async (): Promise<void> => {
    try {
      const report = await store.enforceRetention(new Date());
      if (report.droppedPoints > 0) logger.info(report, 'points past 90 days dropped');
    } catch (error) {
      logger.error({ err: error }, 'retention failed; it is tried again in an hour');
    }
  };
  void enforce();
  const timer = setInterval(enforce, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
