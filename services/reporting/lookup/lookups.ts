import type { Queryable } from '#libs/db/database.ts'
import {
  candidatesByAsin,
  type KnownCode,
  keepLookups,
  knownCodes,
  knownItems,
  type ProductOfCode,
  productsByCode,
} from '#libs/db/lookups.ts'
import type { Lookup } from '#libs/sp-api/index.ts'
import type { AmazonLookups, Brought, LookupKind } from './amazon-lookups.ts'
import { type Failure, failureOf, refused, timedOut, unconfigured } from './failure.ts'
import { candidateFacts, factsOf, type ItemFacts, keptFacts, toKept } from './item-facts.ts'
import { isTimeout } from './time-limit.ts'

/** Where an answer comes from and when Amazon gave it. */
export interface Source {
  readonly source: 'database' | 'amazon'
  /** ISO 8601, UTC. */
  readonly observedAt: string
}

export type ItemFinding =
  | ({ readonly kind: 'found'; readonly facts: ItemFacts } & Source)
  /** Amazon does not know it. */
  | ({ readonly kind: 'unknown' } & Source)
  | { readonly kind: 'failed'; readonly failure: Failure }

/** A code as it is looked up. */
export interface CodeToFind {
  readonly gtin14: string
  /** The item in the case, whose items stand in where Amazon does not know the case. */
  readonly baseGtin14: string | null
  /** As catalogues write it. */
  readonly forms: readonly string[]
}

export type CodeFinding = { readonly product: ProductOfCode | null } & (
  | ({ readonly kind: 'items'; readonly items: readonly ItemFacts[] } & Source)
  /** A product's answer is fresh: its candidates, chosen by its own title and brand. */
  | ({ readonly kind: 'matched'; readonly answer: NonNullable<ProductOfCode['answer']> } & Source)
  | { readonly kind: 'failed'; readonly failure: Failure }
)

export interface LookupLimits {
  /** What is older, in milliseconds, is asked for anew. */
  readonly maxAgeMs: number
  readonly signal: AbortSignal
}

export interface LookupsOptions {
  readonly db: Queryable
  /** Null: Amazon can not be asked, for this reason. */
  readonly amazon: Pick<AmazonLookups, 'lookUp'> | null
  /** Why Amazon can not be asked in a marketplace; null when it can. */
  readonly whyNot: (marketplaceId: string) => string | null
  readonly timeoutMs: number
}

/** What of Amazon's items is known: from the database where that is fresh enough, from Amazon where not. */
export class Lookups {
  readonly #options: LookupsOptions

  constructor(options: LookupsOptions) {
    this.#options = options
  }

  /** Of each ASIN. Rejects with the signal's reason unless that is a `TimeoutError`, which is a failure. */
  async items(
    marketplaceId: string,
    asins: readonly string[],
    { maxAgeMs, signal }: LookupLimits,
  ): Promise<ReadonlyMap<string, ItemFinding>> {
    const { db } = this.#options
    const since = Date.now()
    const findings = new Map<string, ItemFinding>()
    if (maxAgeMs > 0) {
      for (const { asin, item, observedAt } of await knownItems(db, marketplaceId, asins, maxAgeMs))
        findings.set(asin, { ...itemOrUnknown(item && keptFacts(item)), source: 'database', observedAt })
      const left = asins.filter((asin) => !findings.has(asin))
      for (const { observedAt, ...candidate } of await candidatesByAsin(db, marketplaceId, left, maxAgeMs)) {
        const facts = candidateFacts(candidate)
        findings.set(facts.asin, { kind: 'found', facts, source: 'database', observedAt })
      }
    }
    const left = asins.filter((asin) => !findings.has(asin))
    const asked = await this.#ask('asin', marketplaceId, left, { since, signal })
    for (const [asin, answer] of asked) findings.set(asin, toItem(answer, marketplaceId))
    return findings
  }

  /**
   * Of each code, by GTIN-14.
   * @param anew by GTIN-14: it is to be matched by another title or brand than a product's, which takes all of Amazon's answer
   */
  async codes(
    marketplaceId: string,
    codes: readonly CodeToFind[],
    anew: ReadonlySet<string>,
    { maxAgeMs, signal }: LookupLimits,
  ): Promise<ReadonlyMap<string, CodeFinding>> {
    const { db } = this.#options
    const since = Date.now()
    const all = [...new Set(codes.flatMap(withBase))]
    const known = new Map(
      (maxAgeMs > 0 ? await knownCodes(db, marketplaceId, all, maxAgeMs) : []).map((one) => [
        one.gtin14,
        one,
      ]),
    )
    const forms = new Map(codes.map((code) => [code.gtin14, code.forms]))
    const products = new Map(
      (await productsByCode(db, marketplaceId, forms, maxAgeMs)).map((one) => [one.gtin14, one]),
    )
    const findings = new Map<string, CodeFinding>()
    for (const code of codes) {
      const product = products.get(code.gtin14) ?? null
      const finding = newer(
        fromLookups(code, known),
        anew.has(code.gtin14) ? null : fromProduct(product, maxAgeMs),
      )
      if (finding) findings.set(code.gtin14, { product, ...finding })
    }
    const left = codes.filter(({ gtin14 }) => !findings.has(gtin14))
    const answers = await this.#ask('code', marketplaceId, [...new Set(left.flatMap(withBase))], {
      since,
      signal,
    })
    for (const code of left) {
      const product = products.get(code.gtin14) ?? null
      findings.set(code.gtin14, { product, ...toCode(code, answers, marketplaceId) })
    }
    return findings
  }

  async #ask(
    kind: LookupKind,
    marketplaceId: string,
    identifiers: readonly string[],
    { since, signal }: { readonly since: number; readonly signal: AbortSignal },
  ): Promise<ReadonlyMap<string, Answer>> {
    const { amazon, whyNot, timeoutMs } = this.#options
    if (identifiers.length === 0) return new Map()
    const why = whyNot(marketplaceId)
    const one = async (identifier: string): Promise<Answer> => {
      if (amazon === null || why !== null)
        return { kind: 'failed', failure: unconfigured(why ?? 'Amazon can not be asked') }
      try {
        const lookup = await amazon.lookUp(kind, marketplaceId, identifier, { since, signal })
        return lookup.kind === 'failed' ? { kind: 'failed', failure: failureOf(lookup, timeoutMs) } : lookup
      } catch (error) {
        if (!isTimeout(error)) throw error
        return { kind: 'failed', failure: timedOut(timeoutMs) }
      }
    }
    return new Map(await Promise.all(identifiers.map(async (id) => [id, await one(id)] as const)))
  }
}

/** Keeps what a call brought, for those who ask later. */
export async function keepBrought(
  db: Queryable,
  { kind, marketplaceId, found }: Brought,
  keptMs: number,
): Promise<void> {
  const byTime = Map.groupBy([...found], ([, lookup]) => lookup.observedAt)
  for (const [observedAt, answered] of byTime) {
    const items = new Map<string, ReturnType<typeof toKept> | null>()
    const codes = new Map<string, readonly string[]>()
    for (const [identifier, lookup] of answered) {
      if (lookup.kind !== 'items') continue
      if (kind === 'code') codes.set(identifier, [...new Set(lookup.items.map(({ asin }) => asin))])
      else if (lookup.items.length === 0) items.set(identifier, null)
      for (const item of lookup.items) items.set(item.asin, toKept(factsOf(item, marketplaceId)))
    }
    if (items.size > 0 || codes.size > 0)
      await keepLookups(db, { marketplaceId, observedAt, items, codes }, keptMs)
  }
}

type Answer =
  | Exclude<Lookup, { readonly kind: 'failed' }>
  | { readonly kind: 'failed'; readonly failure: Failure }
type Finding = ItemsFinding | MatchedFinding
type ItemsFinding = { readonly kind: 'items'; readonly items: readonly ItemFacts[] } & Source
type MatchedFinding = {
  readonly kind: 'matched'
  readonly answer: NonNullable<ProductOfCode['answer']>
} & Source

const withBase = ({ gtin14, baseGtin14 }: CodeToFind): readonly string[] =>
  baseGtin14 === null ? [gtin14] : [gtin14, baseGtin14]

const itemOrUnknown = (facts: ItemFacts | null) =>
  facts === null ? ({ kind: 'unknown' } as const) : ({ kind: 'found', facts } as const)

function toItem(answer: Answer, marketplaceId: string): ItemFinding {
  if (answer.kind === 'failed') return answer
  if (answer.kind === 'rejected') return { kind: 'failed', failure: refused(answer.reason) }
  const [item] = answer.items
  return { ...itemOrUnknown(item ? factsOf(item, marketplaceId) : null), ...sourceOf(answer) }
}

/** The items of the code itself, or of the item in the case. */
function toCode(
  { gtin14, baseGtin14 }: CodeToFind,
  answers: ReadonlyMap<string, Answer>,
  marketplaceId: string,
): Finding | { readonly kind: 'failed'; readonly failure: Failure } {
  const own = answers.get(gtin14)!
  const base = baseGtin14 === null ? undefined : answers.get(baseGtin14)
  const answer = own.kind === 'items' && own.items.length === 0 && base ? base : own
  if (answer.kind === 'failed') return answer
  if (answer.kind === 'rejected') return { kind: 'failed', failure: refused(answer.reason) }
  const items = answer.items.map((item) => factsOf(item, marketplaceId))
  return { kind: 'items', items, ...sourceOf(answer) }
}

function fromLookups(
  { gtin14, baseGtin14 }: CodeToFind,
  known: ReadonlyMap<string, KnownCode>,
): ItemsFinding | null {
  const own = known.get(gtin14)
  const answer = own?.items.length === 0 && baseGtin14 !== null ? known.get(baseGtin14) : own
  if (answer === undefined) return null
  const { items, observedAt } = answer
  return { kind: 'items', items: items.map(keptFacts), source: 'database', observedAt }
}

function fromProduct(product: ProductOfCode | null, maxAgeMs: number): MatchedFinding | null {
  const answer = product?.answer ?? null
  if (answer === null || maxAgeMs <= 0) return null
  return { kind: 'matched', answer, source: 'database', observedAt: answer.observedAt }
}

/** A product's answer was chosen by more than the code: of two of one time it counts. */
function newer(lookup: ItemsFinding | null, product: MatchedFinding | null): Finding | null {
  if (lookup === null || product === null) return lookup ?? product
  return lookup.observedAt > product.observedAt ? lookup : product
}

const sourceOf = ({ observedAt }: { readonly observedAt: number }): Source => ({
  source: 'amazon',
  observedAt: new Date(observedAt).toISOString(),
})
