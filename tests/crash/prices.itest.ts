import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchFolder } from '#tests/support/backing.ts'
import { type Servers, startEmbeddedServers } from '#tests/support/servers.ts'
import { type Amazon, startAmazon } from './amazon.ts'
import { trySample } from './model.ts'
import { Stage, type StageOptions } from './stage.ts'
import { REFUSED_CODE } from './workload.ts'

const SENDS = 'postgres: select … "event_log".append'

/** Services that do one thing more when there are prices, and whether the checker sees a price that is lost. */
describe('a process that ends itself while prices come', () => {
  let amazon: Amazon
  let servers: Servers
  const folder = scratchFolder('crash-prices')

  beforeAll(async () => {
    amazon = await startAmazon(REFUSED_CODE)
    servers = await startEmbeddedServers({
      folder: `${folder}/servers`,
      amazon: amazon.url,
      postgres: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
    })
  })
  afterAll(async () => {
    await servers.stop()
    await amazon.stop()
  })

  async function onStage<T>(
    options: Pick<StageOptions, 'service' | 'main'>,
    work: (stage: Stage) => Promise<T>,
  ): Promise<T> {
    const { environment } = servers
    const stage = await Stage.open({
      ...options,
      prices: true,
      environment,
      folder: `${folder}/${options.service}`,
    })
    try {
      return await work(stage)
    } finally {
      await stage.close()
    }
  }

  it.each(['persister', 'product-change'] as const)(
    'leaves nothing undone and nothing done twice: %s',
    { timeout: 180_000 },
    async (service) => {
      // The seed draws a step two thirds on, where prices are what is going on.
      const report = await onStage({ service }, (stage) =>
        trySample({ service, stage, seed: 1, cells: 1, chains: 0 }),
      )
      expect(report.findings).toEqual([])
      expect(report.ended.before + report.ended.sent + report.ended.answered).toBe(1)
    },
  )

  it('is caught when it loses prices: it commits before its results are there', {
    timeout: 300_000,
  }, async () => {
    const planted = { service: 'offer-fetcher', main: 'tests/crash/planted/early-prices.ts' } as const
    const findings = await onStage(planted, async (stage) => {
      const whole = await stage.run([{ at: null, moment: 'before' }])
      expect(whole.findings).toEqual([])
      const what = whole.steps.map((step) => step.what)
      const lastLook = what.lastIndexOf('postgres: select 1', what.indexOf(SENDS))
      expect(lastLook).toBeGreaterThan(0)
      // Wherever it looks at the log for the first time, it has committed and sent nothing.
      for (const earlier of [9, 5, 13, 2, 17]) {
        const run = await stage.run([{ at: lastLook - earlier, moment: 'before' }])
        if (run.findings.length > 0) return run.findings
      }
      return []
    })
    expect(findings).toContainEqual({
      kind: 'lost',
      detail: expect.stringMatching(/a price is still outstanding/),
    })
  })
})
