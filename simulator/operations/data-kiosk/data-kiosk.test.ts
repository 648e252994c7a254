import { describe, expect, it } from 'vitest'
import { modelsPresent, validator } from '../../test-model.ts'
import { type Call, clock, control, signInToCall, startForTest, US } from '../../testing.ts'
import { parseQuery } from './graphql.ts'

const QUERIES = '/dataKiosk/2023-11-15/queries'
const DAY = 86_400_000
const day = (ago: number) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10)

const query = (name: string, aggregateBy: string, fields: string, days = 10) => `
  query MyQuery {
    analytics_salesAndTraffic_2024_04_24 {
      ${name}(aggregateBy: ${aggregateBy}, startDate: "${day(days)}", endDate: "${day(1)}", marketplaceIds: ["${US}"]) {
        ${fields}
      }
    }
  }`
const byDate = query(
  'salesAndTrafficByDate',
  'DAY',
  'startDate endDate sales { unitsOrdered orderedProductSales { amount } }',
)

async function start(options = {}) {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, ...options })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  return { simulator, pass, call: await signInToCall(simulator) }
}

async function ask(call: Call, body: object) {
  const answer = await call('POST', QUERIES, { body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return answer.body.queryId as string
}

const look = async (call: Call, id: string) => (await call('GET', `${QUERIES}/${id}`)).body

async function rowsOf(call: Call, documentId: string) {
  const { body } = await call('GET', `/dataKiosk/2023-11-15/documents/${documentId}`)
  const response = await fetch(body.documentUrl)
  expect(response.headers.get('content-encoding')).toBe('gzip')
  return (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('a query', () => {
  it('waits, is processed, and names its document', async () => {
    const { call, pass } = await start()
    const id = await ask(call, { query: byDate })
    expect(await look(call, id)).toMatchObject({ processingStatus: 'IN_QUEUE' })
    pass(3_000)
    const done = await look(call, id)
    expect(done.processingStatus).toBe('DONE')
    const rows = await rowsOf(call, done.dataDocumentId)
    expect(rows).toHaveLength(10)
    expect(Object.keys(rows[0])).toEqual(['startDate', 'endDate', 'sales'])
    expect(rows[3].sales).toEqual({
      unitsOrdered: expect.any(Number),
      orderedProductSales: { amount: expect.any(Number) },
    })
    if (modelsPresent) validator('dataKiosk_2023-11-15.json', 'Query')(done)
  })

  it('by ASIN, by week and by day adds up to the same', async () => {
    const { call, pass } = await start()
    const fields = 'startDate sales { unitsOrdered }'
    const ids = [
      await ask(call, { query: query('salesAndTrafficByAsin', 'SKU', `sku parentAsin ${fields}`) }),
      await ask(call, { query: query('salesAndTrafficByDate', 'WEEK', fields) }),
      await ask(call, { query: query('salesAndTrafficByDate', 'MONTH', fields) }),
      await ask(call, { query: byDate }),
    ]
    pass(3_000)
    const totals = []
    for (const id of ids) {
      const rows = await rowsOf(call, (await look(call, id)).dataDocumentId)
      totals.push(rows.reduce((sum: number, row) => sum + row.sales.unitsOrdered, 0))
    }
    expect(totals[0]).toBeGreaterThan(300)
    expect(new Set(totals).size).toBe(1)
  })

  it('is continued with the token of the one before, and the same words', async () => {
    const { call, pass, simulator } = await start()
    await control(simulator, 'data-kiosk', { rowsPerDocument: 4 })
    const dates: string[] = []
    let token: { paginationToken?: string } = {}
    do {
      const id = await ask(call, { query: byDate, ...token })
      pass(3_000)
      const done = await look(call, id)
      dates.push(...(await rowsOf(call, done.dataDocumentId)).map(({ startDate }) => startDate))
      token = done.pagination === undefined ? {} : { paginationToken: done.pagination.nextToken }
      if (dates.length === 4) {
        const other = { query: byDate.replace('DAY', 'WEEK'), ...token }
        expect((await call('POST', QUERIES, { body: other })).status).toBe(400)
      }
    } while (token.paginationToken !== undefined)
    expect(dates).toHaveLength(10)
    expect(new Set(dates).size).toBe(10)
  })

  it('is FATAL on demand, and cancelled until its end', async () => {
    const { call, pass, simulator } = await start()
    await control(simulator, 'data-kiosk', { outcome: 'FATAL' })
    const [fatal, cancelled, done] = [
      await ask(call, { query: byDate }),
      await ask(call, { query: byDate }),
      await ask(call, { query: byDate }),
    ]
    pass(1_500)
    for (let i = 0; i < 2; i++) expect((await call('DELETE', `${QUERIES}/${cancelled}`)).status).toBe(204)
    pass(1_500)
    expect((await call('DELETE', `${QUERIES}/${done}`)).status).toBe(400)
    const failed = await look(call, fatal)
    expect(failed).toMatchObject({ processingStatus: 'FATAL', errorDocumentId: expect.any(String) })
    expect(await rowsOf(call, failed.errorDocumentId)).toHaveLength(1)
    expect((await look(call, cancelled)).processingStatus).toBe('CANCELLED')
    const listed = await call('GET', QUERIES, { query: { processingStatuses: 'DONE,FATAL', pageSize: '1' } })
    expect(listed.body.queries.map(({ queryId }: { queryId: string }) => queryId)).toEqual([done])
    const paginationToken = listed.body.pagination.nextToken
    const rest = { processingStatuses: 'DONE,FATAL', paginationToken }
    expect((await call('GET', QUERIES, { query: rest })).body.queries).toHaveLength(1)
    expect((await call('GET', QUERIES, { query: { paginationToken } })).status).toBe(400)
  })

  it.each([
    ['without an end', '{', /should be|is no name/],
    ['about another dataset', 'query { other { a } }', /about analytics_salesAndTraffic/],
    ['that is not there', query('salesAndTrafficByMood', 'DAY', 'startDate'), /no "salesAndTrafficByMood"/],
    ['by a unit that is not there', query('salesAndTrafficByDate', 'YEAR', 'startDate'), /aggregateBy/],
    ['of a field that is not there', query('salesAndTrafficByDate', 'DAY', 'weather'), /no field "weather"/],
    ['of an object without fields', query('salesAndTrafficByDate', 'DAY', 'sales'), /must say which fields/],
    ['of fields of a leaf', query('salesAndTrafficByDate', 'DAY', 'startDate { x }'), /has no fields/],
    ['of an unknown marketplace', byDate.replace(US, 'US'), /marketplaceIds/],
    ['that ends before it begins', byDate.replace(/endDate: "[^"]+"/, 'endDate: "2001-01-01"'), /before/],
    ['that is too long', 'x'.repeat(8_001), /8000/],
  ])('%s is refused', async (_, text, details) => {
    const { call } = await start()
    const { status, body } = await call('POST', QUERIES, { body: { query: text } })
    expect([status, body.errors[0].details]).toEqual([400, expect.stringMatching(details)])
  })
})

describe('GraphQL', () => {
  it('is read with its arguments and selections', () => {
    const [field] = parseQuery('query Q { a(x: "1\\"2", y: [B, 3], z: true) { b c { d } } } ')
    expect(field).toEqual({
      name: 'a',
      arguments: { x: '1"2', y: ['B', 3], z: true },
      fields: [
        { name: 'b', arguments: {}, fields: [] },
        { name: 'c', arguments: {}, fields: [{ name: 'd', arguments: {}, fields: [] }] },
      ],
    })
  })

  it.each(['{ a(x 1) { b } }', '{ }', '{ a } b', '{ a(x: ) }', '{ a @include }', '{ a'])(
    '%s is no query',
    (text) => {
      expect(() => parseQuery(text)).toThrow()
    },
  )
})
