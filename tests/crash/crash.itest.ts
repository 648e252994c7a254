import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchFolder } from '#tests/support/backing.ts'
import { type Servers, startEmbeddedServers } from '#tests/support/servers.ts'
import { type Amazon, startAmazon } from './amazon.ts'
import { trySample } from './model.ts'
import type { Crash } from './plan.ts'
import { SERVICES, Stage, type StageOptions } from './stage.ts'
import { REFUSED_CODE } from './workload.ts'

/** The small size of `npm run test:crash`: some steps of each service on the log in PostgreSQL. */
describe('a process that ends itself between two I/O steps', () => {
  let amazon: Amazon
  let servers: Servers
  const folder = scratchFolder('crash')

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
  ) {
    const stage = await Stage.open({
      ...options,
      environment: servers.environment,
      folder: `${folder}/${options.service}`,
    })
    try {
      return await work(stage)
    } finally {
      await stage.close()
    }
  }

  it.each(SERVICES)(
    'leaves nothing undone and nothing done twice: %s',
    { timeout: 180_000 },
    async (service) => {
      const report = await onStage({ service }, (stage) =>
        trySample({ service, stage, seed: 1, cells: 1, chains: 1 }),
      )
      expect(report.findings).toEqual([])
      expect(report.ended.before + report.ended.sent + report.ended.answered).toBeGreaterThanOrEqual(1)
    },
  )

  it.each([
    [
      'persister',
      'a persister that commits before it writes',
      'early-commit',
      'postgres: update product_syncs',
    ],
    [
      'catalog-fetcher',
      'a fetcher that commits before its results are there',
      'early-answer',
      'postgres: select … "event_log".append',
    ],
  ] as const)(
    'catches a %s with a planted loss: %s',
    { timeout: 300_000 },
    async (service, _, plant, where) => {
      const planted = { service, main: `tests/crash/planted/${plant}.ts` }
      const kinds = await onStage(planted, async (stage) => {
        const whole = await stage.run([{ at: null, moment: 'before' }])
        expect(whole.findings).toEqual([])
        // What goes on at the same time may change places: the steps beside it as well, then when a commit has been sent,
        // then every later step, until one shows it.
        const places = whole.steps.flatMap(({ what }, index) => (what === where ? [index] : []))
        const later = whole.steps.map((_step, index) => index).slice(Math.max(0, (places[0] ?? 0) - 4))
        const commits = later.filter((index) => whole.steps[index]?.what === 'postgres: commit')
        const before = [...[1, 2, 0, 3].flatMap((beside) => places.map((place) => place + beside)), ...later]
        const crashes: Crash[] = [
          ...before.slice(0, 4 * places.length).map((at) => ({ at, moment: 'before' }) as const),
          ...commits.map((index) => ({ at: index + 1, moment: 'sent' }) as const),
          ...before.slice(4 * places.length).map((at) => ({ at, moment: 'before' }) as const),
        ]
        const tried = new Set<string>()
        for (const crash of crashes) {
          const key = `${crash.moment} ${crash.at}`
          if (tried.has(key)) continue
          tried.add(key)
          const { findings } = await stage.run([crash])
          if (findings.length > 0) return findings.map(({ kind }) => kind)
        }
        return []
      })
      expect(kinds).toContain('lost')
    },
  )
})
