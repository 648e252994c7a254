import type Router from '@koa/router'
import type { Database } from '#libs/db/database.ts'
import { getJob, isFinal } from '#libs/db/jobs.ts'
import { Problem } from '#libs/service/problem.ts'
import { readId } from '../query.ts'
import type { JobEvents } from './event-stream.ts'
import { EVENTS_PATH } from './job-document.ts'

/** A job's events as they come, as server-sent events. */
export function addJobEventRoutes(
  router: Router,
  { db, jobEvents }: { readonly db: Database; readonly jobEvents: JobEvents },
): void {
  router.get(`${EVENTS_PATH}/:syncId`, async (ctx) => {
    const id = readId(ctx, 'syncId')
    const given = ctx.get('last-event-id') || new URLSearchParams(ctx.querystring).get('lastEventId') || '0'
    if (!/^\d{1,15}$/.test(given)) {
      throw new Problem(
        'invalid-request',
        `Last-Event-ID must be the id of an event, a number, not ${JSON.stringify(given.slice(0, 40))}`,
      )
    }
    const job = await getJob(db, id)
    if (!job)
      throw new Problem(
        'not-found',
        `there is no sync ${id}; GET /api/sync/history lists those that there are`,
      )
    const after = Math.min(Number(given), job.lastEvent)
    if (isFinal(job.state) && after === job.lastEvent) {
      // The one answer after which a browser does not come again.
      ctx.status = 204
      return
    }
    ctx.set({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    ctx.type = 'text/event-stream'
    ctx.body = jobEvents.open(id, after)
  })
}
