import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '#libs/db/database.ts'
import { tryReplayLock } from '#libs/db/replay/replay-lock.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { describeWith } from '#tests/support/backing.ts'
import { addCatalogue, contents, differences, openStage, type Stage, settled } from './stage.ts'

const PRODUCTS = 120

interface Compared {
  readonly name: string
  readonly compared: number
  readonly different: number
  readonly sample: readonly {
    readonly of: string
    readonly live: string | null
    readonly fresh: string | null
  }[]
}

describeWith(['postgres'], 'a replay beside the live tables', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    await addCatalogue(stage, PRODUCTS)
    await stage.startServices()
    await settled(stage, PRODUCTS)
    await stage.system.stop()
  })
  afterAll(() => stage?.close())

  const fresh = async (topic: string, schema: string, ...args: string[]) => {
    const { code, stdout, stderr } = await stage.replay(
      ...[topic, '--from', 'earliest', '--into', schema, '--json', ...args],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as {
      readonly kinds: Readonly<Record<string, number>>
      readonly comparisons?: readonly Compared[]
    }
  }

  it('makes what the services made, compares it, and goes on where one has been', {
    timeout: 300_000,
  }, async () => {
    const before = await contents(stage.db)
    const first = await fresh('catalog.sync-results', 'replay_1')
    expect(first.kinds).toMatchObject({ created: PRODUCTS, updated: 0, unchanged: 0 })
    await fresh('offers.results', 'replay_1')
    const again = await fresh('catalog.sync-results', 'replay_1', '--compare')
    expect(again.kinds).toMatchObject({ created: 0, updated: 0, unchanged: PRODUCTS })
    expect(again.comparisons!.map(({ name }) => name)).toEqual([
      'states',
      'matches',
      'candidates',
      'prices',
      'history',
    ])
    for (const { name, compared, different } of again.comparisons!) {
      expect(compared, name).toBeGreaterThan(PRODUCTS / 2)
      expect(different, name).toBe(0)
    }

    // One that was spoilt live is told.
    await stage.db.query(
      `update amazon_market_data d set chosen = false from products p where p.id = d.product_id
          and p.sku = (select p.sku from products p join amazon_market_data d on d.product_id = p.id
                        where d.chosen order by 1 limit 1)`,
    )
    const spoilt = await fresh('catalog.sync-results', 'replay_1', '--compare')
    const matches = spoilt.comparisons!.find(({ name }) => name === 'matches')!
    expect(matches).toMatchObject({ different: 1, sample: [{ live: null, fresh: expect.any(String) }] })
    await stage.db.query(
      `update amazon_market_data d set chosen = f.chosen from replay_1.amazon_market_data f
        where (f.product_id, f.marketplace_id, f.asin) = (d.product_id, d.marketplace_id, d.asin)`,
    )
    expect(differences(before, await contents(stage.db))).toEqual([])
  })

  it('matches anew by what the catalogue says now, live and beside it', { timeout: 300_000 }, async () => {
    const unchanged = await fresh('catalog.sync-results', 'replay_2', '--rematch', '--compare')
    for (const { name, different } of unchanged.comparisons!) expect(different, name).toBe(0)

    // The brand of the catalogue contradicts now: a match becomes doubtful.
    const [product] = await stage.db.query<{ sku: string }>(
      `update products set brand = 'Nobody At All', title = null where id = (
         select p.id from products p join amazon_market_data d on d.product_id = p.id
          where d.chosen and d.brand is not null order by p.sku limit 1) returning sku`,
    )
    const sku = product!.sku
    const state = async () =>
      (
        await stage.db.query<{ state: string; chosen: number; last_result: string }>(
          `select s.state, s.last_result, (select count(*)::int from amazon_market_data d
                     where d.product_id = s.product_id and d.chosen) as chosen
             from product_syncs s join products p on p.id = s.product_id where p.sku = $1`,
          [sku],
        )
      )[0]
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await stage.replay(
        ...['catalog.sync-results', '--from', 'earliest', '--sku', sku, '--yes', '--json', ...args],
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return (JSON.parse(stdout) as { kinds: Record<string, number> }).kinds
    }
    expect(await state()).toEqual({ state: 'success', chosen: 1, last_result: 'success' })
    expect(await run('--rematch')).toMatchObject({ updated: 1 })
    expect(await state()).toEqual({ state: 'ambiguous', chosen: 0, last_result: 'ambiguous' })
    expect(await run('--rematch')).toMatchObject({ updated: 0, unchanged: 1 })
    expect(await run()).toMatchObject({ updated: 1 })
    expect(await state()).toEqual({ state: 'success', chosen: 1, last_result: 'success' })
  })

  it('takes no schema that is somebody else’s, and one replay at a time', { timeout: 300_000 }, async () => {
    await stage.db.query('create schema theirs')
    const taken = await stage.replay('catalog.sync-results', '--from', 'earliest', '--into', 'theirs')
    expect(taken).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('schema theirs that no replay made'),
    })

    const lock = await tryReplayLock(stage.db, 'asinstream replay of a test')
    if (!('lost' in lock)) throw new Error('somebody holds it')
    try {
      const second = await stage.replay('catalog.sync-results', '--from', 'earliest', '--yes')
      expect(second).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Another replay is under way: "asinstream replay of a test" since/),
      })
    } finally {
      lock.release()
    }
  })

  it('says what it can not use, by place, and does the rest', { timeout: 300_000 }, async () => {
    const log = createPostgresEventLog({ connectionString: stage.environment.DATABASE_URL! })
    const key = Buffer.from('poison')
    await log.append([
      { topic: SYNC_RESULTS, key, value: Buffer.from('not Avro at all') },
      { topic: SYNC_RESULTS, key, value: null },
    ])
    await log.close()
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const json = await stage.replay('catalog.sync-results', '--from', since, '--dry-run', '--json')
    expect(json.code).toBe(1)
    const told = JSON.parse(json.stdout)
    expect(told).toMatchObject({ complete: true, records: PRODUCTS + 2, undecodable: { count: 2 } })
    expect(told.kinds.unchanged).toBe(PRODUCTS)
    const [first] = told.undecodable.first as { partition: number; offset: string; reason: string }[]
    const text = await stage.replay('catalog.sync-results', '--from', '24h', '--dry-run')
    expect(text.code).toBe(1)
    expect(text.stdout).toContain(`${first!.partition}:${first!.offset}`)
    expect(text.stdout).toContain('Nothing differs')
  })

  it('says what retention has taken', { timeout: 300_000 }, async () => {
    const db = await openDatabase({ url: stage.environment.DATABASE_URL!, poolSize: 1 })
    const [partition] = await db.query<{ partition: number; first: string }>(
      `update event_log.partitions p set first_offset = 2
        where topic = $1 and next_offset > 5 and partition = (
          select min(partition) from event_log.partitions where topic = $1 and next_offset > 5) returning partition`,
      [SYNC_RESULTS],
    )
    await db.query(
      `delete from event_log.records r using event_log.partitions p
        where r.partition_id = p.partition_id and p.topic = $1 and p.partition = $2 and r.record_offset < 2`,
      [SYNC_RESULTS, partition!.partition],
    )
    await db.close()
    const { stderr, stdout } = await stage.replay('catalog.sync-results', '--from', 'earliest', '--dry-run')
    expect(stderr).toContain(`${partition!.partition}:0 to ${partition!.partition}:1.`)
    expect(stdout).toContain('The oldest one that is kept is of')
  })
})
