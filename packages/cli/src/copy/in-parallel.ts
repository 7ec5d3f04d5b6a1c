/**
 * Does work on each item, `limit` at a time, taking an item from the source only when there is room for it. The first error, or `signal`,
 * stops what is under way through the signal that `work` gets; the error is thrown when all of it has ended.
 */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  stop: AbortController,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    stop.abort(error);
  };
  try {
    for await (const item of items) {
      if (stop.signal.aborted) break;
      const task: Promise<void> = work(item)
        .catch(fail)
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= limit) await Promise.race(running);
      if (stop.signal.aborted) break;
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  stop.signal.throwIfAborted();
}
