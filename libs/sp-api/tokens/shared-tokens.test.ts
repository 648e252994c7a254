import { afterEach, describe, expect, it } from 'vitest'
import type { SpApiOptions } from '../index.ts'
import { getOrderAddress } from '../operations/generated/orders-v0.ts'
import {
  canaries,
  errorList,
  json,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  testClock,
  tokenAnswer,
  US,
} from '../test-support.ts'
import { createMemoryTokenStore, type TokenStore, TokenStoreError } from './store.ts'

/** Repeats for the sake of a slow machine would be counted. */
const patient = { connectMs: 15_000, headersMs: 15_000, bodyMs: 15_000, totalMs: 15_000 }
const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

/** Clients of one seller with one store, as processes would have it. */
async function setUp(
  handlers: { lwa?: StubHandler; api?: StubHandler },
  wrap = (store: TokenStore) => store,
) {
  const stub = await startStub(handlers)
  stubs.push(stub)
  const clock = testClock()
  const texts: string[] = []
  const memory = createMemoryTokenStore(() => clock.monotonicMs())
  const tokenStore = wrap({
    ...memory,
    async claim(name) {
      const claim = await memory.claim(name)
      return (
        claim && {
          ...claim,
          publish: (text, ttlMs) => {
            texts.push(`${name} ${text}`)
            return claim.publish(text, ttlMs)
          },
        }
      )
    },
  })
  const client = (options: Partial<SpApiOptions> = {}) =>
    testApi(stub.url, { clock, tokenStore, homeMarketplaceId: US, timeouts: patient, ...options }).api
  return { stub, clock, texts, client }
}

describe('clients with one store', () => {
  it('fetch one token, whoever asks first, and renew it once', async () => {
    const { stub, clock, client, texts } = await setUp({ lwa: tokenAnswer(3_600) })
    const clients = Array.from({ length: 5 }, () => client())
    await Promise.all(clients.map((api) => api.checkCredentials()))
    expect(stub.tokenRequests).toHaveLength(1)
    clock.advance(3_050_000)
    for (const api of clients) await api.checkCredentials()
    await expect.poll(() => texts.length).toBe(2)
    for (const api of clients) await api.checkCredentials()
    // The second one is good for all of them until it is to be renewed itself.
    clock.advance(2_900_000)
    await Promise.all(clients.map((api) => api.checkCredentials()))
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('show nothing of it in the store', async () => {
    const { client, texts } = await setUp({})
    await client().checkCredentials()
    expect(texts).toHaveLength(1)
    for (const text of texts) {
      expect(text).not.toContain('access-1')
      expect(Buffer.from(text.split(' ')[1]!, 'base64').toString('latin1')).not.toContain('access-1')
      expect(text).not.toContain('CANARY')
    }
  })

  it('share none with another seller, another application, or another Login with Amazon', async () => {
    const { stub, client, texts } = await setUp({})
    const other = await startStub({})
    stubs.push(other)
    const { RegionalEndpointManager } = await import('../regional-endpoints.ts')
    await client().checkCredentials()
    await client({ refreshToken: 'Atzr|CANARY-another' }).checkCredentials()
    await client({
      application: { clientId: 'other', clientSecret: canaries.clientSecret },
    }).checkCredentials()
    const endpoints = new RegionalEndpointManager({ spApiEndpoint: stub.url, lwaEndpoint: other.url })
    await client({ endpoints }).checkCredentials()
    expect(new Set(texts.map((text) => text.split(' ')[0]))).toHaveProperty('size', 4)
    expect([stub.tokenRequests.length, other.tokenRequests.length]).toEqual([3, 1])
  })

  it('take over a token that replaced one which Amazon had ended before its time', async () => {
    const refused = 'Atza|access-1'
    const { stub, client } = await setUp({
      api: (request, response) =>
        request.headers['x-amz-access-token'] === refused
          ? json(
              response,
              403,
              errorList('Unauthorized', 'denied', 'The access token you provided has expired.'),
            )
          : json(response, 200, { payload: [] }),
    })
    const [one, two] = [client(), client()]
    await Promise.all([one.checkCredentials(), two.checkCredentials()])
    await one.marketplaceParticipations(US)
    await two.marketplaceParticipations(US)
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('share restricted data tokens as well', async () => {
    const { stub, client } = await setUp({
      api: (request, response) =>
        json(
          response,
          200,
          request.url.pathname.startsWith('/tokens')
            ? { restrictedDataToken: 'Atz.sprdt|1', expiresIn: 3_600 }
            : {},
        ),
    })
    for (const api of [client(), client()]) await api.call(getOrderAddress, { orderId: '902-1' })
    expect(stub.requests.filter(({ url }) => url.pathname.startsWith('/tokens'))).toHaveLength(1)
  })

  it('fail together when Login with Amazon does not answer, instead of one after the other', async () => {
    let answer = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { stub, client } = await setUp({
      lwa: async (_request, response) => {
        await asked
        json(response, 503, {})
      },
    })
    const waiting = Array.from({ length: 5 }, () =>
      client()
        .checkCredentials()
        .catch((error: Error) => error),
    )
    await expect.poll(() => stub.tokenRequests.length).toBe(1)
    answer()
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ kind: 'unavailable' })
    // The tries of one of them.
    expect(stub.tokenRequests.length).toBeLessThanOrEqual(3)
  })

  it('hear each for itself that it is refused: their secrets may differ', async () => {
    const { stub, client } = await setUp({
      lwa: (request, response) =>
        new URLSearchParams(request.body).get('client_secret') === 'right-secret'
          ? tokenAnswer()(request, response)
          : json(response, 401, { error: 'invalid_client' }),
    })
    const wrong = client()
    const right = client({ application: { clientId: 'client', clientSecret: 'right-secret' } })
    await expect(wrong.checkCredentials()).rejects.toMatchObject({ kind: 'unauthorized' })
    await right.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it.each(['read', 'claim', 'publish'] as const)('do without a store that is gone at %s', async (at) => {
    const gone = () => Promise.reject(new TokenStoreError('gone'))
    const { stub, client } = await setUp({}, (store) => ({
      ...store,
      ...(at === 'publish' ? { claim: async () => ({ publish: gone, release: gone }) } : { [at]: gone }),
    }))
    for (const api of [client(), client()]) await api.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('do without what somebody else wrote under the name', async () => {
    const { stub, client } = await setUp({}, (store) => ({
      ...store,
      read: async () => ({ text: 'bm9uc2Vuc2U=', remainingMs: 60_000 }),
    }))
    await client().checkCredentials()
    expect(stub.tokenRequests).toHaveLength(1)
  })
})
