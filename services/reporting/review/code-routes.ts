import type Router from '@koa/router'
import { z } from 'zod'
import type { Database } from '#libs/db/database.ts'
import { type InvalidCode, listInvalidCodes, repairCodes } from '#libs/db/review-codes.ts'
import type { ReviewFilter } from '#libs/db/review-walk.ts'
import {
  type CodeProposal,
  type InvalidCode as InvalidCodeName,
  type ProposalKind,
  parseCode,
  proposalKinds,
  proposeCodes,
} from '#libs/gtin/index.ts'
import type { FieldError } from '#libs/service/problem.ts'
import { decodeCursor, encodeCursor, uuidPattern } from '../cursor.ts'
import { readQuery } from '../query.ts'
import { recordAction } from './audited.ts'
import { marketplaceOf, oneOf, productParameters, readBodyAs, readFilter, throwIfAny } from './request.ts'

const PATH = '/api/review/invalid-codes'

/** Products that one request of a bulk repair looks at, and that one transaction of it writes. */
const MOST_LOOKED = 10_000
const BATCH = 500
/** Repairs that an answer, and the audit, shows. */
const SAMPLE = 20

const values = z.union([
  z
    .string()
    .min(1)
    .transform((one) => [one]),
  z.array(z.string().min(1)).min(1).max(100),
])
/** Products by what they are, as the lists take them. */
export const bulkFilterSchema = z.strictObject({
  marketplace: values.optional(),
  supplier: values.optional(),
  brand: values.optional(),
  category: values.optional(),
  sku: values.optional(),
  upc: values.optional(),
})

export const repairSchema = z.strictObject({
  filter: bulkFilterSchema.optional(),
  /** Proposals to take although nothing confirms them, where a product has no other one. */
  unconfirmed: z.array(z.enum(proposalKinds)).min(1).max(proposalKinds.length).optional(),
  /** Only say what would be done. */
  dryRun: z.boolean().default(false),
  /** Where the request before stopped. */
  cursor: z.string().min(1).optional(),
})
const known = {
  '': Object.keys(repairSchema.shape),
  filter: Object.keys(bulkFilterSchema.shape),
}

/** Why a code can not be looked up; `AMAZON_REFUSED`: it is well formed, and Amazon refuses it. */
export interface Diagnosis {
  readonly code: InvalidCodeName | 'AMAZON_REFUSED'
  readonly reason: string
}

/** Codes that can not be looked up: what is wrong with them, what might be meant, and mending all that is certain. */
export function addCodeRoutes(router: Router, db: Database): void {
  router.get(PATH, async (ctx) => {
    const query = readQuery(ctx, ['marketplace', ...productParameters, 'text', 'repair'])
    const errors: FieldError[] = []
    const filter = readFilter(query, errors)
    const repair = oneOf(query, 'repair', ['any', 'sure', 'proposed', 'none'], errors) ?? 'any'
    throwIfAny(errors)
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const page = await listInvalidCodes(db, { filter, limit: query.limit, ...(after && { after }) })
    const items = page.items.map(diagnosed).filter(({ proposals }) => {
      if (repair === 'none') return proposals.length === 0
      if (repair === 'sure') return proposals.some(({ sure }) => sure)
      return repair === 'any' || proposals.length > 0
    })
    ctx.body = { items, nextCursor: page.next && writeCursor(page.next) }
  })

  router.post(`${PATH}/repair`, async (ctx) => {
    readQuery(ctx, [])
    const body = await readBodyAs(ctx, repairSchema, known)
    const errors: FieldError[] = []
    const filter = toFilter(body.filter, errors)
    throwIfAny(errors)
    const kinds = new Set<ProposalKind>(body.unconfirmed)
    const report = { looked: 0, proposed: 0, repaired: 0, sample: [] as Repair[] }
    let after = body.cursor === undefined ? undefined : readCursor(body.cursor)
    let complete = false
    while (!complete && report.looked < MOST_LOOKED) {
      const page = await listInvalidCodes(db, { filter, limit: BATCH, ...(after && { after }) })
      const repairs = page.items.flatMap((item) => repairOf(item, kinds))
      report.looked += page.items.length
      report.proposed += repairs.length
      let done: readonly Repair[] = repairs
      if (!body.dryRun && repairs.length > 0) {
        done = await db.transaction(async (tx) => {
          const ids = new Set(await repairCodes(tx, repairs))
          const mended = repairs.filter(({ productId }) => ids.has(productId))
          // With each batch: what was done is written down however far the request comes.
          if (mended.length > 0)
            await recordAction(ctx, tx, 'codes.repair', {
              filter: body.filter ?? {},
              ...(body.unconfirmed && { unconfirmed: body.unconfirmed }),
              count: mended.length,
              changes: mended.map(({ sku, from, to }) => ({ sku, from, to })),
            })
          return mended
        })
        report.repaired += done.length
      }
      report.sample.push(...done.slice(0, SAMPLE - report.sample.length))
      complete = page.next === null
      after = page.next ?? after
    }
    ctx.body = {
      dryRun: body.dryRun,
      ...report,
      without: report.looked - report.proposed,
      complete,
      cursor: complete || after === undefined ? null : writeCursor(after),
    }
  })
}

interface Repair {
  readonly productId: string
  readonly sku: string
  readonly from: string | null
  readonly to: string
  readonly how: ProposalKind
}

/** The one proposal that may be taken without a person looking at it; none when several would do. */
function repairOf({ productId, sku, upc }: InvalidCode, kinds: ReadonlySet<ProposalKind>): Repair[] {
  const proposals = proposeCodes(upc)
  const sure = proposals.find((one) => one.sure)
  const [only] = proposals
  const taken = sure ?? (proposals.length === 1 && only && kinds.has(only.how) ? only : undefined)
  return taken ? [{ productId, sku, from: upc, to: taken.code, how: taken.how }] : []
}

function diagnosed(item: InvalidCode) {
  const { reason, countries, ...product } = item
  return {
    ...product,
    marketplaces: countries,
    diagnosis: diagnose(item),
    proposals: proposeCodes(item.upc) as readonly CodeProposal[],
  }
}

function diagnose({ upc, reason }: InvalidCode): Diagnosis {
  const code = parseCode(upc)
  if (code.status === 'invalid') return { code: code.code, reason: code.reason }
  return { code: 'AMAZON_REFUSED', reason: reason ?? 'Amazon refuses the code' }
}

export function toFilter(
  filter: z.output<typeof bulkFilterSchema> | undefined,
  errors: FieldError[],
): ReviewFilter {
  const { marketplace, ...columns } = filter ?? {}
  const marketplaces = marketplace?.map((name) => marketplaceOf(name, errors, 'filter.marketplace'))
  return {
    ...(Object.fromEntries(
      Object.entries(columns).filter(([, given]) => given !== undefined),
    ) as ReviewFilter),
    ...(marketplaces && { marketplaces }),
  }
}

const readCursor = (cursor: string): string => decodeCursor(cursor, 'codes', [uuidPattern])[0] as string
const writeCursor = (productId: string): string => encodeCursor('codes', [productId])
