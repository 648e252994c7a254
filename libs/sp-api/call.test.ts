import { afterEach, describe, expect, it } from 'vitest'
import { SpApiError } from './errors.ts'
import { rotateApplicationClientSecret } from './operations/generated/application-2023-11-30.ts'
import { searchCatalogItems } from './operations/generated/catalog-items-2022-04-01.ts'
import { getInventorySummaries } from './operations/generated/fba-inventory-v1.ts'
import { getDestinations } from './operations/generated/notifications-v1.ts'
import { getMyFeesEstimateForASIN, getMyFeesEstimates } from './operations/generated/product-fees-v0.ts'
import {
  cancelReport,
  createReport,
  getReport,
  getReports,
} from './operations/generated/reports-2021-06-30.ts'
import { errorList, json, type StubHandler, startStub, testApi } from './test-support.ts'

const US = 'ATVPDKIKX0DER'
const closers: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function start(api: StubHandler) {
  const stub = await startStub({ api })
  const { api: spApi, bucket } = testApi(stub.url, { homeMarketplaceId: 'US' })
  closers.push(() => spApi.close(), stub.close)
  return { api: spApi, stub, bucket }
}

const report = {
  reportId: 'R1',
  reportType: 'T',
  createdTime: '2026-01-01T00:00:00Z',
  processingStatus: 'DONE',
}

const feesRequest = (MarketplaceId: string) => ({
  IdType: 'ASIN' as const,
  IdValue: 'B000000001',
  FeesEstimateRequest: {
    MarketplaceId,
    Identifier: '1',
    PriceToEstimateFees: { ListingPrice: { CurrencyCode: 'GBP', Amount: 1 } },
  },
})

describe('call', () => {
  it('sends what Amazon takes and reads what it answers', async () => {
    const { api, stub } = await start((_, response) => json(response, 202, { reportId: 'R1' }))
    const body = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] }
    const answer = await api.call(createReport, { body })
    expect(answer).toMatchObject({ body: { reportId: 'R1' }, httpStatus: 202, requestId: 'request-1' })
    expect(stub.requests[0]!.url.pathname).toBe('/reports/2021-06-30/reports')
    expect(JSON.parse(stub.requests[0]!.body)).toEqual(body)
    expect(stub.requests[0]!.headers['content-type']).toBe('application/json')
  })

  it('reads an answer that is a list', async () => {
    const { api } = await start((_, response) => json(response, 200, [{ Status: 'Success' }]))
    const body = [{ IdType: 'ASIN' as const, IdValue: 'B000000001' }]
    expect((await api.call(getMyFeesEstimates, { body })).body).toEqual([{ Status: 'Success' }])
  })

  it('reads an answer that has no body', async () => {
    const { api } = await start((_, response) => {
      response.writeHead(204).end()
    })
    expect((await api.call(cancelReport, { reportId: 'R1' })).body).toBeUndefined()
  })

  it('sends nothing that Amazon would refuse', async () => {
    const { api, stub } = await start((_, response) => json(response, 200, report))
    await expect(api.call(getReport, { reportId: '' })).rejects.toThrow('reportId is empty')
    expect([stub.requests, stub.tokenRequests]).toEqual([[], []])
  })

  it('says what is not as Amazon defines it', async () => {
    const { api } = await start((_, response) => json(response, 200, { reportId: 4711 }))
    await expect(api.call(getReport, { reportId: 'R1' }, { attempts: 1 })).rejects.toThrow(
      /getReport: Amazon answered 200, but not as its API is defined: unexpected answer: body\.\w+ /,
    )
  })

  it.each([
    ['a 503 of a request that makes something', createReport, 1],
    ['a 503 of a request that merely asks', getReport, 2],
  ] as const)('%s', async (_, operation, requests) => {
    const { api, stub } = await start((request, response) => {
      if (request.count === 1) json(response, 503, errorList('ServiceUnavailable', 'down'))
      else json(response, 200, report)
    })
    const parameters = { reportId: 'R1', body: { reportType: 'T', marketplaceIds: [US] } }
    const call =
      operation === createReport
        ? api.call(createReport, { body: parameters.body })
        : api.call(getReport, { reportId: 'R1' })
    await call.catch((error) => expect(error).toBeInstanceOf(SpApiError))
    expect(stub.requests).toHaveLength(requests)
  })

  it('sends again what a 429 refused, whatever it does', async () => {
    const { api, stub } = await start((request, response) => {
      if (request.count === 1) json(response, 429, errorList('QuotaExceeded', 'slow down'))
      else json(response, 202, { reportId: 'R1' })
    })
    await api.call(createReport, { body: { reportType: 'T', marketplaceIds: [US] } })
    expect(stub.requests).toHaveLength(2)
  })

  it.each([
    [getDestinations, 'sellingpartnerapi::notifications'],
    [rotateApplicationClientSecret, 'sellingpartnerapi::client_credential:rotation'],
  ] as const)('asks for a token of the application where no seller is needed', async (operation, scope) => {
    const { api, stub } = await start((_, response) => json(response, 200, {}))
    await api.call(operation, {})
    const sent = new URLSearchParams(stub.tokenRequests[0]!.body)
    expect([sent.get('grant_type'), sent.get('scope')]).toEqual(['client_credentials', scope])
    expect(sent.has('refresh_token')).toBe(false)
  })

  it('sends a restricted data token in place of the own one', async () => {
    const { api, stub } = await start((_, response) => json(response, 200, report))
    await api.call(getReport, { reportId: 'R1' }, { restrictedToken: 'Atz.sprdt|x' })
    expect(stub.requests[0]!.headers['x-amz-access-token']).toBe('Atz.sprdt|x')
    expect(stub.tokenRequests).toEqual([])
  })

  it.each([
    [getMyFeesEstimates, { body: [feesRequest('A1F83G8C2ARO7P')] }],
    [getMyFeesEstimateForASIN, { Asin: 'B000000001', body: feesRequest('A1F83G8C2ARO7P') }],
  ] as const)('goes to the region of the marketplace that its body names', async (operation, parameters) => {
    const stub = await startStub({
      api: ({ url }, response) => json(response, 200, url.pathname.includes('items') ? {} : []),
    })
    const { api, finished } = testApi(stub.url)
    closers.push(() => api.close(), stub.close)
    await api.call(operation as typeof getMyFeesEstimates, parameters as never)
    expect(finished.at(-1)!.marketplaceId).toBe('A1F83G8C2ARO7P')
  })

  it('asks which region is meant when nothing says so', async () => {
    const stub = await startStub({})
    const { api } = testApi(stub.url)
    closers.push(() => api.close(), stub.close)
    await expect(api.call(getReport, { reportId: 'R1' })).rejects.toThrow('by the option marketplaceId')
  })
})

describe('pages', () => {
  const collect = async (pages: AsyncIterable<{ body: unknown; nextToken: string | null }>) => {
    const tokens: Array<string | null> = []
    for await (const { nextToken } of pages) tokens.push(nextToken)
    return tokens
  }

  it('keep their parameters beside the token', async () => {
    const { api, stub } = await start(({ count }, response) =>
      json(response, 200, {
        numberOfResults: 3,
        items: [],
        ...(count < 3 ? { pagination: { nextToken: `t${count}+/=` } } : {}),
      }),
    )
    const tokens = await collect(api.pages(searchCatalogItems, { marketplaceIds: [US], keywords: ['tv'] }))
    expect(tokens).toEqual(['t1+/=', 't2+/=', null])
    expect(stub.requests.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
      { marketplaceIds: US, keywords: 'tv' },
      { marketplaceIds: US, keywords: 'tv', pageToken: 't1+/=' },
      { marketplaceIds: US, keywords: 'tv', pageToken: 't2+/=' },
    ])
  })

  it('of reports are asked for by the token alone', async () => {
    const { api, stub } = await start(({ count }, response) =>
      json(response, 200, { reports: [], ...(count === 1 ? { nextToken: 'next' } : {}) }),
    )
    await collect(api.pages(getReports, { reportTypes: ['T'], pageSize: 100 }))
    expect(stub.requests[1]!.url.search).toBe('?nextToken=next')
  })

  it('go on where they were left', async () => {
    const { api, stub } = await start((_, response) => json(response, 200, { reports: [] }))
    expect(await collect(api.pages(getReports, { reportTypes: ['T'] }, { from: 'kept' }))).toEqual([null])
    expect(stub.requests[0]!.url.search).toBe('?nextToken=kept')
  })

  it('of an inventory go before other work, since their tokens live for 30 seconds', async () => {
    const { api, bucket } = await start(({ count }, response) =>
      json(response, 200, {
        payload: {
          granularity: { granularityType: 'Marketplace', granularityId: US },
          inventorySummaries: [],
        },
        ...(count === 1 ? { pagination: { nextToken: 'soon' } } : {}),
      }),
    )
    const where = { granularityType: 'Marketplace' as const, granularityId: US, marketplaceIds: [US] }
    await collect(api.pages(getInventorySummaries, where))
    expect(bucket.priorities).toEqual(['background', 'urgent'])
  })

  it('that go round in a circle end', async () => {
    const { api } = await start((_, response) => json(response, 200, { reports: [], nextToken: 'same' }))
    await expect(collect(api.pages(getReports, { reportTypes: ['T'] }))).rejects.toThrow('do not end')
  })

  it('that come empty are followed', async () => {
    const { api, stub } = await start(({ count }, response) =>
      json(response, 200, { reports: [], ...(count < 4 ? { nextToken: `t${count}` } : {}) }),
    )
    await collect(api.pages(getReports, { reportTypes: ['T'] }))
    expect(stub.requests).toHaveLength(4)
  })
})
