import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Queryable } from '#libs/db/database.ts'
import { type KnownPrice, knownPrices } from '#libs/db/lookups.ts'
import { Problem } from '#libs/service/problem.ts'
import { ASIN_PATTERN, type Marketplace } from '#libs/sp-api/index.ts'
import {
  asinDocument,
  asinsOf,
  type CodeDocument,
  codeDocument,
  type ReadCode,
  readCode,
  unusableDocument,
} from './code-document.ts'
import { awayFromAll, type Failure, problemOf } from './failure.ts'
import { type ItemDocument, itemDocument, unknownItem } from './item-document.ts'
import {
  type AskedCode,
  asinSchema,
  asinsSchema,
  askedCode,
  codesSchema,
  marketplaceOf,
  readLookupBody,
  readLookupQuery,
  readMaxAge,
  withinBatch,
} from './lookup-request.ts'
import type { CodeFinding, ItemFinding, LookupLimits, Lookups } from './lookups.ts'
import type { RawAnswers } from './raw-answers.ts'
import { timeLimit } from './time-limit.ts'

/** In a path, the marketplace of requests that name none. */
const HOME = 'default'

export interface LookupRoutes {
  readonly db: Queryable
  readonly lookups: Pick<Lookups, 'items' | 'codes'>
  readonly raw: Pick<RawAnswers, 'item'>
  /** Where a lookup is made that names no marketplace. */
  readonly home: Marketplace
  readonly maxAgeMs: number
  readonly timeoutMs: number
  readonly maxBatch: number
}

/** Items by ASIN, and codes with all their items: for people who wait. */
export function addLookupRoutes(
  router: Router,
  { lookups: context, origins }: { readonly lookups: LookupRoutes; readonly origins: ReadonlySet<string> },
): void {
  const { db, lookups, raw, home, timeoutMs, maxBatch } = context

  router.get('/asin/:asin', async (ctx) => {
    refuseOtherSites(ctx)
    const { marketplace, maxAgeMs } = readLookupQuery(ctx, ['marketplace', 'maxAge'])
    await answerItem(ctx, parameter(ctx, 'asin'), placeOf(marketplace), maxAgeMs)
  })

  router.get('/asin/:asin/raw', async (ctx) => {
    refuseOtherSites(ctx)
    const { marketplace } = readLookupQuery(ctx, ['marketplace'])
    const place = placeOf(marketplace)
    const { marketplaceId, countryCode } = place
    const text = parameter(ctx, 'asin')
    const asin = text.trim().toUpperCase()
    if (!ASIN_PATTERN.test(asin)) throw problemOf(noAsin(text))
    const finding = await raw.item(marketplaceId, asin, timeLimit(ctx, timeoutMs))
    if (finding.kind === 'unknown') throw problemOf(unknownItem(asin, place))
    if (finding.kind === 'failed') throw problemOf(finding.failure)
    const { operation, observedAt, requestId, answer } = finding
    ctx.body = { asin, marketplaceId, countryCode, operation, observedAt, requestId, answer }
  })

  router.post('/asin/:country', async (ctx) => {
    const marketplace = countryOf(ctx)
    const body = await readLookupBody(ctx, asinSchema, { '': ['asin', 'maxAge'] })
    const { asin, maxAge } = typeof body === 'string' ? { asin: body, maxAge: undefined } : body
    await answerItem(ctx, asin, marketplace, readMaxAge(maxAge))
  })

  router.post('/asin/batch/:country', async (ctx) => {
    const marketplace = countryOf(ctx)
    const body = await readLookupBody(ctx, asinsSchema, { '': ['asins', 'maxAge'] })
    const { asins, maxAge } = Array.isArray(body) ? { asins: body, maxAge: undefined } : body
    const asked = withinBatch(asins, maxBatch, 'asins')
    const found = await itemDocuments(asked, marketplace, limitsOf(ctx, readMaxAge(maxAge)))
    answerBatch(ctx, marketplace, found)
  })

  router.get('/lookup/:code', async (ctx) => {
    refuseOtherSites(ctx)
    const names = ['marketplace', 'maxAge', 'title', 'brand', 'packQuantity'] as const
    const { marketplace, maxAgeMs, facts } = readLookupQuery(ctx, names)
    const asked = { code: parameter(ctx, 'code'), facts }
    const [document] = await codeDocuments([asked], placeOf(marketplace), limitsOf(ctx, maxAgeMs))
    const { error, diagnosis } = document!
    // That Amazon has nothing is an answer here, with the time at which it was given.
    if (error && error.code !== 'not-found') throw problemOf(error, diagnosis ? { diagnosis } : {})
    ctx.body = document
  })

  router.post('/lookup/batch/:country', async (ctx) => {
    const marketplace = countryOf(ctx)
    const body = await readLookupBody(ctx, codesSchema, { '': ['codes', 'maxAge'] })
    const { codes, maxAge } = Array.isArray(body) ? { codes: body, maxAge: undefined } : body
    const asked = withinBatch(codes, maxBatch, 'codes').map(askedCode)
    const found = await codeDocuments(asked, marketplace, limitsOf(ctx, readMaxAge(maxAge)))
    answerBatch(ctx, marketplace, found)
  })

  async function answerItem(
    ctx: Context,
    asin: string,
    marketplace: Marketplace,
    maxAgeMs: number | undefined,
  ): Promise<void> {
    const [document] = await itemDocuments([asin], marketplace, limitsOf(ctx, maxAgeMs))
    if (document!.error) throw problemOf(document!.error)
    ctx.body = document
  }

  /** In the order asked for; what stands there twice is looked up once. */
  async function itemDocuments(
    asked: readonly string[],
    marketplace: Marketplace,
    limits: LookupLimits,
  ): Promise<readonly ItemDocument[]> {
    const asins = asked.map((text) => text.trim().toUpperCase())
    const wanted = [...new Set(asins.filter((asin) => ASIN_PATTERN.test(asin)))]
    const { marketplaceId } = marketplace
    const findings = await lookups.items(marketplaceId, wanted, limits)
    const prices = await pricesOf(marketplaceId, [...findings.values()])
    return asins.map((asin, at) => {
      const finding = findings.get(asin) ?? ({ kind: 'failed', failure: noAsin(asked[at]!) } as const)
      return itemDocument(asin.slice(0, 100), finding, marketplace, prices.get(asin))
    })
  }

  async function codeDocuments(
    asked: readonly AskedCode[],
    marketplace: Marketplace,
    limits: LookupLimits,
  ): Promise<readonly CodeDocument[]> {
    const { marketplaceId } = marketplace
    const read = asked.map(readCode)
    const codes = read.filter((one) => one.kind === 'code')
    const asins = [...new Set(read.flatMap((one) => (one.kind === 'asin' ? [one.asin] : [])))]
    const find = new Map(codes.map((one) => [one.find.gtin14, one.find]))
    const anew = new Set(codes.flatMap((one) => (one.asked.facts ? [one.find.gtin14] : [])))
    const [found, items] = await Promise.all([
      lookups.codes(marketplaceId, [...find.values()], anew, limits),
      lookups.items(marketplaceId, asins, limits),
    ])
    const prices = await pricesOf(marketplaceId, [...found.values(), ...items.values()])
    return read.map((one) => toDocument(one, { found, items, prices, marketplace }))
  }

  async function pricesOf(
    marketplaceId: string,
    findings: readonly (ItemFinding | CodeFinding)[],
  ): Promise<ReadonlyMap<string, KnownPrice>> {
    const asins = [...new Set(findings.flatMap(asinsOf))]
    const prices = asins.length === 0 ? [] : await knownPrices(db, marketplaceId, asins)
    return new Map(prices.map((price) => [price.asin, price]))
  }

  /** A read, but one that spends quota: a page elsewhere that makes a browser send it could spend all of it. */
  function refuseOtherSites(ctx: Context): void {
    if (ctx.get('sec-fetch-site') !== 'cross-site' || origins.has(ctx.get('origin'))) return
    throw new Problem(
      'cross-site',
      'a lookup spends quota: send it from the page of this server, or from a program',
    )
  }

  const countryOf = (ctx: Context): Marketplace => {
    const name = parameter(ctx, 'country')
    return name === HOME ? home : marketplaceOf(name, 'country')
  }
  const placeOf = (name: string | undefined) =>
    name === undefined ? home : marketplaceOf(name, 'marketplace')
  const limitsOf = (ctx: Context, maxAgeMs = context.maxAgeMs): LookupLimits => ({
    maxAgeMs,
    signal: timeLimit(ctx, timeoutMs),
  })
}

interface Found {
  readonly found: ReadonlyMap<string, CodeFinding>
  readonly items: ReadonlyMap<string, ItemFinding>
  readonly prices: ReadonlyMap<string, KnownPrice>
  readonly marketplace: Marketplace
}

function toDocument(read: ReadCode, { found, items, prices, marketplace }: Found): CodeDocument {
  const { code } = read.asked
  switch (read.kind) {
    case 'unusable':
      return unusableDocument(code, read.diagnosis, marketplace)
    case 'asin':
      return asinDocument(code, read.asin, items.get(read.asin)!, marketplace, prices.get(read.asin))
    case 'code':
      return codeDocument(read, found.get(read.find.gtin14)!, marketplace, prices)
  }
}

/** The names that clients of such services know. A batch of which Amazon's absence left nothing is a problem as a whole. */
function answerBatch(
  ctx: Context,
  { marketplaceId, countryCode }: Marketplace,
  results: readonly { readonly success: boolean; readonly error: Failure | null }[],
): void {
  const away = awayFromAll(results.map(({ error }) => error))
  if (away) throw away
  const successful = results.filter(({ success }) => success).length
  ctx.body = {
    results,
    total_requested: results.length,
    successful,
    failed: results.length - successful,
    success_rate: Math.round((successful / results.length) * 10_000) / 100,
    marketplaceId,
    countryCode,
  }
}

const noAsin = (text: string): Failure => ({
  code: 'invalid-code',
  message: `${JSON.stringify(text.slice(0, 40))} is no ASIN: those have ten letters and digits, such as B07FZ8S74R. /lookup takes UPC, EAN, GTIN and ISBN`,
  retryAfterSeconds: null,
})

const parameter = (ctx: Context, name: string): string =>
  (ctx as Context & { params: Record<string, string> }).params[name] ?? ''
