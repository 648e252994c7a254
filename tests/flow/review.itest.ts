import { afterEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { startReporting } from '#services/reporting/service.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { startSimulator } from '#simulator/server.ts'
import { createTestDatabase, describeWith, waitFor } from '#tests/support/backing.ts'
import { type System, startSystem } from './system.ts'

const sample = { seed: 11, asinsPerUpc: 1.15, notFound: 0.05 }

interface Match {
  readonly state: string
  readonly version: string
  readonly candidates: readonly { readonly asin: string; readonly chosen: boolean }[]
}

describeWith(['postgres'], 'what people decide, over syncs by force', () => {
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function setUp(): Promise<{ db: Database; system: System; origin: string }> {
    const database = await createTestDatabase()
    closers.push(() => database.drop())
    const simulator = await startSimulator({ ...sample, rate: 200, burst: 200, latencyMs: [1, 5] })
    closers.push(() => simulator.stop())
    const system = await startSystem({
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '4',
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      SP_API_CLIENT_ID: `client-${database.url.slice(-12)}`,
      SP_API_CLIENT_SECRET: 'secret',
      SP_API_REFRESH_TOKEN: 'token',
      SP_API_USAGE_PLANS: 'searchCatalogItems=200/200',
      RETRY_DELAY_BASE: '200ms',
      PORT: '0',
    })
    closers.push(() => system.stop())
    const db = await openDatabase({ url: database.url, poolSize: 2 })
    closers.push(() => db.close())
    await system.start('product-change', startProductChange)
    await system.start('persister', startPersister)
    await system.start('catalog-fetcher', startCatalogFetcher)
    let port = 0
    await system.start('reporting', async (context) => {
      const service = await startReporting(context)
      port = service.address.port
      return service
    })
    return { db, system, origin: `http://127.0.0.1:${port}` }
  }

  it('stays: accepted, rejected and none of these, until the decision is gone', async () => {
    const { db, system, origin } = await setUp()
    const rows = [...generateProducts({ ...sample, count: 400 })]
    const ambiguous = rows.filter(({ expected }) => expected === 'ambiguous').slice(0, 2)
    const matched = rows.filter(({ expected }) => expected === 'success').slice(0, 1)
    const [accepted, refused, wrong] = [...ambiguous, ...matched].map(({ sku }) => sku) as [
      string,
      string,
      string,
    ]
    await upsertProducts(db, [...ambiguous, ...matched])

    const ask = async <T>(path: string, body?: unknown): Promise<T> => {
      const answer = await fetch(origin + path, {
        ...(body !== undefined && {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      })
      const document = (await answer.json()) as T
      expect(answer.ok, JSON.stringify(document)).toBe(true)
      return document
    }
    const urlOf = async (sku: string) => {
      const { items } = await ask<{ items: { id: string }[] }>(`/products?sku=${sku}`)
      return `/api/review/matches/${items[0]?.id}/US`
    }
    const settled = async (): Promise<void> => {
      const open = async () =>
        (await db.query(`select 1 from product_syncs where state in ('pending', 'queued')`)).length
      const counted = async () => (await db.query('select 1 from product_syncs')).length
      await Promise.race([
        waitFor(async () => (await counted()) === 3 && (await open()) === 0, {
          what: 'every product in a final state',
          timeoutMs: 30_000,
        }),
        system.failed,
      ])
    }
    const force = async (): Promise<void> => {
      const { syncId } = await ask<{ syncId: string }>('/api/sync/force', {})
      await Promise.race([
        waitFor(
          async () => (await ask<{ status: string }>(`/api/sync/status/${syncId}`)).status === 'complete',
          {
            what: 'the sync by force to be complete',
            timeoutMs: 30_000,
          },
        ),
        system.failed,
      ])
    }
    const stand = async (sku: string) => {
      const { state, candidates } = await ask<Match>(await urlOf(sku))
      return [state, candidates.find(({ chosen }) => chosen)?.asin ?? null]
    }
    const decide = async (sku: string, action: string, wish: (match: Match) => object): Promise<void> => {
      const match = await ask<Match>(await urlOf(sku))
      await ask(`${await urlOf(sku)}/${action}`, { ...wish(match), version: match.version })
    }

    await settled()
    expect((await ask<{ items: unknown[] }>('/api/review/matches')).items).toHaveLength(2)
    const second = (await ask<Match>(await urlOf(accepted))).candidates[1]?.asin as string
    expect(await stand(wrong)).toEqual(['success', matched[0]?.expectedAsin])
    await decide(accepted, 'accept', () => ({ asin: second }))
    await decide(refused, 'reject', () => ({ all: true }))
    await decide(wrong, 'reject', () => ({ asins: [matched[0]?.expectedAsin] }))

    const decided = [await stand(accepted), await stand(refused), await stand(wrong)]
    expect(decided.slice(0, 2)).toEqual([
      ['success', second],
      ['not_found', null],
    ])
    expect(decided[2]?.[1]).toBeNull()
    for (let i = 0; i < 2; i++) {
      await force()
      expect([await stand(accepted), await stand(refused), await stand(wrong)]).toEqual(decided)
    }
    const [logs] = await db.query<{ n: number; attempts: number }>(
      `select (select count(*)::int from sync_logs) as n, (select sum(attempt)::int from product_syncs) as attempts`,
    )
    expect(logs).toEqual({ n: 9, attempts: 9 })

    // What holds them is the decision and nothing else: without it a sync says what matching says.
    await db.query('delete from match_decisions')
    await force()
    expect(await stand(accepted)).toEqual(['ambiguous', null])
    expect((await stand(refused))[0]).toBe('ambiguous')
    expect(await stand(wrong)).toEqual(['success', matched[0]?.expectedAsin])
  })
})
