import { describe, expect, it } from 'vitest'
import { modelsPresent, validator } from '../test-model.ts'
import { askToken, clock, request, sellerGrant, signInToCall, startForTest } from '../testing.ts'

describe('getAccount', () => {
  it('tells who the seller is and where it sells, once a minute', async () => {
    const { now } = clock()
    const call = await signInToCall(await startForTest({ now }))
    const { status, body } = await call('GET', '/sellers/v1/account')
    expect([status, body.payload.marketplaceParticipationList.length]).toEqual([200, 23])
    if (modelsPresent) validator('sellers.json', 'GetAccountResponse')(body)
    for (let i = 1; i < 15; i++) await call('GET', '/sellers/v1/account')
    expect((await call('GET', '/sellers/v1/account')).status).toBe(429)
  })
})

describe('rotateApplicationClientSecret', () => {
  const path = '/applications/2023-11-30/clientSecret'
  const rotation = {
    grant_type: 'client_credentials',
    scope: 'sellingpartnerapi::client_credential:rotation',
  }

  it('makes a new secret, beside which the older one is good for seven days', async () => {
    const { now, pass } = clock()
    const simulator = await startForTest({ now, clientId: 'app', clientSecret: 'secret' })
    const call = await signInToCall(simulator, rotation)
    const { status, headers } = await call('POST', path)
    expect([status, headers.get('x-amzn-ratelimit-limit')]).toEqual([204, '0.0167'])
    expect((await call('POST', path)).status).toBe(429)
    const { clientSecret } = (await request(`${simulator.url}/_simulator/client-secret`)).body
    const withSecret = async (secret: string) =>
      (await askToken(simulator, { ...sellerGrant, client_secret: secret })).status
    expect([await withSecret('secret'), await withSecret(clientSecret)]).toEqual([200, 200])
    pass(7 * 86_400_000)
    expect([await withSecret('secret'), await withSecret(clientSecret)]).toEqual([401, 200])
  })

  it('needs a token of its own scope, and an application that is known', async () => {
    const simulator = await startForTest()
    expect((await (await signInToCall(simulator))('POST', path)).status).toBe(403)
    const { status, body } = await (await signInToCall(simulator, rotation))('POST', path)
    expect([status, body.errors[0].message]).toEqual([400, expect.stringMatching(/not enrolled/)])
  })
})
