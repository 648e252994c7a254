import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { clock, request, signInToCall, startForTest, US } from '../testing.ts'

const TOKENS = '/tokens/2021-03-01/restrictedDataToken'
const REPORTS = '/reports/2021-06-30/reports'
const DOCUMENTS = '/reports/2021-06-30/documents'

async function start() {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, ordersPerDay: 200 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const call = await signInToCall(simulator)
  const ask = (...restrictedResources: object[]) => call('POST', TOKENS, { body: { restrictedResources } })
  const get = (token: string, path: string) =>
    request(`${simulator.url}${path}`, { headers: { 'x-amz-access-token': token } })
  return { simulator, call, ask, get, pass }
}

describe('restricted data tokens', () => {
  it('open a report that names buyers, which no other token does', async () => {
    const { call, ask, get, pass } = await start()
    const dataStartTime = new Date(Date.now() - 7 * 86_400_000).toISOString()
    const body = {
      reportType: 'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING',
      marketplaceIds: [US],
      dataStartTime,
    }
    const { reportId } = (await call('POST', REPORTS, { body })).body
    pass(3_000)
    const { reportDocumentId } = (await call('GET', `${REPORTS}/${reportId}`)).body
    const path = `${DOCUMENTS}/${reportDocumentId}`
    const refused = await call('GET', path)
    expect([refused.status, refused.body.errors[0].code]).toEqual([403, 'Unauthorized'])
    const { status, body: given } = await ask({ method: 'GET', path })
    expect([status, given.expiresIn]).toEqual([200, 3_600])
    const { url } = (await get(given.restrictedDataToken, path)).body
    const table = gunzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).toString('latin1')
    expect(table).toContain('@marketplace.example')
    pass(3_600_000)
    expect((await get(given.restrictedDataToken, path)).body.errors[0].details).toMatch(/expired/)
  })

  it('open nothing but what they were given for', async () => {
    const { ask, get } = await start()
    const { restrictedDataToken } = (await ask({ method: 'GET', path: `${DOCUMENTS}/amzn1.spdoc.1` })).body
    expect((await get(restrictedDataToken, `${DOCUMENTS}/amzn1.spdoc.1`)).status).toBe(404)
    expect((await get(restrictedDataToken, `${DOCUMENTS}/amzn1.spdoc.2`)).status).toBe(403)
    expect((await get(restrictedDataToken, '/sellers/v1/marketplaceParticipations')).status).toBe(403)
  })

  it('with a slash at the end of the path are given, and refused', async () => {
    const { ask, get } = await start()
    const { status, body } = await ask({ method: 'GET', path: `${DOCUMENTS}/amzn1.spdoc.1/` })
    expect(status).toBe(200)
    expect((await get(body.restrictedDataToken, `${DOCUMENTS}/amzn1.spdoc.1`)).status).toBe(403)
  })

  it.each([
    [[]],
    [[{ method: 'GET' }]],
    [[{ method: 'PATCH', path: `${DOCUMENTS}/x` }]],
    [[{ method: 'GET', path: '/catalog/2022-04-01/items' }]],
    [[{ method: 'GET', path: `${DOCUMENTS}/{reportDocumentId}` }]],
    [[{ method: 'GET', path: '/orders/v0/orders' }]],
    [[{ method: 'GET', path: '/orders/v0/orders', dataElements: ['everything'] }]],
    [Array(51).fill({ method: 'GET', path: `${DOCUMENTS}/x` })],
  ])('are refused for %j', async (resources) => {
    const { ask } = await start()
    const { status, body } = await ask(...resources)
    expect([status, body.errors[0].code]).toEqual([400, 'InvalidInput'])
  })
})
