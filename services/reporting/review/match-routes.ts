import { createHash } from 'node:crypto'
import type Router from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Database } from '#libs/db/database.ts'
import { countReview } from '#libs/db/failures.ts'
import { type DecideResult, decideMatch, type MatchWish } from '#libs/db/review-decide.ts'
import { getMatch, listAmbiguous, listDecisions, type MatchDetail } from '#libs/db/review-matches.ts'
import type { MatchKey } from '#libs/db/review-rulings.ts'
import type { ReviewCursor } from '#libs/db/review-walk.ts'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import { type FieldError, Problem } from '#libs/service/problem.ts'
import { decodeCursor, encodeCursor, toPage, uuidPattern } from '../cursor.ts'
import { readId, readQuery } from '../query.ts'
import { callerName, recordAction } from './audited.ts'
import { marketplaceOf, oneOf, productParameters, readBodyAs, readFilter, throwIfAny } from './request.ts'

export interface MatchRoutes {
  readonly db: Database
  /** Which matches are priced. */
  readonly levels: readonly LevelPolicy[]
}

const MATCHES = '/api/review/matches'
const MATCH = `${MATCHES}/:productId/:marketplace`

const asin = z.string().regex(/^[0-9A-Z]{10}$/, 'must be an ASIN: ten digits and capital letters')
const version = z
  .string()
  .regex(/^[\w-]{1,40}$/, 'must be the version of the match, as it was answered')
  .optional()
const note = z.string().trim().max(500, 'may have 500 characters').optional()

export const acceptSchema = z.strictObject({ asin, version, note })
export const rejectSchema = z
  .strictObject({
    asins: z.array(asin).min(1).max(1_000).optional(),
    /** None of these: every item that Amazon returned. */
    all: z.literal(true).optional(),
    version,
    note,
  })
  // For the published schema; the route says it in words.
  .meta({ oneOf: [{ required: ['asins'] }, { required: ['all'] }] })
export const undoSchema = z.strictObject({ version })

/** Matches that nobody but a person can decide: list, compare, accept, reject, take back. */
export function addMatchRoutes(router: Router, { db, levels }: MatchRoutes): void {
  router.get('/api/review/summary', async (ctx) => {
    readQuery(ctx, [])
    const marketplaces = await countReview(db)
    const sum = (name: 'ambiguous' | 'invalid' | 'restricted' | 'notFound' | 'error') =>
      marketplaces.reduce((total, one) => total + one[name], 0)
    ctx.body = {
      ambiguous: sum('ambiguous'),
      invalid: sum('invalid'),
      restricted: sum('restricted'),
      notFound: sum('notFound'),
      error: sum('error'),
      marketplaces,
    }
  })

  router.get(MATCHES, async (ctx) => {
    const query = readQuery(ctx, ['marketplace', ...productParameters, 'text'])
    const errors: FieldError[] = []
    const filter = readFilter(query, errors)
    throwIfAny(errors)
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const page = await listAmbiguous(db, { filter, limit: query.limit, ...(after && { after }) })
    ctx.body = { items: page.items, nextCursor: page.next && writeCursor(page.next) }
  })

  router.get(MATCH, async (ctx) => {
    readQuery(ctx, [])
    const key = keyOf(ctx)
    const match = await getMatch(db, key)
    if (!match) throw noMatch(key)
    answer(ctx, match)
  })

  router.post(`${MATCH}/accept`, async (ctx) => {
    const body = await readBodyAs(ctx, acceptSchema, { '': ['asin', 'version', 'note'] })
    await decide(ctx, body.version, { action: 'accept', asin: body.asin, note: body.note || null })
  })

  router.post(`${MATCH}/reject`, async (ctx) => {
    const body = await readBodyAs(ctx, rejectSchema, { '': ['asins', 'all', 'version', 'note'] })
    if ((body.asins === undefined) === (body.all === undefined))
      throwIfAny([{ field: 'asins', message: 'must name the ASINs to reject; or give "all": true' }])
    await decide(ctx, body.version, {
      action: 'reject',
      asins: body.asins ?? 'all',
      note: body.note || null,
    })
  })

  router.post(`${MATCH}/undo`, async (ctx) => {
    const body = await readBodyAs(ctx, undoSchema, { '': ['version'] })
    await decide(ctx, body.version, { action: 'undo' })
  })

  router.get('/api/review/decisions', async (ctx) => {
    const query = readQuery(ctx, ['marketplace', 'active', 'decidedBy'])
    const errors: FieldError[] = []
    const marketplaces = query.all('marketplace')?.map((name) => marketplaceOf(name, errors))
    const active = oneOf(query, 'active', ['true', 'false'], errors)
    throwIfAny(errors)
    const decidedBy = query.all('decidedBy')
    const before =
      query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'decisions', [/^\d{1,15}$/])[0]
    const decisions = await listDecisions(db, {
      limit: query.limit + 1,
      ...(before !== undefined && { before: Number(before) }),
      ...(marketplaces && { marketplaces }),
      ...(decidedBy && { decidedBy }),
      ...(active !== undefined && { standing: active === 'true' }),
    })
    ctx.body = toPage(decisions, query.limit, 'decisions', ({ id }) => [id])
  })

  async function decide(ctx: RouteContext, given: string | undefined, wish: MatchWish): Promise<void> {
    readQuery(ctx, [])
    const key = keyOf(ctx)
    const result = await decideMatch(db, key, wish, {
      version: seenVersion(ctx, given),
      by: callerName(ctx),
      levels,
      alsoWrite: (tx, before, after) =>
        recordAction(ctx, tx, `match.${wish.action}`, {
          ...key,
          sku: before.sku,
          ...('note' in wish && wish.note !== null && { note: wish.note }),
          before: standOf(before),
          after: standOf(after),
        }),
    })
    const match = decided(key, result)
    answer(ctx, match)
    if (result.kind === 'done') ctx.body = { ...match, effect: result.effect }
  }
}

type RouteContext = Context & { readonly params: Record<string, string> }

/** What an audit tells of a match. */
function standOf({ state, candidates, decisions }: MatchDetail) {
  return {
    state,
    chosen: candidates.find(({ chosen }) => chosen)?.asin ?? null,
    decisions: decisions.map(({ asin, verdict }) => `${verdict} ${asin}`),
  }
}

function keyOf(ctx: RouteContext): MatchKey {
  const productId = readId(ctx, 'productId')
  const errors: FieldError[] = []
  const marketplaceId = marketplaceOf(ctx.params.marketplace as string, errors)
  throwIfAny(errors)
  return { productId, marketplaceId }
}

function decided(key: MatchKey, result: DecideResult): MatchDetail {
  switch (result.kind) {
    case 'done':
      return result.match
    case 'unknown':
      throw noMatch(key)
    case 'changed':
      throw new Problem(
        'changed-meanwhile',
        'somebody has decided about this product, or Amazon has answered otherwise, since you looked: current has it as it is now',
        { members: { current: result.match } },
      )
    case 'not-a-candidate':
      throw new Problem(
        'not-a-candidate',
        `Amazon did not return ${result.asin} for the code ${result.match.upc ?? '(none)'}: accept one of ${listed(result.match)}, or correct the code`,
        { members: { current: result.match } },
      )
    case 'nothing-to-undo':
      throw new Problem(
        'nothing-to-undo',
        'nobody has decided about this product, or all of it was taken back',
        {
          members: { current: result.match },
        },
      )
  }
}

const listed = ({ candidates }: MatchDetail): string =>
  candidates
    .slice(0, 10)
    .map(({ asin }) => asin)
    .join(', ') || '(nothing)'

function noMatch({ productId, marketplaceId }: MatchKey): Problem {
  return new Problem(
    'not-found',
    `there is no product ${productId} in marketplace ${marketplaceId}; GET ${MATCHES} lists what is to be decided`,
  )
}

/** The version that the client saw: the field, or the first part of the entity tag in If-Match. */
function seenVersion(ctx: Context, given: string | undefined): string {
  if (given !== undefined) return given
  const tag = /^(?:W\/)?"([\w-]+)(?:\.[\w-]+)?"$/.exec(ctx.get('if-match').trim())
  if (tag?.[1] !== undefined) return tag[1]
  throw new Problem(
    'version-required',
    `say which version of the match you have seen: the field version, or If-Match with the etag of GET ${ctx.path.replace(/\/\w+$/, '')}`,
  )
}

/** The entity tag names the version, by which decisions are checked, and then everything else that is told. */
function answer(ctx: Context, match: MatchDetail): void {
  const rest = createHash('sha256').update(JSON.stringify(match)).digest('base64url').slice(0, 10)
  ctx.set('etag', `"${match.version}.${rest}"`)
  ctx.body = match
}

export const readCursor = (cursor: string): ReviewCursor => {
  const [productId, marketplaceId] = decodeCursor(cursor, 'review', [uuidPattern, /^\w{0,20}$/])
  return { productId: productId as string, marketplaceId: marketplaceId || null }
}

export const writeCursor = ({ productId, marketplaceId }: ReviewCursor): string =>
  encodeCursor('review', [productId, marketplaceId ?? ''])
