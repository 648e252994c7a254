import { afterAll, beforeAll } from 'vitest'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { leadHttpsTo } from './to-simulator.ts'

/**
 * A simulator for the suite of a client whose hosts stay where they always are: its https leads here. Every plan is wide,
 * and reports are there at once.
 */
export function simulatorForForeigners(): () => Simulator {
  const started: { simulator: Simulator; undo(): void }[] = []
  beforeAll(async () => {
    const simulator = await startSimulator({ seed: 7, notFound: 0 })
    started.push({ simulator, undo: leadHttpsTo(simulator.url) })
    simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
    await fetch(`${simulator.url}/_simulator/processing`, {
      method: 'POST',
      body: JSON.stringify({ queueSeconds: 0, processingSeconds: 0 }),
    })
  })
  afterAll(async () => {
    for (const { simulator, undo } of started) {
      undo()
      await simulator.stop()
    }
  })
  return () => started[0]!.simulator
}
