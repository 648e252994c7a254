import { z } from 'zod'
import type { RouteDescription } from '../openapi/description.ts'
import { component, quota, sync, syncStatus } from '../openapi/schemas.ts'

const count = z.int().min(0)
const perSecond = z.number().min(0)

const overview = component(
  'Overview',
  z.strictObject({
    status: syncStatus,
    rates: z
      .strictObject({ secondsPerPoint: count, since: z.iso.datetime(), perSecond: z.array(perSecond) })
      .describe('outcomes a second over the last two minutes, the oldest first'),
    quota,
    lag: z.strictObject({
      groups: z.array(
        z.strictObject({
          service: z.string(),
          group: z.string(),
          topic: z.string(),
          waiting: count,
          ratePerSecond: perSecond.nullable(),
          secondsToDrain: count.nullable(),
        }),
      ),
      note: z.string().nullable().describe('why it is not known, or that it is old'),
    }),
    jobs: z.array(sync).describe('the newest'),
  }),
)

export const overviewRoutes: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/api/overview',
    operationId: 'getOverview',
    tag: 'Amazon',
    summary: 'How far everything is: states, prices, quotas, lag of the services, the newest syncs.',
    answers: { 200: { description: 'As it is now.', content: { 'application/json': overview } } },
  },
]
