import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addProducts } from '#libs/db/testing.ts'
import { problems } from '#libs/service/problem.ts'
import type { RunningService } from '#libs/service/service.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'the HTTP server', () => {
  let api: TestReporting
  let siblingReady = true
  const sibling: RunningService = {
    name: 'persister',
    finished: new Promise(() => {}),
    healthy: () => siblingReady,
    ready: async () => {
      if (!siblingReady) throw new Error('Kafka is away')
    },
    details: () => ({ sellers: { stopped: [] } }),
    stop: async () => {},
  }
  beforeAll(async () => {
    api = await startTestReporting({ reporting: { services: () => [sibling] } })
  })
  afterAll(() => api.close())

  it('reports its own health and that of its siblings', async () => {
    expect(await api.ask('/livez')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect((await api.ask('/readyz')).body).toEqual({
      status: 'ok',
      checks: { reporting: 'ok', persister: 'ok' },
      details: { persister: { sellers: { stopped: [] } } },
    })
    siblingReady = false
    try {
      expect(await api.ask('/readyz')).toMatchObject({
        status: 503,
        body: { checks: { persister: 'Kafka is away' } },
      })
      expect((await api.ask('/livez')).body).toEqual({ status: 'failed', failed: ['persister'] })
      expect((await api.ask('/health')).status).toBe(503)
    } finally {
      siblingReady = true
    }
  })

  it('counts requests by route, never by address, and products by state at the scrape', async () => {
    await addProducts(api.db, 3)
    await api.ask('/products/11111111-1111-4111-8111-111111111111')
    await api.ask('/nothing/here/42')
    const metrics = (await api.ask('/metrics')).body as string
    expect(metrics).toContain('asinstream_product_syncs{marketplace="US",state="pending"} 3')
    expect(metrics).toMatch(
      /http_request_seconds_count\{method="GET",route="\/products\/:id",status="404"\} 1/,
    )
    expect(metrics).toMatch(/http_request_seconds_count\{method="GET",route="none",status="404"\} 1/)
    expect(metrics).not.toContain('11111111')
    expect(metrics).not.toContain('/nothing')
  })

  it('lists what there is for an unknown route, and Allow for a wrong method', async () => {
    const unknown = await api.ask('/product')
    expect(unknown).toMatchObject({ status: 404, body: { type: 'urn:asinstream:problem:unknown-route' } })
    expect(unknown.body.routes).toEqual(
      expect.arrayContaining([
        'POST /products',
        'GET /products/:id',
        'POST /marketplace/amazon/sync',
        'GET /metrics',
      ]),
    )
    const wrong = await api.ask('/products', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST'])
    expect((await api.ask('/products', { method: 'OPTIONS' })).status).toBe(204)
    // It would fit /products/:id as well, which can be changed.
    const other = await api.ask('/products/export', { method: 'OPTIONS' })
    expect(new Set(other.headers.get('allow')?.split(', '))).toEqual(new Set(['GET', 'HEAD', 'OPTIONS']))
    expect((await api.ask('/products/export', { method: 'PATCH' })).status).toBe(405)
    expect((await api.ask('/products/%E0%A4%A')).body).toMatchObject({ status: 400 })
  })

  it('takes null for no body nowhere: it could mean everything', async () => {
    for (const path of ['/marketplace/amazon/sync', '/api/sync/start', '/api/review/invalid-codes/repair'])
      expect((await api.post(path, 'application/json', 'null')).status, path).toBe(400)
    expect(await api.db.query('select 1 from sync_jobs')).toEqual([])
  })

  it('gives each request an id, in the answer, the problem and the log', async () => {
    const { headers, body } = await api.ask('/nothing', { headers: { 'x-request-id': 'mine-1' } })
    expect(headers.get('x-request-id')).toBe('mine-1')
    expect(body.requestId).toBe('mine-1')
    expect(api.lines.some((line) => line.includes('"requestId":"mine-1"'))).toBe(true)
    const forged = await api.ask('/livez', { headers: { 'x-request-id': 'a b' } })
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('sends what keeps a browser safe, with every kind of answer', async () => {
    const kinds = [
      ['/', 200],
      ['/docs', 200],
      ['/products', 200],
      ['/products/export?format=csv', 200],
      ['/metrics', 200],
      ['/nothing', 404],
      ['/products/nonsense', 400],
      ['/products/%E0%A4%A', 400],
    ] as const
    for (const [path, status] of kinds) {
      const { headers, ...answer } = await api.ask(path)
      expect(answer.status, path).toBe(status)
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
    }
  })

  it('leads from a problem to where people read about its kind', async () => {
    const { headers, body } = await api.ask('/nothing')
    const [, target] = /^<\/docs#(.*)>; rel="help"$/.exec(headers.get('link') ?? '') ?? []
    expect(target).toBe(body.type)
    const page = (await api.ask('/docs')).body as string
    for (const code of Object.keys(problems)) expect(page).toContain(`id="urn:asinstream:problem:${code}"`)
  })

  it('refuses what another site makes a browser send', async () => {
    const origin = { origin: 'https://elsewhere.example' }
    const foreign = await api.ask('/marketplace/amazon/sync', { method: 'POST', headers: origin })
    expect(foreign.status).toBe(403)
    const own = await api.ask('/marketplace/amazon/sync', { method: 'POST', headers: { origin: api.origin } })
    expect(own.status).toBe(202)
  })

  it('is no server of another name, as long as it asks nobody for a key', async () => {
    const { port } = api.service.address
    const statusFor = (host: string) =>
      new Promise((resolve, reject) => {
        const req = request({ port, path: '/products?limit=1', headers: { host } }, (res) => {
          res.resume()
          resolve(res.statusCode)
        })
        req.on('error', reject)
        req.end()
      })
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]', 'app.localhost', hostname()])
      expect(await statusFor(host), host).toBe(200)
    for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example'])
      expect(await statusFor(host), host).toBe(403)
  })

  it('tells nobody but the log what broke inside', async () => {
    await api.db.query('alter table products rename to products_away')
    try {
      const { status, body } = await api.ask('/products')
      expect(status).toBe(500)
      expect(JSON.stringify(body)).not.toMatch(/products_away|relation|at .*\.ts/)
      expect(api.lines.some((line) => line.includes(body.requestId) && line.includes('42P01'))).toBe(true)
    } finally {
      await api.db.query('alter table products_away rename to products')
    }
  })

  it('lets a sender that is refused early read why, and keeps the connection for the next request', async () => {
    const { port } = api.service.address
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('data', (data) => {
      received += data
    })
    const size = 5_000_000
    socket.write(
      `POST /products HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: ${size}\r\n\r\n`,
    )
    socket.write(Buffer.alloc(size, 'x'))
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await waitFor(() => received.includes('HTTP/1.1 200'), { what: 'the second answer' })
    expect(received).toContain('HTTP/1.1 415')
    socket.destroy()
  })

  it('answers malformed and outsized heads, and goes on', async () => {
    const status = await new Promise((resolve, reject) => {
      const { port } = api.service.address
      const req = request({ port, path: '/livez', headers: { 'x-long': 'x'.repeat(40_000) } }, (res) => {
        res.resume()
        resolve(res.statusCode)
      })
      req.on('error', reject)
      req.end()
    })
    expect(status).toBe(431)
    expect((await api.ask('/livez')).status).toBe(200)
  })

  it('says which port is taken', async () => {
    const { port } = api.service.address
    await expect(startTestReporting({ environment: { PORT: String(port) } })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use`,
    )
  })
})

describeWith(['postgres'], 'stopping', () => {
  it('finishes the answer under way, on a connection that it then closes', async () => {
    const api = await startTestReporting()
    const agent = new Agent({ keepAlive: true })
    try {
      const { port } = api.service.address
      const answered = Promise.withResolvers<IncomingMessage>()
      let stopped: Promise<void> | undefined
      await api.db.transaction(async (tx) => {
        await tx.query('lock table sync_jobs in access exclusive mode')
        request({ agent, port, path: '/marketplace/amazon/sync-jobs' }, answered.resolve).end()
        await waitFor(
          async () =>
            (
              await api.db.query(
                `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
              )
            ).length > 0,
          { what: 'the request to be under way' },
        )
        stopped = api.service.stop(60_000)
      })
      const answer = await answered.promise
      answer.resume()
      expect(answer.statusCode).toBe(200)
      expect(answer.headers.connection).toBe('close')
      await stopped
      await api.service.finished
    } finally {
      agent.destroy()
      await api.close()
    }
  })
})
