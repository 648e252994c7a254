import type Router from '@koa/router'
import { type QuotaSource, readQuota } from './quota-report.ts'

/** The second is the short name. */
export const QUOTA_PATHS = ['/marketplace/amazon/quota', '/quota'] as const

/** How much of Amazon's quotas there is, who waits for it, and what was learned about it. */
export function addQuotaRoutes(router: Router, source: QuotaSource): void {
  for (const path of QUOTA_PATHS)
    router.get(path, async (ctx) => {
      ctx.body = await readQuota(source)
    })
}
