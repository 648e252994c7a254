import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import type { RunningService, StartService } from '#libs/service/service.ts'

/** Services under test in this process, each with backends of its own as if it were a process. */
export interface System {
  start(name: string, service: StartService): Promise<RunningService>
  /** Stops one of them and closes its backends; nothing when there is none of that name. */
  end(name: string): Promise<void>
  /** Fails as soon as a service can not go on. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** Prepares database and log as `asinstream migrate` does. */
export async function startSystem(environment: Readonly<Record<string, string>>): Promise<System> {
  const config = loadConfig({ LOG_LEVEL: 'warn', SYNC_SCHEDULE: 'off', OFFERS_POLICY: 'off', ...environment })
  const running = new Map<string, { readonly service: RunningService; readonly close: () => Promise<void> }>()
  const failure = Promise.withResolvers<never>()
  // Whoever waits for it sees it; a test that ends without waiting does not fail twice.
  failure.promise.catch(() => {})

  const open = (name: string) => {
    const logger = createLogger({ level: config.LOG_LEVEL, service: name })
    const metrics = createMetrics()
    return { config, logger, metrics, backends: createBackends({ config, service: name, logger, metrics }) }
  }
  const { backends } = open('prepare')
  await prepare(config, backends)
  await backends.close()

  return {
    failed: failure.promise,
    async start(name, start) {
      const context = open(name)
      const service = await start(context)
      service.finished.catch((error: unknown) => failure.reject(error))
      running.set(name, { service, close: () => context.backends.close() })
      return service
    },
    async end(name) {
      const one = running.get(name)
      running.delete(name)
      await one?.service.stop(5_000)
      await one?.close()
    },
    async stop() {
      const all = [...running.values()]
      running.clear()
      await Promise.all(all.map(({ service }) => service.stop(5_000)))
      await Promise.all(all.map(({ close }) => close()))
    },
  }
}
