import { afterEach, expect, it } from 'vitest'
import { startForTest } from '#simulator/testing.ts'
import { backing, describeWith, freePort } from '#tests/support/backing.ts'
import { createBackends } from './backends.ts'
import { loadConfig } from './config.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { openSellers } from './open-sellers.ts'

describeWith(['redis'], 'services of one seller', () => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()))
  })

  /** A service's sellers, as a process of its own would open them. */
  async function open(endpoint: string, redis: Record<string, string>) {
    const config = loadConfig({
      SP_API_CLIENT_ID: 'app',
      SP_API_CLIENT_SECRET: 'client-secret',
      SP_API_REFRESH_TOKEN: 'Atzr|seller-one',
      SP_API_ENDPOINT: endpoint,
      LWA_ENDPOINT: endpoint,
      ...redis,
    })
    const logger = createLogger({ level: 'silent', service: 'test' })
    const metrics = createMetrics()
    const backends = createBackends({ config, service: 'test', logger, metrics })
    const sellers = await openSellers({ config, backends, logger, metrics })
    closers.push(async () => {
      await sellers.close()
      await backends.close()
    })
    return {
      askToken: () => sellers.pool.sellers[0]!.api.checkCredentials(),
      degraded: async () =>
        /^asinstream_token_store_degraded (\d)$/m.exec((await metrics.expose()).body)?.[1],
    }
  }

  // A machine that stands still for half a second lets a service do without Redis, so it gets another try.
  it('share its access token through REDIS_URL', { retry: 3 }, async () => {
    const simulator = await startForTest()
    const services = [
      await open(simulator.url, { REDIS_URL: backing('redis') }),
      await open(simulator.url, { REDIS_URL: backing('redis') }),
    ]
    await Promise.all(services.map(({ askToken }) => askToken()))
    expect(await Promise.all(services.map(({ degraded }) => degraded()))).toEqual(['0', '0'])
    expect(simulator.stats().tokensIssued).toBe(1)
  })

  it('go on without when Redis is not there, and show it', async () => {
    const simulator = await startForTest()
    const service = await open(simulator.url, { REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    await service.askToken()
    expect(await service.degraded()).toBe('1')
    expect(simulator.stats().tokensIssued).toBe(1)
  })
})
