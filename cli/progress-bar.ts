import { Presets, SingleBar } from 'cli-progress'

/** A bar for work that takes long. */
export interface Bar {
  update(done: number, total: number, text: string): void
  stop(): void
}

/** A bar on standard error when that is a terminal; otherwise one that shows nothing, so that output stays for scripts. */
export function progressBar(): Bar {
  if (!process.stderr.isTTY) return { update() {}, stop() {} }
  const bar = new SingleBar(
    {
      format: '{bar} {percentage} %  {text}',
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
      barsize: 30,
    },
    Presets.shades_classic,
  )
  let started = false
  return {
    update(done, total, text) {
      if (!started) bar.start(Math.max(1, total), done, { text })
      started = true
      bar.setTotal(Math.max(1, total))
      bar.update(done, { text })
    },
    stop() {
      if (started) bar.stop()
    },
  }
}
