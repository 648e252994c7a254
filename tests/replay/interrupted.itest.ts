import { afterAll, beforeAll, expect, it } from 'vitest'
import { asinstream } from '#cli/testing.ts'
import { createJob, getJob } from '#libs/db/jobs.ts'
import { US } from '#libs/db/testing.ts'
import { OFFERS_RESULTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { comparePrices } from '#tests/support/price-truth.ts'
import { auditJobs } from '../jobs/stage.ts'
import { damage } from './damage.ts'
import {
  addCatalogue,
  type Contents,
  contents,
  differences,
  openStage,
  replayHere,
  type Stage,
  settled,
} from './stage.ts'

const PRODUCTS = 240

describeWith(['postgres'], 'a replay that is disturbed', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    await addCatalogue(stage, PRODUCTS)
    await stage.startServices()
    await settled(stage, PRODUCTS)
    await stage.system.stop()
  })
  afterAll(() => stage?.close())

  const replay = async (topic: string, ...args: string[]) => {
    const { code, stdout, stderr } = await stage.replay(topic, '--from', 'earliest', '--json', ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as { readonly kinds: Readonly<Record<string, number>> }
  }
  const candidates = async (): Promise<number> =>
    (await stage.db.query<{ n: number }>('select count(*)::int as n from amazon_market_data'))[0]!.n

  /** A product of the partition that is read last. */
  const lastProduct = async (): Promise<string> =>
    (
      await stage.db.query<{ id: string }>(
        `select convert_from(r.key, 'UTF8') as id from event_log.records r join event_log.partitions p using (partition_id)
           join products on id::text = convert_from(r.key, 'UTF8')
          where p.topic = $1 order by p.partition desc, r.record_offset limit 1`,
        [SYNC_RESULTS],
      )
    )[0]!.id

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'by %s in the midst is made whole by running it again',
    { timeout: 300_000 },
    async (signal) => {
      const truth = await contents(stage.db)
      await stage.db.query('delete from amazon_market_data')
      // It comes as far as somebody's lock.
      const somebody = await stage.db.reserve()
      await somebody.query('begin')
      await somebody.query('select 1 from products where id = $1 for update', [await lastProduct()])
      const run = asinstream(['replay', SYNC_RESULTS, '--from', 'earliest', '--yes'], stage.environment)
      const all = truth.data!.size
      const some = await waitFor(async () => (await candidates()) || null, {
        what: 'some candidates to be back',
        timeoutMs: 60_000,
      })
      expect(some).toBeLessThan(all)
      run.kill(signal)
      await somebody.query('rollback')
      somebody.release()
      const code = await run.exited
      if (signal === 'SIGINT') {
        expect(code).toBe(1)
        expect(run.stderr).toContain('Run the same command again')
      }
      expect(await candidates()).toBeLessThan(all)

      await waitFor(async () => (await replay(SYNC_RESULTS, '--yes')).kinds.created || null, {
        what: 'the second run',
        timeoutMs: 60_000,
      })
      expect(await candidates()).toBe(all)
      const prices = await replay(OFFERS_RESULTS, '--yes')
      expect(prices.kinds.created).toBe(0)
      expect(differences(truth, await contents(stage.db))).toEqual([])
    },
  )

  it('by services that sync everything meanwhile loses nothing and counts nothing twice', {
    timeout: 600_000,
  }, async () => {
    const truth = await contents(stage.db)
    await damage(stage.db)
    await stage.startServices()
    const id = await createJob(stage.db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    const done = waitFor(async () => (await getJob(stage.db, id))?.finishedAt ?? null, {
      what: 'the sync to end',
      timeoutMs: 240_000,
    })
    let over = false
    const ended = done.finally(() => {
      over = true
    })
    let changed = 0
    do for (const topic of [SYNC_RESULTS, OFFERS_RESULTS]) changed += await replayHere(stage, topic)
    while (!over)
    await ended
    expect(changed).toBeGreaterThan(PRODUCTS / 3)
    await settled(stage, PRODUCTS)
    await stage.system.stop()

    const job = await getJob(stage.db, id)
    expect(job).toMatchObject({ state: 'complete', total: PRODUCTS, done: PRODUCTS })
    expect(await auditJobs(stage.db)).toEqual([])
    const [effects] = await stage.db.query<{ logs: number; attempts: number }>(
      `select (select count(*)::int from sync_logs) as logs, (select sum(attempt)::int from product_syncs) as attempts`,
    )
    expect(effects).toEqual({ logs: 2 * PRODUCTS, attempts: 2 * PRODUCTS })
    // What was synced anew says what was said before, but for when; prices are those that are asked now.
    const candidatesOf = ({ data }: Contents): Contents => ({
      data: new Map(
        [...data!].map(([key, row]) => [
          key,
          pick(row, ['chosen', 'score', 'reasons', 'title', 'sales_rank']),
        ]),
      ),
    })
    expect(differences(candidatesOf(truth), candidatesOf(await contents(stage.db)))).toEqual([])
    expect(await comparePrices(stage.db, stage.simulator.url, US, ['price', 'offers'])).toMatchObject({
      missing: 0,
      differences: [],
      wrong: 0,
    })
    for (const topic of [SYNC_RESULTS, OFFERS_RESULTS])
      expect((await replay(topic, '--dry-run')).kinds).toMatchObject({ created: 0, updated: 0 })
  })
})

const pick = (row: Readonly<Record<string, unknown>>, columns: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(columns.map((column) => [column, row[column]]))
