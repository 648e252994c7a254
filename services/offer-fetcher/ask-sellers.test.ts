import { expect, it } from 'vitest'
import { type Seller, SellerPool, type SpApi, SpApiError, type SpApiFailure } from '#libs/sp-api/index.ts'
import { SellersOffers } from './ask-sellers.ts'
import type { Answer } from './questions.ts'

const US = 'ATVPDKIKX0DER'
const asin = (n: number): string => `B${String(n).padStart(9, '0')}`
const some = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => asin(from + i))

const error = (kind: SpApiFailure, httpStatus: number | null = null) =>
  new SpApiError({ kind, httpStatus, operation: 'getCompetitivePricing' }, `${kind}, as arranged`)

interface Fake {
  readonly seller: Seller
  /** ASINs of each request. */
  readonly requests: (readonly string[])[]
}

/** A seller's side of Amazon for getCompetitivePricing; `answer` may throw, or answers for these ASINs. */
function fakeSeller(name: string, answer: (asins: readonly string[]) => void): Fake {
  const requests: (readonly string[])[] = []
  const api = {
    async call(_: unknown, { Asins }: { Asins: readonly string[] }) {
      requests.push(Asins)
      answer(Asins)
      const payload = Asins.map((one) => ({
        status: 'Success',
        ASIN: one,
        Product: { Identifiers: { MarketplaceASIN: { MarketplaceId: US, ASIN: one } } },
      }))
      return { body: { payload }, httpStatus: 200, requestId: 'r', receivedAt: 1_792_000_000_000 }
    },
    nextSlotMs: async () => 0,
    circuit: () => ({ isOpen: false, openForMs: 0, waitMs: 0, change: new Promise<void>(() => {}) }),
    close: async () => {},
  } as unknown as SpApi
  return { seller: { name, api, marketplaceIds: [US] }, requests }
}

function poolOf(...fakes: readonly Fake[]): SellersOffers {
  const log = { debug() {}, info() {}, warn() {} }
  return new SellersOffers(new SellerPool({ sellers: fakes.map(({ seller }) => seller), log, maxHoldMs: 20 }))
}

const ask = (offers: SellersOffers, asins: readonly string[]): Promise<ReadonlyMap<string, Answer>> =>
  offers.ask({ marketplaceId: US, operation: 'getCompetitivePricing', asins }, new AbortController().signal)

/** ASINs by what became of them. */
function kinds(answers: ReadonlyMap<string, Answer>): Readonly<Record<string, readonly string[]>> {
  const entries = [...answers].map(
    ([one, answer]) => [answer.kind === 'failed' ? answer.error.kind : 'answered', one] as const,
  )
  const grouped = Object.groupBy(entries, ([kind]) => kind)
  return Object.fromEntries(
    Object.entries(grouped).map(([kind, list]) => [kind, list!.map(([, one]) => one)]),
  )
}

it('answers every ASIN with one request', async () => {
  const only = fakeSeller('only', () => {})
  expect(kinds(await ask(poolOf(only), some(20)))).toEqual({ answered: some(20) })
  expect(only.requests).toHaveLength(1)
})

it.each([
  ['a 500', () => error('unavailable', 500), 'failed'],
  ['an answer that can not be read', () => error('failed', 200), 'failed'],
  ['a timeout', () => error('timeout'), 'timeout'],
] as const)('finds the one ASIN that brings %s about, and answers the others', async (_, failure, kind) => {
  const poison = asin(13)
  const only = fakeSeller('only', (asins) => {
    if (asins.includes(poison)) throw failure()
  })
  const offers = poolOf(only)
  await ask(offers, some(20, 100))
  const answers = kinds(await ask(offers, some(20)))
  expect(answers[kind]).toEqual([poison])
  expect(answers.answered).toHaveLength(19)
  expect(only.requests.length).toBeLessThan(15)
})

it('finds it without another ASIN to compare with, by its halves', async () => {
  const only = fakeSeller('only', (asins) => {
    if (asins.includes(asin(3))) throw error('unavailable', 500)
  })
  expect(kinds(await ask(poolOf(only), some(20))).failed).toEqual([asin(3)])
})

it('finds two of them in different halves once others have been answered', async () => {
  const poisons = [asin(2), asin(17)]
  const only = fakeSeller('only', (asins) => {
    if (asins.some((one) => poisons.includes(one))) throw error('unavailable', 500)
  })
  const offers = poolOf(only)
  await ask(offers, some(5, 100))
  const answers = kinds(await ask(offers, some(20)))
  expect(answers.failed).toEqual(poisons)
  expect(answers.answered).toHaveLength(18)
})

it('takes it for an outage when Amazon answers nothing at all, and blames no ASIN', async () => {
  const amazon = { away: false }
  const only = fakeSeller('only', () => {
    if (amazon.away) throw error('unavailable', 500)
  })
  const offers = poolOf(only)
  await ask(offers, some(3, 100))
  amazon.away = true
  expect(kinds(await ask(offers, some(20)))).toEqual({ unavailable: some(20) })
  expect(only.requests).toHaveLength(3)
})

it('leaves what a refused seller was asked for to the others, and says whose failure it is when none is left', async () => {
  const refused = fakeSeller('refused', () => {
    throw error('unauthorized', 403)
  })
  const good = fakeSeller('good', () => {})
  const offers = poolOf(refused, good)
  expect(kinds(await ask(offers, some(7)))).toEqual({ answered: some(7) })
  await ask(offers, some(7))
  expect(refused.requests).toHaveLength(1)
  const alone = await ask(poolOf(refused), some(1))
  const answer = alone.get(asin(0))
  expect(answer?.kind === 'failed' && answer.error).toMatchObject({ kind: 'unauthorized', httpStatus: 403 })
})

it('says that no seller serves a marketplace', async () => {
  const offers = poolOf(fakeSeller('only', () => {}))
  const answers = await offers.ask(
    { marketplaceId: 'A1F83G8C2ARO7P', operation: 'getItemOffersBatch', asins: some(1) },
    new AbortController().signal,
  )
  const answer = answers.get(asin(0))
  expect(answer?.kind === 'failed' && answer.error.message).toMatch(/no seller is configured/)
})
