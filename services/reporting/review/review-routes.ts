import type Router from '@koa/router'
import { addAuditRoutes } from './audit-routes.ts'
import { addCodeRoutes } from './code-routes.ts'
import { addFailureRoutes, type FailureRoutes } from './failure-routes.ts'
import { addLetterRoutes, type LetterRoutes } from './letter-routes.ts'
import { addMatchRoutes, type MatchRoutes } from './match-routes.ts'
import { addProductEdit } from './product-edit.ts'

export type ReviewRoutes = MatchRoutes & FailureRoutes & LetterRoutes

/** What needs a person: matches to decide, codes to mend, failures to try again; and who did what. */
export function addReviewRoutes(router: Router, context: ReviewRoutes): void {
  addMatchRoutes(router, context)
  addCodeRoutes(router, context.db)
  addProductEdit(router, context.db)
  addFailureRoutes(router, context)
  addLetterRoutes(router, context)
  addAuditRoutes(router, context.db)
}
