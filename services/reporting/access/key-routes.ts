import type Router from '@koa/router'
import { z } from 'zod'
import { apiScopes, createApiKey, listApiKeys, revokeApiKey } from '#libs/db/api-keys.ts'
import type { Database } from '#libs/db/database.ts'
import { parseDuration } from '#libs/service/duration.ts'
import { invalidFields, Problem } from '#libs/service/problem.ts'
import { readJson } from '../body.ts'
import { fieldErrors } from '../zod-errors.ts'
import type { Caller } from './caller.ts'

const MAX_BODY_BYTES = 10_000
const PATH = '/api/keys'

export const newKeySchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(100)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not have control characters'),
  scopes: z
    .array(z.enum(apiScopes))
    .min(1)
    .transform((scopes) => [...new Set(scopes)]),
  /** A duration from now. */
  expiresIn: z
    .string()
    .regex(/^[1-9]\d{0,3}(m|h|d)$/, 'must be a duration such as 12h or 90d, 9999d at most')
    .optional(),
})

/** Keys of the API: for `admin` alone. */
export function addKeyRoutes(router: Router, db: Database, clock: () => number): void {
  router.get(PATH, async (ctx) => {
    ctx.body = { items: await listApiKeys(db), nextCursor: null }
  })

  router.post(PATH, async (ctx) => {
    const body = await readJson(ctx.req, MAX_BODY_BYTES)
    const parsed = newKeySchema.safeParse(body)
    if (!parsed.success)
      throw invalidFields(fieldErrors(parsed.error, body, { '': Object.keys(newKeySchema.shape) }))
    const { name, scopes, expiresIn } = parsed.data
    const caller = ctx.state.caller as Caller
    const expiresAt = expiresIn === undefined ? null : new Date(clock() + (parseDuration(expiresIn) ?? 0))
    const { key, view } = await createApiKey(db, { name, scopes, createdBy: caller.name, expiresAt })
    ctx.status = 201
    ctx.set('cache-control', 'no-store')
    ctx.body = { ...view, key }
  })

  router.delete(`${PATH}/:id`, async (ctx) => {
    const { id = '' } = ctx.params
    const view = await revokeApiKey(db, id)
    if (view === null)
      throw new Problem('not-found', `there is no key ${JSON.stringify(id.slice(0, 60))}; ${PATH} lists them`)
    ctx.body = view
  })
}
