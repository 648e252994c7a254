import type Router from '@koa/router'
import { type QuotaSource, readQuota } from './quota-report.ts'

/** How much of Amazon's quotas there is, who waits for it, and what was learned about it. */
export function addQuotaRoutes(router: Router, source: QuotaSource): void {
  router.get('/marketplace/amazon/quota', async (ctx) => {
    ctx.body = await readQuota(source)
  })
}
