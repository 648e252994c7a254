import Router from '@koa/router'
import type { Metrics } from './metrics.ts'
import type { RunningService } from './service.ts'

/** How long one readiness check may take: a probe that hangs is a failed one. */
const READY_TIMEOUT_MS = 5_000

/**
 * `/livez`: restarting would not help. `/readyz`: can do its work, and not shutting down. `/health`: both, with what is
 * missing. Both show what services have to tell besides, such as which sellers are stopped and why. `/metrics`:
 * Prometheus. The same routes on every service.
 */
export function healthRouter(options: {
  readonly services: () => readonly RunningService[]
  readonly draining: () => boolean
  readonly metrics: Metrics
  /** Whether to show what services have to tell besides; not to strangers. Default true. */
  readonly details?: boolean
}): Router {
  const router = new Router()
  const { services, draining, metrics, details: mayTell = true } = options

  router.get('/livez', (ctx) => {
    const dead = services().filter((service) => !service.healthy())
    ctx.status = dead.length === 0 ? 200 : 503
    ctx.body = { status: dead.length === 0 ? 'ok' : 'failed', failed: dead.map((service) => service.name) }
  })

  const readiness = async () => {
    if (draining()) return { status: 'shutting down', checks: {} }
    const checks: Record<string, string> = {}
    const details: Record<string, object> = {}
    for (const service of services()) {
      checks[service.name] = await withTimeout(service.ready()).then(
        () => 'ok',
        (error: Error) => error.message,
      )
      const more = mayTell ? service.details?.() : undefined
      if (more) details[service.name] = more
    }
    const ready = services().length > 0 && Object.values(checks).every((check) => check === 'ok')
    const told = Object.keys(details).length > 0 ? { details } : {}
    return { status: ready ? 'ok' : 'not ready', checks, ...told }
  }

  router.get('/readyz', async (ctx) => {
    const result = await readiness()
    ctx.status = result.status === 'ok' ? 200 : 503
    ctx.body = result
  })

  router.get('/health', async (ctx) => {
    const result = await readiness()
    const live = services().every((service) => service.healthy())
    ctx.status = live && result.status === 'ok' ? 200 : 503
    ctx.body = { ...result, live, uptimeSeconds: Math.round(process.uptime()) }
  })

  router.get('/metrics', async (ctx) => {
    const { contentType, body } = await metrics.expose()
    ctx.set('content-type', contentType)
    ctx.body = body
  })
  return router
}

async function withTimeout(check: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${READY_TIMEOUT_MS} ms`)), READY_TIMEOUT_MS)
  })
  try {
    await Promise.race([check, timeout])
  } finally {
    clearTimeout(timer)
  }
}
