import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a fixed piece of work costs on this machine while something else is measured. */
export interface Pace {
  /** CPU of one unit in microseconds: the median of all units that were done. */
  readonly unitMicroseconds: number
  readonly units: number
}

const WORKER = fileURLToPath(new URL('./pace-worker.ts', import.meta.url))

/**
 * The CPU seconds that the same work takes differ by half from minute to minute on a machine whose host has other guests:
 * clock rates, caches and hyperthreads are shared, and no counter of this machine shows it. So a process beside the
 * measured ones does the same few milliseconds of work four times a second; figures of one run are compared by it.
 * The function ends it and answers the pace in between.
 */
export async function watchPace(): Promise<() => Promise<Pace>> {
  const child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(child, 'message') // It has warmed up.
  return async () => {
    const answered = once(child, 'message') as Promise<[Pace]>
    child.send('end')
    const [pace] = await answered
    await once(child, 'exit')
    return pace
  }
}
