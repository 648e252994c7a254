import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

const FRIEND = 'https://pim.example.com'
const STRANGER = 'https://elsewhere.example'
const KEY = 'k'.repeat(40)

describeWith(['postgres'], 'pages of other origins', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({
      environment: { CORS_ORIGINS: `${FRIEND},http://localhost:3000`, API_AUTH: 'keys', API_ADMIN_KEY: KEY },
    })
  })
  afterAll(() => api?.close())

  const preflight = (origin: string) =>
    api.ask('/api/sync/start', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key,content-type',
      },
    })

  it('are let in when they are named: the preflight, without a key, and the request', async () => {
    const asked = await preflight(FRIEND)
    expect(asked.status).toBe(204)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringMatching(/content-type.*x-api-key/),
    })
    expect(asked.headers.get('vary')).toMatch(/origin.*access-control-request-headers/i)
    const { status, headers } = await api.ask('/api/sync/start', {
      method: 'POST',
      headers: { origin: FRIEND, 'sec-fetch-site': 'cross-site', 'x-api-key': KEY },
      body: '{"dryRun":true}',
    })
    // Let in, and refused for what it says: the body has no type.
    expect(status).toBe(415)
    expect(headers.get('access-control-allow-origin')).toBe(FRIEND)
    expect(headers.get('access-control-expose-headers')).toMatch(/etag.*x-request-id/)
  })

  it('can read why they are refused, and follow a stream', async () => {
    const refused = await api.ask('/products', { headers: { origin: FRIEND } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(FRIEND)
    const stream = await api.ask('/api/sse/sync-progress/11111111-1111-4111-8111-111111111111', {
      headers: { origin: FRIEND, 'x-api-key': KEY },
    })
    expect(stream.status).toBe(404)
    expect(stream.headers.get('access-control-allow-credentials')).toBe('true')
  })

  it('get nothing when they are not, however alike the name', async () => {
    for (const origin of [
      STRANGER,
      `${FRIEND}.evil.example`,
      `${FRIEND}:8443`,
      'http://pim.example.com',
      'null',
    ]) {
      const asked = await preflight(origin)
      expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      const read = await api.ask('/products', { headers: { origin, 'x-api-key': KEY } })
      expect(read.status).toBe(200)
      expect(read.headers.get('access-control-allow-origin')).toBeNull()
      // A cache must not give it to the friend either.
      expect(read.headers.get('vary')).toMatch(/origin/i)
      const sent = await api.ask('/api/sync/start', { method: 'POST', headers: { origin, 'x-api-key': KEY } })
      expect(sent.body.type).toBe('urn:asinstream:problem:cross-site')
    }
  })

  it('are none unless somebody names them', async () => {
    const closed = await startTestReporting()
    try {
      const { headers } = await closed.ask('/products', { headers: { origin: closed.origin } })
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('vary')).toBeNull()
    } finally {
      await closed.close()
    }
  })
})
