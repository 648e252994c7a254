import Koa from 'koa'
import { expect, it, onTestFinished } from 'vitest'
import { healthRouter } from './health.ts'
import { listen } from './http-server.ts'
import { createMetrics } from './metrics.ts'
import type { RunningService } from './service.ts'

it('readiness tells which sellers are stopped and why, without being lost for it', async () => {
  const service: RunningService = {
    name: 'catalog-fetcher',
    finished: new Promise(() => {}),
    healthy: () => true,
    ready: async () => {},
    details: () => ({ sellers: { stopped: [{ seller: 'us', reason: 'the refresh token is revoked' }] } }),
    stop: async () => {},
  }
  const { details: _, ...rest } = service
  const plain: RunningService = { ...rest, name: 'persister' }
  const app = new Koa()
  const services = () => [service, plain]
  app.use(healthRouter({ services, draining: () => false, metrics: createMetrics() }).routes())
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(1_000))
  for (const path of ['readyz', 'health']) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/${path}`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      status: 'ok',
      checks: { 'catalog-fetcher': 'ok', persister: 'ok' },
      details: {
        'catalog-fetcher': {
          sellers: { stopped: [{ seller: 'us', reason: 'the refresh token is revoked' }] },
        },
      },
    })
  }
})
