import type { RunningService } from './service.ts'

/**
 * Several parts that run as one service: it is as ready and as healthy as all of them, and ends with the first that can
 * not go on. When one can not start, those before it are stopped, and it rejects.
 */
export async function together(
  name: string,
  starts: readonly (() => Promise<RunningService>)[],
): Promise<RunningService> {
  const running: RunningService[] = []
  const stop = async (graceMs: number): Promise<void> => {
    // Whatever one of them does, the others get their chance to finish.
    const results = await Promise.allSettled(running.map((part) => part.stop(graceMs)))
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('; '))
  }
  try {
    for (const start of starts) running.push(await start())
  } catch (error) {
    await stop(1_000).catch(() => {}) // the reason why it could not start is the one that matters
    throw error
  }
  const finished = Promise.all(running.map((part) => part.finished)).then(() => {})
  finished.catch(() => {}) // whoever waits for it sees it
  return {
    name,
    finished,
    healthy: () => running.every((part) => part.healthy()),
    async ready() {
      await Promise.all(running.map((part) => part.ready()))
    },
    stop,
  }
}
