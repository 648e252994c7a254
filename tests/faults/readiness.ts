import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from './checker.ts'
import type { Supervisor } from './supervisor.ts'

const PATIENCE_MS = 30_000

/**
 * Waits until every process of these services says that it is ready, or that it is not.
 * @returns a finding for each that goes on to say otherwise for half a minute
 */
export async function expectReadiness(
  supervisor: Pick<Supervisor, 'names' | 'isReady'>,
  services: readonly string[],
  ready: boolean,
  when: string,
  patienceMs = PATIENCE_MS,
): Promise<readonly Finding[]> {
  const names = supervisor.names.filter((name) => services.some((service) => name.startsWith(service)))
  const findings = await Promise.all(
    names.map(async (name): Promise<readonly Finding[]> => {
      const deadline = performance.now() + patienceMs
      while ((await supervisor.isReady(name)) !== ready) {
        if (performance.now() > deadline) {
          return [{ kind: 'readiness', detail: `${name} says ${ready ? 'not ' : ''}ready ${when}` }]
        }
        await sleep(200)
      }
      return []
    }),
  )
  return findings.flat()
}
