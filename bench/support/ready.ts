import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when the service answers that it can do its work; race it with the service's end. */
export async function untilReady(url: string): Promise<void> {
  for (;;) {
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(100)
  }
}
