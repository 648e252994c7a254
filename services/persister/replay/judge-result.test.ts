import { expect, it } from 'vitest'
import type { Standing, StandingProduct, StandingSync } from '#libs/db/replay/standing.ts'
import type { ResultOutcome } from '../outcome.ts'
import { judgeResult } from './judge-result.ts'

const GTIN = '00036000291452'
const AT = Date.UTC(2026, 10, 20)

const product: StandingProduct = {
  upc: '036000291452',
  title: null,
  brand: null,
  packQuantity: null,
  gtin14: GTIN,
  repair: null,
}
const sync: StandingSync = {
  state: 'success',
  attempt: 3,
  queuedAt: AT - 1_000,
  syncedAt: AT,
  lastResult: 'success',
  lastReason: null,
}
const standing = (more: Partial<Standing> = {}, row: Partial<StandingSync> = {}): Standing => ({
  product,
  sync: { ...sync, ...row },
  countedAt: null,
  logged: false,
  decided: false,
  ...more,
})
const outcome = (more: Partial<ResultOutcome> = {}): ResultOutcome => ({
  productId: 'p',
  marketplaceId: 'm',
  attempt: 3,
  result: 'success',
  reason: null,
  gtin14: GTIN,
  repair: null,
  observedAt: AT,
  operation: 'searchCatalogItems',
  responseTimeMs: 1,
  amazonRequestId: 'r',
  httpStatus: 200,
  answered: true,
  candidates: [],
  retryAfterMs: null,
  ...more,
})
const judge = (of: ResultOutcome, at: Standing, loggedAt = of.observedAt + 500) => {
  const judgement = judgeResult(of, loggedAt, at)
  return judgement.kind === 'holds'
    ? { kind: 'holds', state: judgement.state, latest: judgement.latest, observedAt: judgement.observedAt }
    : judgement.kind
}

it('holds what the log of attempts says counted, at the time that it says', () => {
  // The fetcher's clock was behind: the time of the claim was stored.
  expect(judge(outcome({ observedAt: AT - 60_000 }), standing({ logged: true, countedAt: AT }))).toEqual({
    kind: 'holds',
    state: 'success',
    latest: true,
    observedAt: AT,
  })
})

it('holds what is stored by its time, where the log has forgotten the attempt', () => {
  expect(judge(outcome(), standing({}, { syncedAt: AT + 0.25 }))).toMatchObject({
    kind: 'holds',
    observedAt: AT + 0.25,
  })
})

it.each<[string, string, ResultOutcome, Standing]>([
  ['a product that is gone', 'gone', outcome(), standing({ product: null })],
  ['a marketplace that is gone', 'gone', outcome(), standing({ sync: null })],
  ['a failure', 'failed', outcome({ result: 'timeout', answered: false }), standing()],
  ['a pending product', 'in_flight', outcome(), standing({}, { state: 'pending' })],
  ['a queued product', 'in_flight', outcome(), standing({}, { state: 'queued' })],
  ['a decided product', 'decided', outcome(), standing({ decided: true })],
  ['a code that has changed', 'recoded', outcome({ gtin14: '00012345678905' }), standing()],
  ['a second record of an attempt', 'uncounted', outcome(), standing({ logged: true })],
  ['an answer that came too late', 'uncounted', outcome({ attempt: 2, observedAt: AT + 5_000 }), standing()],
  ['an earlier answer', 'older', outcome({ attempt: 2, observedAt: AT - 5_000 }), standing()],
  [
    'an earlier answer that counted',
    'older',
    outcome({ attempt: 2 }),
    standing({ logged: true, countedAt: AT - 5_000 }),
  ],
  [
    'an earlier refusal of the code',
    'older',
    outcome({ attempt: 2, result: 'invalid_upc', answered: false }),
    standing({ logged: true, countedAt: AT - 5_000 }),
  ],
  [
    'an attempt of an earlier row with higher numbers',
    'older',
    outcome({ attempt: 9, observedAt: AT - 86_400_000 }),
    standing(),
  ],
])('leaves alone: %s', (_, kind, of, at) => {
  expect(judge(of, at)).toBe(kind)
})

it('takes in an attempt that a restored database does not know', () => {
  expect(judge(outcome({ attempt: 5, observedAt: AT + 9_000 }), standing())).toEqual({
    kind: 'holds',
    state: 'success',
    latest: true,
    observedAt: AT + 9_000,
  })
})

it('does not take a clock that is ahead for a later answer', () => {
  expect(judge(outcome({ attempt: 5, observedAt: AT + 86_400_000 }), standing(), AT - 500)).toBe('older')
})

it('leaves the state to a later attempt that failed, and gives it where that one told nothing', () => {
  const stored = outcome({ attempt: 2 })
  expect(judge(stored, standing({}, { state: 'error', lastResult: 'timeout' }))).toMatchObject({
    kind: 'holds',
    state: null,
    latest: false,
  })
  // A cancelled job gave the product back: a later attempt, and the state of the last answer.
  expect(judge(stored, standing({}, { state: 'ambiguous' }))).toMatchObject({
    kind: 'holds',
    state: 'success',
    latest: false,
  })
})

it('mends the state of a refused code that was the last to count', () => {
  const refused = outcome({ result: 'invalid_upc', answered: false })
  expect(judge(refused, standing({ logged: true, countedAt: AT }, { state: 'error' }))).toMatchObject({
    kind: 'holds',
    state: 'invalid',
  })
})
