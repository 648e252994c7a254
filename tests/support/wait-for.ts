import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until something is so, by asking again and again: suites wait for facts, never for a time.
 * @param fact resolves with what was waited for, or with undefined, null or false while it is not so; may throw meanwhile
 * @returns what `fact` resolved with
 * @throws Error that names `what` after `timeoutMs` (default 20,000), with the last error that `fact` threw as its cause
 */
export async function waitFor<T>(
  fact: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  options: { what: string; timeoutMs?: number },
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 20_000
  const deadline = performance.now() + timeoutMs
  for (let pause = 5; ; pause = Math.min(100, pause * 1.5)) {
    let cause: unknown
    try {
      const found = await fact()
      if (found !== undefined && found !== null && found !== false) return found
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for: ${options.what}`, { cause })
    }
    await sleep(pause)
  }
}
