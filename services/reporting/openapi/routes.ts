import { accessRoutes } from './access-routes.ts'
import type { RouteDescription } from './description.ts'
import { configurationRoute, lookupRoutes } from './lookup-routes.ts'
import { productRoutes } from './product-routes.ts'
import { reviewRoutes } from './review-routes.ts'
import { json } from './route-parts.ts'
import * as schemas from './schemas.ts'
import { amazonRoutes, syncRoutes } from './sync-routes.ts'

/** Every route of the API, in the order in which people read about them. */
export const routeDescriptions: readonly RouteDescription[] = [
  ...productRoutes,
  ...lookupRoutes,
  ...reviewRoutes,
  ...syncRoutes,
  ...amazonRoutes,
  ...accessRoutes,
  configurationRoute,
  ...(
    [
      ['/livez', 'isAlive', 'Whether starting it anew would not help.'],
      ['/readyz', 'isReady', 'Whether it can do its work.'],
      ['/health', 'getHealth', 'Both, with what is missing.'],
    ] as const
  ).map(
    ([path, operationId, summary]): RouteDescription => ({
      method: 'GET',
      path,
      operationId,
      tag: 'Health',
      summary,
      answers: {
        200: { description: 'Yes.', content: json(schemas.health) },
        503: { description: 'No.', content: json(schemas.health) },
      },
    }),
  ),
  {
    method: 'GET',
    path: '/metrics',
    operationId: 'getMetrics',
    tag: 'Health',
    summary: 'Metrics for Prometheus.',
    answers: { 200: { description: 'The metrics.', content: { 'text/plain': null } } },
  },
]
