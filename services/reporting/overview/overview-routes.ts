import type Router from '@koa/router'
import { type Overview, type OverviewSource, readOverview } from './overview.ts'

/** Many who watch at once get one reading. */
const SHARED_MS = 400

/** `GET /api/overview`: what the first page shows, in one answer. */
export function addOverviewRoute(router: Router, source: OverviewSource): void {
  let last: { readonly at: number; readonly reading: Promise<Overview> } | undefined

  router.get('/api/overview', async (ctx) => {
    const at = performance.now()
    if (last === undefined || at - last.at > SHARED_MS) last = { at, reading: readOverview(source) }
    const { reading } = last
    try {
      ctx.body = await reading
    } catch (error) {
      // A failure is nobody's but of those who waited for it.
      if (last?.reading === reading) last = undefined
      throw error
    }
  })
}
