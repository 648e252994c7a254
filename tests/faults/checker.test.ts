import { describe, expect, it } from 'vitest'
import {
  checkProduct,
  checkTotals,
  type Expected,
  type ProductFacts,
  summarise,
  type Totals,
} from './checker.ts'

const expected: Expected = {
  sku: 'S1',
  state: 'success',
  asin: 'B000000001',
  candidates: new Map([
    ['B000000001', 7],
    ['B000000002', null],
  ]),
  gtin14: '00036000291452',
}
const good: ProductFacts = {
  sku: 'S1',
  summary: 'success',
  syncs: [{ state: 'success', attempt: 1 }],
  loggedAttempts: [1],
  marketData: [
    { asin: 'B000000001', chosen: true, salesRank: 7 },
    { asin: 'B000000002', chosen: false, salesRank: null },
  ],
  audit: { claims: 1, requeues: 0, outcomes: 1, changes: 0, overtaken: 0, regressions: 0 },
}
const totals: Totals = {
  products: 1,
  stateCounts: { success: 1, pending: 0 },
  jobs: [{ id: 'j', state: 'complete', total: 1, outcomes: { success: 1 } }],
  deadLetters: 0,
  asked: new Set(['00036000291452']),
}
const [own, other] = good.marketData
const kindsOf = (change: Partial<ProductFacts>) =>
  checkProduct(expected, { ...good, ...change }).map(({ kind }) => kind)
const totalsKinds = (change: Partial<Totals>) =>
  checkTotals([expected], { ...totals, ...change }).map(({ kind }) => kind)

describe('the checker', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(checkProduct(expected, good)).toEqual([])
    expect(checkTotals([expected], totals)).toEqual([])
  })

  it('takes a retry for what it is', () => {
    const retried = { claims: 3, requeues: 0, outcomes: 3, changes: 0, overtaken: 0, regressions: 0 }
    expect(
      kindsOf({ syncs: [{ state: 'success', attempt: 3 }], loggedAttempts: [2, 1, 3], audit: retried }),
    ).toEqual([])
  })

  it('takes an attempt whose lease ran out for what it is, wherever the gap is', () => {
    const requeued = { claims: 2, requeues: 1, outcomes: 1, changes: 0, overtaken: 0, regressions: 0 }
    expect(
      kindsOf({ syncs: [{ state: 'success', attempt: 2 }], loggedAttempts: [2], audit: requeued }),
    ).toEqual([])
  })

  it('takes a change of the code for what it is, and an answer for the old code that counted for a duplicate', () => {
    const syncs = [{ state: 'success', attempt: 3 }]
    const changed = { claims: 2, requeues: 0, outcomes: 1, changes: 1, overtaken: 1, regressions: 0 }
    expect(kindsOf({ syncs, loggedAttempts: [3], audit: changed })).toEqual([])
    expect(kindsOf({ syncs, loggedAttempts: [1, 3], audit: changed })).toEqual(['duplicate'])
    expect(kindsOf({ syncs, loggedAttempts: [3], audit: { ...changed, changes: 0 } })).toContain('counter')
  })

  it.each<[string, Partial<ProductFacts>]>([
    ['a product that never ended', { syncs: [{ state: 'queued', attempt: 1 }], summary: 'queued' }],
    ['a sync row that is gone', { syncs: [] }],
    ['a log row that is gone', { loggedAttempts: [] }],
    ['an outcome that nobody applied', { audit: { ...good.audit, outcomes: 0 } }],
    ['a candidate that is gone', { marketData: [own!] }],
  ])('catches a loss: %s', (_, change) => {
    expect(kindsOf(change)).toContain('lost')
  })

  it('catches a product that is gone', () => {
    expect(checkProduct(expected, undefined)).toMatchObject([{ kind: 'lost' }])
  })

  it.each<[string, Partial<ProductFacts>]>([
    ['an attempt that is logged twice', { loggedAttempts: [1, 1] }],
    ['a log row of an attempt that was never made', { loggedAttempts: [1, 2] }],
    ['a second outcome of one attempt', { audit: { ...good.audit, outcomes: 2 } }],
    ['a second sync row', { syncs: [...good.syncs, ...good.syncs] }],
    ['an ASIN that is stored twice', { marketData: [...good.marketData, other!] }],
  ])('catches a duplicate: %s', (_, change) => {
    expect(kindsOf(change)).toContain('duplicate')
  })

  it.each<[string, Partial<ProductFacts>]>([
    ['a version that went back', { audit: { ...good.audit, regressions: 1 } }],
    ['a rank of yesterday', { marketData: [{ ...own!, salesRank: 8 }, other!] }],
    [
      'an item that Amazon no longer has',
      { marketData: [...good.marketData, { ...other!, asin: 'B000000003' }] },
    ],
  ])('catches a stale write: %s', (_, change) => {
    expect(kindsOf(change)).toContain('stale')
  })

  it.each<[string, Partial<ProductFacts>]>([
    ['another final state', { syncs: [{ state: 'not_found', attempt: 1 }], summary: 'not_found' }],
    [
      'another item chosen',
      {
        marketData: [
          { ...own!, chosen: false },
          { ...other!, chosen: true },
        ],
      },
    ],
    ['two items chosen', { marketData: [own!, { ...other!, chosen: true }] }],
  ])('catches a wrong result: %s', (_, change) => {
    expect(kindsOf(change)).toContain('wrong')
  })

  it.each<[string, Partial<Totals>]>([
    ['a state that is counted once too often', { stateCounts: { success: 2 } }],
    ['a state that nothing is in', { stateCounts: { success: 1, queued: 1 } }],
    ['a job that took in too few', { jobs: [{ ...totals.jobs[0]!, total: 0, outcomes: {} }] }],
    ['outcomes that do not add up', { jobs: [{ ...totals.jobs[0]!, outcomes: { success: 2 } }] }],
    ['outcomes under the wrong name', { jobs: [{ ...totals.jobs[0]!, outcomes: { superseded: 1 } }] }],
  ])('catches a wrong counter: %s', (_, change) => {
    expect(totalsKinds(change)).toContain('counter')
  })

  it('catches a summary that lags behind its row, and an attempt that nobody claimed', () => {
    expect(kindsOf({ summary: 'queued' })).toEqual(['counter'])
    expect(kindsOf({ audit: { ...good.audit, claims: 0 } })).toEqual(['counter'])
  })

  it('catches a code that Amazon was not asked for, and one that nobody has', () => {
    expect(totalsKinds({ asked: new Set() })).toEqual(['never-asked'])
    expect(totalsKinds({ asked: new Set([...totals.asked, '00000000000000']) })).toEqual(['wrong'])
  })

  it('catches dead letters that nobody poisoned, and poison that is not among them', () => {
    expect(totalsKinds({ deadLetters: 1 })).toEqual(['dead-letter'])
    expect(checkTotals([expected], totals, 1)).toMatchObject([{ kind: 'dead-letter' }])
    expect(checkTotals([expected], { ...totals, deadLetters: 1 }, 1)).toEqual([])
  })

  it('catches a job that is not complete, and products that are not there', () => {
    expect(totalsKinds({ jobs: [{ ...totals.jobs[0]!, state: 'running' }] })).toEqual(['lost'])
    expect(totalsKinds({ products: 0 })).toEqual(['lost'])
  })
})

it('shows a few of each kind', () => {
  const many = Array.from({ length: 8 }, (_, i) => ({ kind: 'lost' as const, detail: `S${i}` }))
  expect(summarise(many, 2)).toEqual({ lost: ['S0', 'S1', '… and 6 more'] })
})
