import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

/** An issuer of tokens as small as one can be: its configuration and its keys. */
class Issuer {
  readonly #server: Server
  keys: SigningKey[] = []
  down: boolean = false

  constructor() {
    this.#server = createServer(async (request, answer) => {
      if (this.down) return void request.socket.destroy()
      const jwks = {
        keys: await Promise.all(
          this.keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid })),
        ),
      }
      const known = request.url === '/jwks' ? jwks : { issuer: this.url, jwks_uri: `${this.url}/jwks` }
      answer.setHeader('content-type', 'application/json').end(JSON.stringify(known))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    await this.addKey('first')
    return this
  }

  async addKey(kid: string): Promise<void> {
    this.keys = [...this.keys, { kid, ...(await generateKeyPair('ES256', { extractable: true })) }]
  }

  token(claims: Record<string, unknown> = {}, key = this.keys.at(-1)!): Promise<string> {
    const now = Math.floor(Date.now() / 1_000)
    return new SignJWT({
      iss: this.url,
      aud: 'asinstream-api',
      sub: 'u-1',
      email: 'jane@example.com',
      scope: 'openid asinstream:read',
      iat: now,
      exp: now + 600,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid })
      .sign(key.privateKey)
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}

describeWith(['postgres'], 'tokens of an OpenID Connect issuer', () => {
  let issuer: Issuer
  let api: TestReporting
  beforeAll(async () => {
    issuer = await new Issuer().start()
    api = await startTestReporting({
      environment: { API_AUTH: 'keys', OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'asinstream-api' },
    })
  })
  afterAll(async () => {
    await api?.close()
    await issuer?.stop()
  })

  const ask = (token: string, path = '/products', init: RequestInit = {}) =>
    api.ask(path, { ...init, headers: { authorization: `Bearer ${token}` } })

  it('let their users do what their scopes say, under their name', async () => {
    expect((await ask(await issuer.token())).status).toBe(200)
    expect((await ask(await issuer.token(), '/marketplace/amazon/sync', { method: 'POST' })).status).toBe(403)
    const both = await issuer.token({ scope: 'asinstream:read asinstream:sync' })
    expect((await ask(both, '/marketplace/amazon/sync', { method: 'POST' })).status).toBe(202)
    expect(await api.db.query('select caller from api_audit where status = 202')).toEqual([
      { caller: 'user jane@example.com' },
    ])
  })

  it('count for nothing with scopes of other applications', async () => {
    expect((await ask(await issuer.token({ scope: 'read admin other:read' }))).status).toBe(403)
    expect((await ask(await issuer.token({ scope: undefined }))).status).toBe(403)
  })

  it.each([
    ['for another application', { aud: 'someone-else' }],
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['past their end', { exp: Math.floor(Date.now() / 1_000) - 60 }],
    ['without an end', { exp: undefined }],
    ['not valid yet', { nbf: Math.floor(Date.now() / 1_000) + 600 }],
  ])('are refused %s', async (_what, claims) => {
    expect((await ask(await issuer.token(claims))).status).toBe(401)
  })

  it('are refused unsigned, signed by a stranger, or signed with the public key as a secret', async () => {
    const good = await issuer.token()
    const [, payload] = good.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    expect((await ask(`${none}.${payload}.`)).status).toBe(401)
    const stranger = { kid: 'first', ...(await generateKeyPair('ES256')) }
    expect((await ask(await issuer.token({}, stranger))).status).toBe(401)
    const pem = await exportSPKI(issuer.keys[0]!.publicKey)
    const confused = await new SignJWT({
      iss: issuer.url,
      aud: 'asinstream-api',
      sub: 'x',
      scope: 'asinstream:admin',
    })
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .setExpirationTime('10m')
      .sign(new TextEncoder().encode(pem))
    expect((await ask(confused)).status).toBe(401)
  })

  it('are a 503, not a 401, while the issuer can not be asked, and go on by themselves', async () => {
    const fresh = await startTestReporting({
      environment: { API_AUTH: 'keys', OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'asinstream-api' },
    })
    try {
      const token = await issuer.token()
      const headers = { authorization: `Bearer ${token}` }
      issuer.down = true
      const answer = await fresh.ask('/products', { headers })
      expect(answer).toMatchObject({ status: 503, body: { type: 'urn:asinstream:problem:unavailable' } })
      expect(answer.headers.get('retry-after')).toBe('5')
      issuer.down = false
      expect((await fresh.ask('/products', { headers })).status).toBe(200)
      expect(fresh.lines.join('')).not.toContain(token)
    } finally {
      issuer.down = false
      await fresh.close()
    }
  })

  it('need an audience: a token for another application is not for this one', async () => {
    await expect(
      startTestReporting({ environment: { API_AUTH: 'keys', OIDC_ISSUER: issuer.url } }),
    ).rejects.toThrow(/OIDC_AUDIENCE must be set/)
  })
})
