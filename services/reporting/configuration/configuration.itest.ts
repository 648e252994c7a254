import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '#libs/db/api-keys.ts'
import { variables } from '#libs/service/variables.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

const ADMIN_KEY = 'an-admin-key-of-more-than-thirty-two-characters'

describeWith(['postgres'], 'the configuration', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({
      environment: {
        API_AUTH: 'keys',
        API_ADMIN_KEY: ADMIN_KEY,
        SP_API_CLIENT_ID: 'an-application',
        SP_API_CLIENT_SECRET: 'CANARY-client-secret',
        SP_API_REFRESH_TOKEN: 'CANARY-refresh-token',
        OIDC_AUDIENCE: 'CANARY-refresh-token',
        RATE_LIMIT_CALLS: '30',
        RATE_LIMIT_WINDOW: '60',
        MAX_WORKERS: '7',
        RETRY_DELAY_BASE: '1.5',
      },
    })
  })
  afterAll(() => api?.close())

  const read = (key: string) => api.ask('/config', { headers: { authorization: `Bearer ${key}` } })

  it('has every variable as it is in force, durations as they are written, and no secret', async () => {
    const { status, body } = await read(ADMIN_KEY)
    expect(status).toBe(200)
    expect(new Set(Object.keys(body))).toEqual(new Set(Object.keys(variables)))
    expect(body).toMatchObject({
      RATE_LIMIT_CALLS: 30,
      RATE_LIMIT_WINDOW: '1m',
      REQUEST_TIMEOUT: '30s',
      MAX_BATCH_SIZE: 100,
      MAX_WORKERS: 7,
      FETCH_CONCURRENCY: 7,
      MAX_RETRIES: 3,
      RETRY_DELAY_BASE: '1500ms',
      LOOKUP_MAX_AGE: '1d',
      SYNC_LOG_RETENTION: '90d',
      LOG_LEVEL: 'info',
      PORT: 0,
      MARKETPLACES: ['US'],
      KAFKA_BROKERS: null,
      SP_API_CLIENT_ID: 'an-application',
      SP_API_CLIENT_SECRET: '********',
      DATABASE_URL: '********',
      API_ADMIN_KEY: '********',
    })
    expect(JSON.stringify(body)).not.toMatch(/CANARY|an-admin-key/)
  })

  it('is for administrators alone, and lookups for whoever may read', async () => {
    const { key } = await createApiKey(api.db, {
      name: 'reader',
      scopes: ['read'],
      createdBy: 'test',
      expiresAt: null,
    })
    expect((await read(key)).status).toBe(403)
    const asked = await api.post('/lookup/batch/US', 'application/json', '["036000291453"]', {
      authorization: `Bearer ${key}`,
    })
    expect(asked).toMatchObject({ status: 200, body: { failed: 1 } })
  })
})
