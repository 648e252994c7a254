import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '#libs/db/database.ts'
import { createJob } from '#libs/db/jobs.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { startSimulator } from '#simulator/server.ts'
import { startSystem } from '#tests/flow/system.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { asinstream } from './testing.ts'

/** More than one call takes, so that the second has to wait. */
const catalogue = { seed: 3, count: 60, asinsPerUpc: 1 }

describeWith(['postgres'], 'a service that is asked to end', () => {
  let database: TestDatabase
  const queued = async (): Promise<number> => {
    const db = await openDatabase({ url: database.url, poolSize: 2 })
    try {
      return (await db.query(`select 1 from product_syncs where state = 'queued'`)).length
    } finally {
      await db.close()
    }
  }
  const variablesFor = (amazon: string) => ({
    DATABASE_URL: database.url,
    SP_API_ENDPOINT: amazon,
    LWA_ENDPOINT: amazon,
    SP_API_CLIENT_ID: 'client',
    SP_API_CLIENT_SECRET: 'secret',
    SP_API_REFRESH_TOKEN: 'token',
    SYNC_SCHEDULE: 'off',
    PORT: '0',
  })

  beforeEach(async () => {
    database = await createTestDatabase()
    await (await startSystem(variablesFor('http://127.0.0.1:9'))).stop()
    const db = await openDatabase({ url: database.url, poolSize: 2 })
    await enableMarketplaces(db, [{ marketplaceId: DEFAULT_MARKETPLACE, countryCode: 'US' }])
    await upsertProducts(db, [...generateProducts(catalogue)])
    await createJob(db, { filter: {}, marketplaces: [DEFAULT_MARKETPLACE], requestedBy: 'test' })
    await db.close()
  })
  afterEach(() => database.drop())

  it.each(['SIGTERM', 'SIGINT'])('ends with 0 at %s while its modules are loaded', async (signal) => {
    // Sent at a moment that nobody can hit from outside: when the services' modules are asked for.
    const hook = `import { registerHooks } from 'node:module'
      registerHooks({ load(url, context, next) {
        if (url.endsWith('/services/all.ts')) { console.error('loading'); process.kill(process.pid, '${signal}') }
        return next(url, context)
      } })`
    const run = asinstream(['serve', 'persister'], {
      ...variablesFor('http://127.0.0.1:9'),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`,
    })
    expect(await run.exited).toBe(0)
    expect(run.stderr).toBe('loading\n')
  })

  it('ends with 0 at SIGTERM when an older Node has launched it', async () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } })`
    const launcher = fileURLToPath(new URL('asinstream.js', import.meta.url))
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`]
    const child = spawn(process.execPath, [...flags, launcher, 'serve', 'persister'], {
      env: { PATH: process.env.PATH, ...variablesFor('http://127.0.0.1:9') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    const closed = once(child, 'close')
    await waitFor(() => output.includes('"started"'), { what: 'the service to start', timeoutMs: 60_000 })
    child.kill('SIGTERM')
    // Closed: whoever was launched has let go of the pipe as well.
    expect(await closed).toEqual([0, null])
    expect(output).toContain('"stopped"')
  })

  it('gives up a wait for quota when its grace is over, ends with 0, and leaves the work to others', async () => {
    const simulator = await startSimulator({ ...catalogue, rate: 0.05, burst: 1 })
    try {
      const run = asinstream(['serve', 'all'], {
        ...variablesFor(simulator.url),
        SP_API_USAGE_PLANS: 'searchCatalogItems=0.05/1',
        SHUTDOWN_GRACE: '1s',
      })
      const asked = async () => {
        const stats = (await (await fetch(`${simulator.url}/_simulator/stats`)).json()) as {
          quota: { operation: string; used: number }[]
        }
        return stats.quota.some(({ operation, used }) => operation === 'searchCatalogItems' && used === 1)
      }
      await waitFor(asked, { what: 'the one call that the quota has', timeoutMs: 60_000 })
      run.kill('SIGTERM')
      expect(await run.exited).toBe(0)
      // Twenty are asked for at once; the next twenty wait for as many seconds.
      expect(await queued()).toBeGreaterThanOrEqual(40)
    } finally {
      await simulator.stop()
    }
  })

  it('ends at once, and not with 0, at the second signal', async () => {
    let asked = false
    const silent = createServer(() => {
      asked = true
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const run = asinstream(['serve', 'all'], {
      ...variablesFor(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`),
      SHUTDOWN_GRACE: '10m',
    })
    try {
      await waitFor(() => asked, { what: 'a call that is never answered', timeoutMs: 60_000 })
      run.kill('SIGTERM')
      await waitFor(() => run.stdout.includes('SIGTERM: finishing'), { what: 'the first signal to be heard' })
      // One that follows within a moment is the same Ctrl-C, passed on by npm.
      const again = setInterval(() => run.kill('SIGTERM'), 50)
      expect(await run.exited.finally(() => clearInterval(again))).toBe(130)
      expect(run.stdout).toContain('SIGTERM again')
    } finally {
      run.kill('SIGKILL')
      silent.closeAllConnections()
      silent.close()
    }
  })
})
