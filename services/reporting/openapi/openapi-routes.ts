import type Router from '@koa/router'
import { type ProblemCode, problems, problemType } from '#libs/service/problem.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument } from './document.ts'

/** The description of the API, for programs and for people. */
export function addOpenApiRoutes(router: Router): void {
  // Made when it is first asked for: most processes are never asked.
  let document: ReturnType<typeof openApiDocument> | undefined
  let page: string | undefined

  router.get('/openapi.json', (ctx) => {
    document ??= openApiDocument()
    ctx.set('cache-control', 'no-cache')
    ctx.body = document
  })

  router.get('/docs', (ctx) => {
    document ??= openApiDocument()
    page ??= docsPage(document, documentedProblems())
    ctx.set('cache-control', 'no-cache')
    ctx.type = 'text/html; charset=utf-8'
    ctx.body = page
  })
}

const documentedProblems = () =>
  Object.entries(problems).map(([code, [status, title]]) => ({
    type: problemType(code as ProblemCode),
    status,
    title,
  }))
