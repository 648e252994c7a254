/** Answers checked against Amazon's own models, where they are at hand. */

import { describe, expect, it } from 'vitest'
import { upcOf } from './catalogue/numbering.ts'
import { marketplaces } from './marketplaces.ts'
import { operations } from './operations/index.ts'
import type { Operation } from './operations/operation.ts'
import { modelsPresent, readShared, validator } from './test-model.ts'
import { codesQuery, ITEMS, signIn, signInToCall, startForTest, US } from './testing.ts'

interface ListedOperation {
  readonly model: string
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly rate: number | null
  readonly burst: number | null
}

describe.skipIf(!modelsPresent)("answers fit Amazon's models", () => {
  it('for items of every kind, with every data set', async () => {
    const includedData =
      'attributes,classifications,dimensions,identifiers,images,productTypes,relationships,salesRanks,summaries'
    const simulator = await startForTest({ asinsPerUpc: 2.4 })
    simulator.setPlan({ operation: 'getCatalogItem', rate: 100, burst: 100 })
    const get = await signIn(simulator)
    const check = validator('catalogItems_2022-04-01.json', 'ItemSearchResults')
    let asin = ''
    for (let from = 0; from < 400; from += 20) {
      const codes = Array.from({ length: 20 }, (_, i) => upcOf(from + i))
      const { body } = await get(ITEMS, codesQuery(codes, { includedData }))
      check(body)
      for (const item of body.items)
        expect(new Set(Object.keys(item))).toEqual(new Set(['asin', ...includedData.split(',')]))
      asin = body.items[0].asin
    }
    const item = await get(`${ITEMS}/${asin}`, { marketplaceIds: `${US},A1PA6795UKMFR9`, includedData })
    validator('catalogItems_2022-04-01.json', 'Item')(item.body)
  })

  it('for errors', async () => {
    const simulator = await startForTest({ rate: 0.01, burst: 1 })
    const get = await signIn(simulator)
    const check = validator('catalogItems_2022-04-01.json', 'ErrorList')
    const answers = [
      await get(ITEMS, codesQuery(['1'])),
      await get(ITEMS, codesQuery(['1'])),
      await get('/nowhere'),
      await get(`${ITEMS}/B0ZZZZZZZZ`, { marketplaceIds: US }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([400, 429, 403, 404])
    for (const { body } of answers) check(body)
  })

  it('for marketplace participations', async () => {
    const get = await signIn(await startForTest())
    const { status, headers, body } = await get('/sellers/v1/marketplaceParticipations')
    expect([status, headers.get('x-amzn-ratelimit-limit')]).toEqual([200, '0.016'])
    expect(body.payload).toHaveLength(23)
    validator('sellers.json', 'GetMarketplaceParticipationsResponse')(body)
  })
})

interface Modelled {
  readonly responses: Readonly<Record<string, { readonly schema?: { readonly $ref: string } }>>
}

const listed: readonly ListedOperation[] = modelsPresent ? readShared('ops.json') : []
const models = new Map<string, { paths: Readonly<Record<string, Readonly<Record<string, Modelled>>>> }>()

/** The definition of an operation's answers with a status, as `[file, definition]`. */
function definitionOf(operation: Operation, status: number): readonly [string, string] {
  const { method, path } = operation
  const { model = '' } = listed.find((one) => one.method === method && one.path === path) ?? {}
  const { paths } = models.get(model) ?? readShared(`models/${model}`)
  models.set(model, { paths })
  const { schema } = paths[path]?.[method.toLowerCase()]?.responses[status] ?? {}
  return [model, schema?.$ref.split('/').at(-1) ?? '']
}

/** The model has a bare list of errors here, which Amazon does not answer with. */
const BARE_ERRORS = 'getListingsRestrictions'

describe.skipIf(!modelsPresent)('every operation', () => {
  it('fails as its model says, on demand', async () => {
    const simulator = await startForTest()
    simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
    const call = await signInToCall(simulator)
    const asked = operations.filter(({ name, scope }) => scope === undefined && name !== BARE_ERRORS)
    for (const operation of asked) {
      const { name, method, path } = operation
      for (const status of [429, 500, 503] as const) {
        simulator.setFaults({ [status]: 1 }, [name])
        const reply = await call(method, path.replace(/\{\w+\}/g, 'x'), method === 'GET' ? {} : { body: {} })
        expect([reply.status, reply.headers.get('x-amzn-ratelimit-limit')], name).toEqual([status, null])
        validator(...definitionOf(operation, status))(reply.body)
      }
    }
    expect(simulator.stats().faults).toEqual({ 429: asked.length, 500: asked.length, 503: asked.length })
  })
})

describe.skipIf(!modelsPresent)('plans and marketplaces', () => {
  it('are those that Amazon publishes', () => {
    for (const { name, method, path, plan } of operations) {
      // Where two APIs have an operation of the same name, one is known as `ordersV0.getOrder`.
      const operationId = name.split('.').at(-1)
      const published = listed.filter((one) => one.operationId === operationId)
      const same = published.find((one) => one.method === method && one.path === path)
      expect(same, `${name} is ${method} ${path}`).toBeDefined()
      expect({ rate: plan.rate, burst: plan.burst }, name).toEqual({ rate: same?.rate, burst: same?.burst })
    }
    const published: { marketplaceId: string }[] = readShared('marketplaces.json')
    expect(new Set(marketplaces.keys())).toEqual(new Set(published.map(({ marketplaceId }) => marketplaceId)))
  })
})
