import { afterEach, expect, it } from 'vitest'
import { canaries, json, type Stub, startStub, testApi, tokenAnswer } from '../test-support.ts'

/** Repeats for the sake of a slow machine would be counted. */
const patient = { connectMs: 15_000, headersMs: 15_000, bodyMs: 15_000, totalMs: 15_000 }
const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

/** Login with Amazon takes these secrets. */
async function setUp(valid: Set<string>) {
  const stub = await startStub({
    lwa: (request, response) =>
      valid.has(new URLSearchParams(request.body).get('client_secret') ?? '')
        ? tokenAnswer(60)(request, response)
        : json(response, 401, { error: 'invalid_client' }),
  })
  stubs.push(stub)
  const application = {
    clientId: 'client',
    clientSecret: `${canaries.clientSecret}-new`,
    previousClientSecret: `${canaries.clientSecret}-old`,
  }
  return { stub, application, ...testApi(stub.url, { application, timeouts: patient }) }
}
const secretsTried = (stub: Stub) =>
  stub.tokenRequests.map(({ body }) => new URLSearchParams(body).get('client_secret')?.slice(-3))

it('of two client secrets the newer is tried first, and the older only when that is refused: it says so once', async () => {
  const valid = new Set([`${canaries.clientSecret}-old`])
  const { stub, api, clock, logged } = await setUp(valid)
  await api.checkCredentials()
  clock.advance(60_000)
  await api.checkCredentials()
  expect(secretsTried(stub)).toEqual(['new', 'old', 'new', 'old'])
  expect(logged.filter((line) => line.includes('refuses the newer client secret'))).toHaveLength(1)
  valid.add(`${canaries.clientSecret}-new`)
  clock.advance(60_000)
  await api.checkCredentials()
  expect(secretsTried(stub).slice(4)).toEqual(['new'])
  expect(logged.at(-1)).toMatch(/takes the newer client secret/)
  expect(logged.join()).not.toContain('CANARY')
})

it('when both client secrets are refused, the application is', async () => {
  const { stub, api } = await setUp(new Set())
  await expect(api.checkCredentials()).rejects.toMatchObject({ kind: 'unauthorized', httpStatus: 401 })
  expect(secretsTried(stub)).toEqual(['new', 'old'])
})

it('a revoked refresh token is no matter of the client secret', async () => {
  const stub = await startStub({ lwa: (_q, response) => json(response, 400, { error: 'invalid_grant' }) })
  stubs.push(stub)
  const application = {
    clientId: 'client',
    clientSecret: 'a-newer-one',
    previousClientSecret: 'an-older-one',
  }
  const { api } = testApi(stub.url, { application, timeouts: patient })
  await expect(api.checkCredentials()).rejects.toMatchObject({ kind: 'unauthorized', httpStatus: 400 })
  expect(stub.tokenRequests).toHaveLength(1)
})
