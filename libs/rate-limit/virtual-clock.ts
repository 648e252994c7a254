/** A clock for tests and simulations: it stands still while anything runs, and jumps to the next sleeper when nothing does. */
export interface VirtualClock {
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Lets time pass until `done` settles. */
  run<T>(done: Promise<T>): Promise<T>
}

export function createVirtualClock(start = 1_000_000): VirtualClock {
  let now = start
  const sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve }
        signal?.addEventListener('abort', () => {
          const index = sleepers.indexOf(sleeper)
          if (index >= 0) sleepers.splice(index, 1)
          reject(signal.reason)
        })
        const index = sleepers.findIndex((other) => other.at > sleeper.at)
        sleepers.splice(index < 0 ? sleepers.length : index, 0, sleeper)
      })
    },
    async run(done) {
      let settled = false
      const settle = () => {
        settled = true
      }
      done.then(settle, settle)
      for (;;) {
        // Everything that follows from the last jump happens before the next one.
        await new Promise(setImmediate)
        if (settled) return done
        const next = sleepers.shift()
        if (!next) throw new Error('nobody sleeps and nothing settles: the simulation is stuck')
        now = Math.max(now, next.at)
        next.wake()
      }
    },
  }
}
