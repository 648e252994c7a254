import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { startJob } from './job-actions.ts'
import { expandNextJob } from './job-expansion.ts'
import { endJobs } from './job-progress.ts'
import { getJob } from './jobs.ts'
import { applyOutcomes, type Outcome } from './outcomes.ts'
import { decideMatch, type MatchWish } from './review-decide.ts'
import { getMatch, listAmbiguous, listDecisions } from './review-matches.ts'
import { addProducts, candidate, openTestDatabase, outcome, productId, syncRow, US } from './testing.ts'

const [A, B, C] = ['B00000000A', 'B00000000B', 'B00000000C'] as const
const levels: readonly LevelPolicy[] = [
  {
    level: 'price',
    operation: 'getCompetitivePricing',
    staleAfterMs: 86_400_000,
    maxRank: null,
    unranked: true,
  },
]

describeWith(['postgres'], 'decisions about matches', () => {
  let database: TestDatabase
  let db: Database
  let id: string
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await addProducts(db, 2)
    id = await productId(db, 'S1')
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const claim = async (): Promise<ClaimedProduct> => {
    const all: ClaimedProduct[] = []
    await claimDue(db, { limit: 100, queuedTimeoutMs: 60_000 }, async (claimed) => void all.push(...claimed))
    return all.find(({ productId: own }) => own === id)!
  }
  const apply = (one: Outcome) =>
    db.transaction((tx) =>
      applyOutcomes(tx, [one], ({ result }) => ({
        state: result as 'success',
        failures: 0,
        retryInMs: null,
      })),
    )
  /** What matching says, as the persister writes it: the chosen one of these ASINs, or none of several. */
  const answerWith = async (asins: readonly string[], chosen: string | null = null) =>
    apply(
      outcome(await claim(), {
        result: chosen ? 'success' : asins.length > 0 ? 'ambiguous' : 'not_found',
        reason: 'as matching says',
        candidates: asins.map((asin) => candidate(asin, { chosen: asin === chosen })),
      }),
    )
  const makeDue = () =>
    db.query(`update product_syncs set state = 'pending', next_attempt_at = now() where product_id = $1`, [
      id,
    ])
  const syncAgain = async (asins: readonly string[], chosen: string | null = null) => {
    await makeDue()
    await answerWith(asins, chosen)
  }
  const key = () => ({ productId: id, marketplaceId: US })
  const look = async () => (await getMatch(db, key()))!
  const decide = async (wish: MatchWish, version?: string, by = 'key jane') =>
    decideMatch(db, key(), wish, { version: version ?? (await look()).version, by, levels: [] })
  const accept = (asin: string) => decide({ action: 'accept', asin, note: null })
  const reject = (...asins: string[]) => decide({ action: 'reject', asins, note: null })
  const rejectAll = () => decide({ action: 'reject', asins: 'all', note: null })
  const undo = () => decide({ action: 'undo' })
  const stand = async () => {
    const { state, candidates } = await look()
    return [state, candidates.find(({ chosen }) => chosen)?.asin ?? null]
  }
  const counts = async () =>
    Object.fromEntries(
      (
        await db.query<{ state: string; n: number }>(
          `select state, sum(n)::int as n from sync_state_counts group by state having sum(n) <> 0`,
        )
      ).map(({ state, n }) => [state, n]),
    )

  it('keeps what was accepted, whatever matching says later, and asks for nothing', async () => {
    await answerWith([A, B])
    expect((await listAmbiguous(db, { filter: {}, limit: 10 })).items).toMatchObject([
      { sku: 'S1', state: 'ambiguous', candidates: 2, reason: 'as matching says' },
    ])
    expect(await accept(B)).toMatchObject({ kind: 'done', effect: 'now' })
    expect(await stand()).toEqual(['success', B])
    expect(await syncRow(db, 'S1')).toMatchObject({ sync_status: 'success', attempt: 1 })
    expect((await listAmbiguous(db, { filter: {}, limit: 10 })).items).toEqual([])
    expect(await counts()).toEqual({ success: 1, queued: 1 })

    await syncAgain([A, B, C])
    expect(await stand()).toEqual(['success', B])
    await syncAgain([A, B], A)
    expect(await stand()).toEqual(['success', B])
    const [log] = await db.query<{ result: string; reason: string }>(
      'select result, reason from sync_logs where attempt = 3',
    )
    expect(log).toMatchObject({
      result: 'success',
      reason: expect.stringMatching(/^B00000000B was accepted by key jane on \d{4}-/),
    })
  })

  it('reviews again what Amazon no longer returns, and knows it again when it does', async () => {
    await answerWith([A, B])
    await accept(B)
    await syncAgain([A], A)
    expect(await stand()).toEqual(['ambiguous', null])
    expect((await look()).reason).toMatch(/no longer returns B00000000B.*accepted by key jane/)
    await syncAgain([])
    expect(await stand()).toEqual(['ambiguous', null])
    expect((await listAmbiguous(db, { filter: {}, limit: 10 })).items).toMatchObject([{ candidates: 0 }])
    await syncAgain([A, B])
    expect(await stand()).toEqual(['success', B])
    await syncAgain([])
    expect(await rejectAll()).toMatchObject({ kind: 'done' })
    expect(await stand()).toEqual(['not_found', null])
  })

  it('never chooses what was rejected', async () => {
    await answerWith([A, B], A)
    await reject(A)
    expect(await stand()).toEqual(['ambiguous', null])
    await syncAgain([A, B], A)
    expect(await stand()).toEqual(['ambiguous', null])
    await syncAgain([A], A)
    expect(await stand()).toEqual(['not_found', null])
    await syncAgain([A, B], B)
    expect(await stand()).toEqual(['success', B])
    await rejectAll()
    expect(await stand()).toEqual(['not_found', null])
    expect((await look()).reason).toBe(
      `All 2 items that Amazon returned were rejected, the last one by key jane on ${new Date().toISOString().slice(0, 10)}.`,
    )
    // Another item is a new question.
    await syncAgain([A, B, C], C)
    expect(await stand()).toEqual(['success', C])
  })

  it('takes decisions back, one after the other, to what matching says of the latest answer', async () => {
    await answerWith([A, B])
    await accept(A)
    await accept(B)
    await rejectAll()
    expect(await stand()).toEqual(['not_found', null])
    await undo()
    expect(await stand()).toEqual(['success', B])
    await syncAgain([A, B, C], C)
    expect(await stand()).toEqual(['success', B])
    await undo()
    expect(await stand()).toEqual(['success', A])
    await undo()
    expect(await stand()).toEqual(['success', C])
    expect((await look()).reason).toBe('as matching says')
    expect(await undo()).toMatchObject({ kind: 'nothing-to-undo' })
    expect(await db.query('select * from unaided_matches')).toEqual([])
    const history = (await look()).history.map(({ verdict, asin, endedBecause }) => [
      verdict,
      asin,
      endedBecause,
    ])
    expect(history).toEqual([
      ['rejected', A, 'undone'],
      ['rejected', B, 'undone'],
      ['accepted', B, 'undone'],
      ['accepted', A, 'undone'],
    ])
  })

  it('does nothing when somebody decided, or Amazon answered otherwise, after the person looked', async () => {
    await answerWith([A, B])
    const { version } = await look()
    const [one, other] = await Promise.all([
      decide({ action: 'accept', asin: A, note: null }, version, 'key jane'),
      decide({ action: 'accept', asin: B, note: null }, version, 'key bob'),
    ])
    expect([one.kind, other.kind].sort()).toEqual(['changed', 'done'])
    expect((await listDecisions(db, { limit: 10 })).length).toBe(1)
    const { version: second } = await look()
    await syncAgain([A, B])
    // Nothing that a person compares has changed.
    expect((await look()).version).toBe(second)
    await syncAgain([A, B, C])
    expect(await decide({ action: 'undo' }, second)).toMatchObject({ kind: 'changed' })
  })

  it('accepts only what Amazon returned for the code', async () => {
    await answerWith([A])
    expect(await accept(C)).toMatchObject({ kind: 'not-a-candidate', asin: C })
    expect(await reject(A, C)).toMatchObject({ kind: 'not-a-candidate', asin: C })
    expect(await listDecisions(db, { limit: 10 })).toEqual([])
    const nobody = { productId: '00000000-0000-4000-8000-000000000000', marketplaceId: US }
    expect(await decideMatch(db, nobody, { action: 'undo' }, { version: 'x', by: 'x', levels: [] })).toEqual({
      kind: 'unknown',
    })
  })

  it('counts with the next answer while the product is being asked for', async () => {
    await answerWith([A, B])
    await makeDue()
    const claimed = await claim()
    expect(await accept(B)).toMatchObject({ kind: 'done', effect: 'with-next-answer' })
    expect(await stand()).toEqual(['queued', B])
    await apply(
      outcome(claimed, {
        result: 'success',
        candidates: [candidate(A, { chosen: true }), candidate(B)],
      }),
    )
    expect(await stand()).toEqual(['success', B])
  })

  it('ends with the code that it was about, and stays in the history', async () => {
    await answerWith([A, B])
    await accept(A)
    await db.query(`update products set title = 'Another title' where id = $1`, [id])
    expect((await look()).decisions).toHaveLength(1)
    await db.query(`update products set upc = '4006381333931' where id = $1`, [id])
    expect(await look()).toMatchObject({
      state: 'pending',
      decisions: [],
      history: [{ asin: A, upc: '100000', endedBecause: 'new code', endedBy: null, title: `Item ${A}` }],
    })
    await answerWith([A, B], B)
    expect(await stand()).toEqual(['success', B])
    expect(await db.query('select * from unaided_matches')).toEqual([])
    await db.query('delete from products where id = $1', [id])
    expect(await listDecisions(db, { limit: 10 })).toEqual([])
  })

  it('keeps the counts of a running job, and of one that has ended, exact', async () => {
    const started = await startJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    while (await expandNextJob(db, 10)) {}
    await answerWith([A, B])
    await accept(A)
    const running = await getJob(db, started.id)
    expect(running).toMatchObject({ total: 2, done: 1, outcomes: { success: 1 } })
    await db.query(`update product_syncs set state = 'success', synced_at = now() where state = 'queued'`)
    await endJobs(db)
    await rejectAll()
    expect(await getJob(db, started.id)).toMatchObject({
      state: 'complete',
      total: 2,
      done: 2,
      outcomes: { success: 2 },
    })
    expect(await counts()).toEqual({ success: 1, not_found: 1 })
  })

  it('queues an accepted match to be priced', async () => {
    await answerWith([A, B])
    await decideMatch(
      db,
      key(),
      { action: 'accept', asin: B, note: 'the right size' },
      { version: (await look()).version, by: 'key jane', levels },
    )
    expect(await db.query('select asin, level, state from offer_syncs')).toEqual([
      { asin: B, level: 'price', state: 'pending' },
    ])
    expect((await look()).decisions).toMatchObject([{ note: 'the right size', decidedBy: 'key jane' }])
  })
})
