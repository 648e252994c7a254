import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { SellerAccount } from '#libs/service/sellers.ts'
import { RegionalEndpointManager } from '#libs/sp-api/index.ts'
import { AmazonConnection } from './amazon-connection.ts'

const US = 'ATVPDKIKX0DER'
const CA = 'A2EUQ1WTGCTBG2'

const account = (name: string, more: Pick<Partial<SellerAccount>, 'marketplaces'> = {}): SellerAccount => ({
  name,
  bucketKey: name,
  clientId: 'client',
  clientSecret: 'secret',
  previousClientSecret: undefined,
  refreshToken: `token-${name}`,
  marketplaces: undefined,
  usagePlans: undefined,
  ...more,
})

describe('AmazonConnection', () => {
  let server: Server
  let url: string
  /** Refresh tokens that are refused, and where each account sells; all others sell in the US. */
  let revoked: Set<string>
  let sells: Map<string, readonly string[]>
  let requests: string[]
  let now: number
  let down: boolean
  const buckets: ReturnType<typeof createMemoryTokenBucket>[] = []

  beforeEach(async () => {
    revoked = new Set()
    sells = new Map()
    requests = []
    now = 0
    down = false
    server = createServer(async (req, res) => {
      let body = ''
      for await (const chunk of req) body += chunk
      requests.push(req.url ?? '')
      const send = (status: number, value: unknown) =>
        res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      if (down) return send(503, {})
      if (req.url?.startsWith('/auth/')) {
        const token = new URLSearchParams(body).get('refresh_token') ?? ''
        if (revoked.has(token))
          return send(400, {
            error: 'invalid_grant',
            error_description: 'The request has an invalid grant parameter',
          })
        return send(200, { access_token: `Atza|${token}`, token_type: 'bearer', expires_in: 3600 })
      }
      const token = String(req.headers['x-amz-access-token']).replace('Atza|', '')
      const payload = (sells.get(token) ?? [US]).map((id) => ({
        marketplace: { id, countryCode: 'US', name: 'Amazon' },
        participation: { isParticipating: true },
      }))
      send(200, { payload })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    for (const bucket of buckets.splice(0)) await bucket.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const connection = (...accounts: SellerAccount[]) => {
    const bucket = createMemoryTokenBucket()
    buckets.push(bucket)
    return new AmazonConnection({
      accounts: async () => accounts,
      marketplaces: ['US', 'CA'],
      bucket: () => bucket,
      endpoints: new RegionalEndpointManager({ spApiEndpoint: url, lwaEndpoint: url }),
      clock: () => now,
    })
  }
  const problemOf = (check: Promise<void>) =>
    check.then(
      () => null,
      (error: { code: string; message: string; members: unknown }) => error,
    )

  it('is right when the credentials are, and the account sells there; asked once in five minutes', async () => {
    const amazon = connection(account('a'))
    await amazon.check([US])
    const first = requests.length
    expect(first).toBe(2)
    now += 299_000
    await amazon.check([US])
    expect(requests).toHaveLength(first)
    now += 2_000
    await amazon.check([US])
    expect(requests.length).toBeGreaterThan(first)
  })

  it('names what to set when there are no credentials', async () => {
    expect(await problemOf(connection().check([US]))).toMatchObject({
      code: 'amazon-unconfigured',
      message: expect.stringContaining('SP_API_REFRESH_TOKEN'),
    })
  })

  it('says that the grant was taken back, without the token, and looks again when it may be mended', async () => {
    revoked.add('token-a')
    const amazon = connection(account('a'))
    const problem = await problemOf(amazon.check([US]))
    expect(problem).toMatchObject({ code: 'amazon-refused' })
    expect(problem?.message).toMatch(/invalid.grant/)
    expect(JSON.stringify([problem?.message, problem?.members])).not.toContain('token-a')
    revoked.clear()
    await amazon.check([US])
  })

  it('says where the account does not sell', async () => {
    expect(await problemOf(connection(account('a')).check([US, CA]))).toMatchObject({
      code: 'amazon-refused',
      message: expect.stringContaining(`does not sell in CA (${CA})`),
      members: { marketplaces: [CA] },
    })
  })

  it('is content with one account that can be asked in each marketplace', async () => {
    revoked.add('token-broken')
    sells.set('token-north', [CA])
    const accounts = [account('broken'), account('us', { marketplaces: ['US'] }), account('north')]
    await connection(...accounts).check([US, CA])
    expect(
      await problemOf(connection(account('us', { marketplaces: ['US'] })).check([US, CA])),
    ).toMatchObject({
      message: expect.stringContaining(`no seller serves CA (${CA})`),
    })
  })

  it('tells an outage from a refusal', async () => {
    down = true
    expect(await problemOf(connection(account('a')).check([US]))).toMatchObject({
      code: 'amazon-unavailable',
    })
  })

  it('trusts the credentials when the plan for the question is spent', async () => {
    const amazon = connection(account('a'))
    await amazon.check([US])
    now += 400_000
    // The bucket's second slot is a minute away, and the account would not be found to sell there now.
    sells.set('token-a', [CA])
    await amazon.check([US])
    expect(requests.filter((path) => path.includes('Participations'))).toHaveLength(1)
  })
})
