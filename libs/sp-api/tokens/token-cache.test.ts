import { afterEach, describe, expect, it } from 'vitest'
import { SpApiError } from '../errors.ts'
import {
  canaries,
  json,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  tokenAnswer,
} from '../test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

async function setUp(lwa: StubHandler) {
  const stub = await startStub({ lwa })
  stubs.push(stub)
  return { stub, ...testApi(stub.url, { maxAnswerBytes: 100_000 }) }
}

const failure = async (work: Promise<unknown>): Promise<SpApiError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SpApiError)
  return error as SpApiError
}

describe('access tokens', () => {
  it('are fetched once for concurrent callers, by the refresh_token grant, and kept', async () => {
    const { stub, api, finished } = await setUp(tokenAnswer())
    await Promise.all(Array.from({ length: 20 }, () => api.checkCredentials()))
    await api.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(1)
    expect(Object.fromEntries(new URLSearchParams(stub.tokenRequests[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: canaries.refreshToken,
      client_id: 'client',
      client_secret: canaries.clientSecret,
    })
    expect(finished).toMatchObject([{ operation: 'getAccessToken', outcome: 'ok', httpStatus: 200 }])
  })

  it('are renewed before they expire, while the old one is still sent', async () => {
    let answerSecond: (() => void) | undefined
    const { stub, api, clock } = await setUp((request, response) => {
      if (request.count === 1) return tokenAnswer(3_600)(request, response)
      answerSecond = () => void tokenAnswer(3_600)(request, response)
    })
    await api.checkCredentials()
    clock.advance(2_900_000)
    await api.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(1)
    clock.advance(120_000)
    // Answered at once although the renewal hangs; and again, without a third request.
    await api.checkCredentials()
    await api.checkCredentials()
    await expect.poll(() => answerSecond).toBeDefined()
    expect(stub.tokenRequests).toHaveLength(2)
    answerSecond?.()
  })

  it('of a few seconds are used for most of their life and renewed in time', async () => {
    const { stub, api, clock } = await setUp(tokenAnswer(3))
    await api.checkCredentials()
    clock.advance(2_000)
    await api.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(1)
    clock.advance(800)
    await api.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it.each([
    [400, 'invalid_grant', /SP_API_REFRESH_TOKEN/],
    [401, 'invalid_client', /SP_API_CLIENT_SECRET/],
    [400, 'unauthorized_client', /issued to SP_API_CLIENT_ID/],
  ])(
    '%i %s is unauthorized, says what to do, and is not asked again at once',
    async (status, error, advice) => {
      const { stub, api, clock } = await setUp((_request, response) =>
        json(response, status, { error, error_description: `no ${canaries.refreshToken}` }),
      )
      const first = await failure(api.checkCredentials())
      expect(first).toMatchObject({ kind: 'unauthorized', httpStatus: status, operation: 'getAccessToken' })
      expect(first.message).toMatch(advice)
      expect(first.message).not.toContain('CANARY')
      for (let i = 0; i < 50; i++) expect((await failure(api.checkCredentials())).kind).toBe('unauthorized')
      expect(stub.tokenRequests).toHaveLength(1)
      // The pause grows with each failure: 0.75 s, then 1.5 s, at one half of chance.
      clock.advance(1_000)
      await failure(api.checkCredentials())
      expect(stub.tokenRequests).toHaveLength(2)
      clock.advance(1_000)
      const last = await failure(api.checkCredentials())
      expect(stub.tokenRequests).toHaveLength(2)
      expect(last.retryAfterMs).toBe(500)
    },
  )

  it('recover when the grant works again', async () => {
    const { api, clock } = await setUp((request, response) =>
      request.count === 1
        ? json(response, 400, { error: 'invalid_grant' })
        : tokenAnswer()(request, response),
    )
    await failure(api.checkCredentials())
    clock.advance(1_000)
    await api.checkCredentials()
  })

  it('get over a hiccup of Login with Amazon', async () => {
    const { stub, api } = await setUp((request, response) =>
      request.count < 3 ? json(response, 500, {}) : tokenAnswer()(request, response),
    )
    await api.checkCredentials()
    expect(stub.tokenRequests).toHaveLength(3)
  })

  it.each<[string, StubHandler, string]>([
    ['500', (_q, response) => json(response, 500, { error: 'server_error' }), 'unavailable'],
    ['429', (_q, response) => json(response, 429, {}, { 'retry-after': '7' }), 'throttled'],
    ['a reset', (_q, response) => void response.destroy(), 'unavailable'],
    ['HTML', (_q, response) => void response.end('<html>CANARY</html>'), 'unavailable'],
    ['no token', (_q, response) => json(response, 200, { token_type: 'bearer' }), 'unavailable'],
    [
      'a token that breaks headers',
      (_q, response) => json(response, 200, { access_token: 'a\r\nb: c', expires_in: 9 }),
      'unavailable',
    ],
    ['a huge body', (_q, response) => void response.end('x'.repeat(200_000)), 'unavailable'],
    ['broken HTTP', (_q, response) => void response.socket?.end('nonsense\r\n\r\n'), 'unavailable'],
    ['silence', () => {}, 'timeout'],
  ])('Login with Amazon answering with %s is %s', async (_name, lwa, kind) => {
    const { api } = await setUp(lwa)
    const error = await failure(api.checkCredentials())
    expect(error.kind).toBe(kind)
    expect(error.retryAfterMs).toBeGreaterThan(0)
    expect(error.message).not.toContain('CANARY')
  })

  it('are waited for no longer than the caller wants', async () => {
    const { api, stub } = await setUp(() => {})
    const abort = new AbortController()
    const waiting = api.checkCredentials(abort.signal)
    await expect.poll(() => stub.tokenRequests.length).toBe(1)
    abort.abort(new Error('shut down'))
    await expect(waiting).rejects.toThrow('shut down')
    await api.close()
  })
})
