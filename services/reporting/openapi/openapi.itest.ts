import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'
import { checkAnswer } from './contract.ts'
import { routeDescriptions } from './routes.ts'

describeWith(['postgres'], 'the description of the API', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting()
  })
  afterAll(() => api.close())

  it('has every route that there is, and no other', async () => {
    const { body } = await api.ask('/nowhere')
    const pages = ['/', '/ui', '/ui/*page', '/assets/:version/*file', '/docs', '/docs.css', '/openapi.json']
    const routes = (body.routes as string[]).filter((route) => !pages.includes(route.split(' ')[1] ?? ''))
    const described = routeDescriptions.map(({ method, path }) => `${method} ${path}`)
    expect(described.toSorted()).toEqual(routes.toSorted())
  })

  it('is a document of OpenAPI 3.1 in which every reference leads somewhere', async () => {
    const { status, body } = await api.ask('/openapi.json')
    expect(status).toBe(200)
    expect(body.openapi).toMatch(/^3\.1\./)
    const text = JSON.stringify(body)
    const references = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id),
    )
    expect(references.size).toBeGreaterThan(10)
    expect([...references].filter((id) => !(String(id) in body.components.schemas))).toEqual([])
    expect(text).not.toContain('undefined')
    const ids = routeDescriptions.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has no two paths that differ by the names of their parameters alone', async () => {
    const { body } = await api.ask('/openapi.json')
    const shapes = Object.keys(body.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'))
    expect(new Set(shapes).size).toBe(shapes.length)
    const { get, post } = body.paths['/asin/{asinOrCountry}']
    for (const { parameters } of [get, post])
      expect(parameters[0]).toMatchObject({ name: 'asinOrCountry', in: 'path', required: true })
  })

  it('can be read as a page that names every operation', async () => {
    const page = await api.ask('/docs')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    for (const { operationId } of routeDescriptions) expect(page.body).toContain(`id="${operationId}"`)
    expect(page.body).not.toContain('<script')
  })

  it('is what answers are held to: a field, a status or a problem that it does not tell of is found', () => {
    const answer = { method: 'GET', target: '/api/session', contentType: 'application/json; charset=utf-8' }
    const problem = (code: string, status: number) => ({
      ...answer,
      status,
      body: { type: `urn:asinstream:problem:${code}`, title: '', status, detail: '', requestId: '' },
    })
    const session = { caller: null, scopes: [] }
    expect(() => checkAnswer({ ...answer, status: 200, body: session })).not.toThrow()
    expect(() => checkAnswer(problem('unauthenticated', 401))).not.toThrow()
    expect(() => checkAnswer({ ...answer, status: 200, body: { ...session, more: 1 } })).toThrow(
      /not as described/,
    )
    expect(() => checkAnswer({ ...answer, status: 200, body: { caller: null } })).toThrow(/not as described/)
    expect(() => checkAnswer({ ...answer, status: 201, body: session })).toThrow()
    expect(() => checkAnswer(problem('not-found', 404))).toThrow(/does not tell of/)
    expect(() => checkAnswer({ ...answer, contentType: 'text/html', status: 200, body: '' })).toThrow(
      /text\/html/,
    )
  })
})
