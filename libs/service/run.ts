import Koa from 'koa'
import { createBackends } from './backends.ts'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { healthRouter } from './health.ts'
import { type HttpServer, listen } from './http-server.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { RunningService, StartService } from './service.ts'

/**
 * Runs one service as a process: configuration, backends, health port, signals. Resolves to the exit code: 0 after a
 * signal, 1 when the service could not start or go on, 2 when the configuration is wrong.
 *
 * SIGTERM and SIGINT drain within `SHUTDOWN_GRACE`; a second one ends the process at once.
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
  const logger = createLogger({ level: config.LOG_LEVEL, service: name })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: name, logger, metrics })
  const stopped = stopSignal(logger)
  let service: RunningService | undefined
  let health: HttpServer | undefined
  try {
    service = await start({ config, backends, logger, metrics })
    health = await serveHealth(service, { config, metrics, logger, draining: () => stopped.signal.aborted })
    logger.info('started')
    await Promise.race([service.finished, stopped.requested])
    return 0
  } catch (error) {
    logger.fatal(
      { err: error },
      `${name} can not go on: ${error instanceof Error ? error.message : String(error)}`,
    )
    return error instanceof ConfigError ? 2 : 1
  } finally {
    await service?.stop(config.SHUTDOWN_GRACE).catch((error: unknown) => {
      logger.error({ err: error }, 'did not stop cleanly')
    })
    await health?.close(1_000)
    await backends.close()
    logger.info('stopped')
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

export interface StopSignal {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly requested: Promise<void>
  readonly signal: AbortSignal
}

/**
 * A Ctrl-C comes twice under npm: once from the terminal, and once more, a moment later, from npm, which passes on its
 * own. Nobody presses a key twice in this time.
 */
const SAME_SIGNAL_MS = 250

/** Listens for SIGTERM and SIGINT; the second one ends the process without waiting. */
export function stopSignal(logger: Pick<Logger, 'info' | 'warn'>): StopSignal {
  const controller = new AbortController()
  let firstAt = 0
  const requested = new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (controller.signal.aborted) {
        if (performance.now() - firstAt < SAME_SIGNAL_MS) return
        logger.warn(`${signal} again: ending at once`)
        process.exit(130)
      }
      firstAt = performance.now()
      logger.info(`${signal}: finishing what is in flight`)
      controller.abort()
      resolve()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
  return { requested, signal: controller.signal }
}
