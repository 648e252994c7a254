import { setTimeout as sleep } from 'node:timers/promises'
import Koa from 'koa'
import { createBackends } from './backends.ts'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { healthRouter } from './health.ts'
import { type HttpServer, listen } from './http-server.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { secretMask, secretsOf } from './secrets.ts'
import type { RunningService, StartService } from './service.ts'
import { stopSignal } from './stop-signal.ts'

export { type StopSignal, stopSignal } from './stop-signal.ts'

/** How long backends may take to close: one that does not answer is left to the end of the process. */
const CLOSE_TIMEOUT_MS = 5_000
/** After that, what still keeps the process alive is nobody's work. */
const LINGER_MS = 1_000

/**
 * Runs one service as a process: configuration, backends, health port, signals. Resolves to the exit code: 0 after a
 * signal, 1 when the service could not start or go on, 2 when the configuration is wrong.
 *
 * SIGTERM and SIGINT drain within `SHUTDOWN_GRACE`, or end a start that is under way; a second one ends the process at
 * once.
 */
export async function runService(name: string, start: StartService): Promise<number> {
  let config: Config
  try {
    config = loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
  const mask = secretMask(secretsOf(config))
  const logger = createLogger({ level: config.LOG_LEVEL, service: name, secrets: secretsOf(config) })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: name, logger, metrics })
  const stopped = stopSignal(logger)
  let service: RunningService | undefined
  let health: HttpServer | undefined
  try {
    const starting = start({ config, backends, logger, metrics })
    service = (await Promise.race([starting, stopped.requested])) ?? undefined
    if (service === undefined) {
      void abandon(starting, logger)
      return 0
    }
    health = await serveHealth(service, { config, metrics, logger, draining: () => stopped.signal.aborted })
    logger.info('started')
    await Promise.race([service.finished, stopped.requested])
    return 0
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // For whoever looks at a terminal, where the line of JSON with its stack is hard to read.
    process.stderr.write(`${name}: ${mask(reason)}\n`)
    if (error instanceof ConfigError) return 2
    logger.fatal({ err: error }, `can not go on: ${reason}`)
    return 1
  } finally {
    await service?.stop(config.SHUTDOWN_GRACE).catch((error: unknown) => {
      logger.error({ err: error }, 'did not stop cleanly')
    })
    await health?.close(1_000)
    await Promise.race([backends.close(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
    logger.info('stopped')
    // Ends a process that something keeps alive; one that nothing keeps alive has ended before.
    setTimeout(() => process.exit(), LINGER_MS).unref()
  }
}

/** A start that nobody waits for any more: what it comes to is stopped, what it fails with was to be expected. */
async function abandon(starting: Promise<RunningService>, logger: Logger): Promise<void> {
  try {
    await (await starting).stop(0)
  } catch (error) {
    logger.debug({ err: error }, 'the start was broken off')
  }
}

/** The services that bring an HTTP server of their own carry the health routes there. */
async function serveHealth(
  service: RunningService,
  context: {
    readonly config: Config
    readonly metrics: Metrics
    readonly logger: Logger
    readonly draining: () => boolean
  },
): Promise<HttpServer | undefined> {
  if (service.servesHealth) return undefined
  const app = new Koa()
  app.use(
    healthRouter({
      services: () => [service],
      draining: context.draining,
      metrics: context.metrics,
    }).routes(),
  )
  const server = await listen(app, { host: context.config.HOST, port: context.config.PORT ?? 0 })
  context.logger.info({ port: server.port }, `health and metrics on http://${server.host}:${server.port}`)
  return server
}
