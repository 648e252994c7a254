import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { SimulatorStats } from '#simulator/gateway.ts'

/** The simulator as a process of its own, so that its work is not counted with ours. */
export interface SimulatorProcess {
  readonly url: string
  readonly child: ChildProcess
  stats(): Promise<SimulatorStats>
  resetStats(): Promise<void>
  stop(): Promise<void>
}

export async function spawnSimulator(
  options: Readonly<Record<string, string | number>>,
): Promise<SimulatorProcess> {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, ['simulator/main.ts', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    url = /http:\/\/\S+:\d+/.exec(line)?.[0]
    if (url) break
  }
  if (!url) throw new Error('the simulator ended before it listened')
  child.stdout.resume()
  return {
    url,
    child,
    stats: async () => (await (await fetch(`${url}/_simulator/stats`)).json()) as SimulatorStats,
    async resetStats() {
      await fetch(`${url}/_simulator/stats/reset`, { method: 'POST' })
    },
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
