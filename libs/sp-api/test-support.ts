import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BucketKey, Priority, TokenBucket } from '#libs/rate-limit/port.ts'
import type { Clock } from './clock.ts'
import { createSpApi, RegionalEndpointManager, type SpApi, type SpApiOptions } from './index.ts'
import type { Lookup } from './lookup.ts'
import type { FinishedRequest } from './observe.ts'

/** A server whose every answer the test decides. Token requests get a token unless `lwa` says otherwise. */
export interface StubRequest {
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** 1 for the first request of its kind (token or not). */
  readonly count: number
}
export type StubHandler = (request: StubRequest, response: ServerResponse) => void | Promise<void>

export interface Stub {
  readonly url: string
  /** Requests that were no token requests, as they came. */
  readonly requests: StubRequest[]
  readonly tokenRequests: StubRequest[]
  close(): Promise<void>
}

export async function startStub(handlers: { api?: StubHandler; lwa?: StubHandler }): Promise<Stub> {
  const requests: StubRequest[] = []
  const tokenRequests: StubRequest[] = []
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const url = new URL(message.url ?? '/', 'http://stub')
    const isToken = url.pathname === '/auth/o2/token'
    const list = isToken ? tokenRequests : requests
    const body = Buffer.concat(chunks).toString()
    const request = { url, headers: message.headers, body, count: list.length + 1 }
    list.push(request)
    const handler = isToken ? (handlers.lwa ?? tokenAnswer()) : (handlers.api ?? itemsAnswer([]))
    await handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tokenRequests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': 'request-1',
    ...headers,
  })
  response.end(JSON.stringify(body))
}

export function tokenAnswer(expiresIn = 3_600): StubHandler {
  return (request, response) =>
    json(response, 200, {
      access_token: `Atza|access-${request.count}`,
      token_type: 'bearer',
      expires_in: expiresIn,
    })
}

export function itemsAnswer(items: readonly object[], headers = {}): StubHandler {
  return (_request, response) => json(response, 200, { numberOfResults: items.length, items }, headers)
}

export const errorList = (code: string, message: string, details = '') => ({
  errors: [{ code, message, details }],
})

/** An item as Amazon answers it, known by `gtin14` in the given form. */
export function item(asin: string, ...identifiers: readonly [type: string, value: string][]): object {
  return {
    asin,
    identifiers: [
      {
        marketplaceId: 'ATVPDKIKX0DER',
        identifiers: identifiers.map(([identifierType, identifier]) => ({ identifierType, identifier })),
      },
    ],
  }
}

/** A valid GTIN-14 that is a UPC-A, one for each number. */
export function gtin(number: number): string {
  const digits = `006${String(number).padStart(10, '0')}`
  const sum = [...digits].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1),
    0,
  )
  return `${digits}${(10 - (sum % 10)) % 10}`
}

export interface OpenBucket extends TokenBucket {
  reserved: number
  givenBack: number
  readonly learned: number[]
  readonly throttles: (number | undefined)[]
  readonly keys: BucketKey[]
  readonly priorities: Priority[]
  /** Milliseconds until every next slot. */
  waitMs: number
}

/** A bucket that never binds and writes down what it is told. */
export function openBucket(): OpenBucket {
  return {
    reserved: 0,
    givenBack: 0,
    learned: [],
    throttles: [],
    keys: [],
    priorities: [],
    waitMs: 0,
    async reserve(request) {
      if (this.waitMs > request.maxWaitMs) return { granted: false, waitMs: this.waitMs, askAgainMs: null }
      this.reserved += request.slots
      this.keys.push(request.key)
      this.priorities.push(request.priority)
      return {
        granted: true,
        waitsMs: [this.waitMs],
        giveBack: async (count) => {
          this.givenBack += count
        },
        answered: async () => {},
      }
    },
    async leave() {},
    async learnRate(_key, _plans, ratePerSecond) {
      this.learned.push(ratePerSecond)
    },
    async throttled(_key, _plans, retryAfterMs) {
      this.throttles.push(retryAfterMs)
    },
    async state() {
      return {
        ratePerSecond: 1_000,
        planRatePerSecond: 1_000,
        announcedRatePerSecond: 1_000,
        brake: 1,
        burst: 1_000,
        tokens: 1_000,
        granted: this.reserved,
        throttled: this.throttles.length,
        throttledAgoMs: null,
        learned: false,
        application: null,
        nextSlotMs: this.waitMs,
        queued: 0,
        queueWaitMs: 0,
      }
    },
    async survey() {
      return { scope: 'process', buckets: [] }
    },
    async ping() {},
    async close() {},
  }
}

export interface TestClock extends Clock {
  advance(ms: number): void
  readonly sleeps: number[]
}

/** Time that passes only in sleeps, at once; chance is always one half. */
export function testClock(): TestClock {
  let elapsed = 0
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => Date.UTC(2026, 0, 31, 23, 59, 58) + elapsed,
    monotonicMs: () => elapsed,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      sleeps.push(ms)
      elapsed += ms
      await nextTurn()
      signal?.throwIfAborted()
    },
    random: () => 0.5,
    advance: (ms) => {
      elapsed += ms
    },
  }
}

export interface TestApi {
  readonly api: SpApi
  readonly bucket: OpenBucket
  readonly clock: TestClock
  readonly finished: FinishedRequest[]
  readonly logged: string[]
}

export const canaries = {
  clientSecret: 'amzn1.oa2-cs.v1.CANARY+client/secret==',
  refreshToken: 'Atzr|CANARY-refresh+token/==',
}

export function testApi(url: string, options: Partial<SpApiOptions> = {}): TestApi {
  const bucket = openBucket()
  const clock = testClock()
  const finished: FinishedRequest[] = []
  const logged: string[] = []
  const write = (fields: object, message: string) => logged.push(`${JSON.stringify(fields)} ${message}`)
  const api = createSpApi({
    application: { clientId: 'client', clientSecret: canaries.clientSecret },
    refreshToken: canaries.refreshToken,
    sellerKey: 'seller',
    endpoints: new RegionalEndpointManager({ spApiEndpoint: url, lwaEndpoint: url }),
    bucket,
    clock,
    log: { debug: write, info: write, warn: write },
    onRequest: (request) => finished.push(request),
    timeouts: { connectMs: 500, headersMs: 300, bodyMs: 300, totalMs: 600 },
    ...options,
  })
  return { api, bucket, clock, finished, logged }
}

export const US = 'ATVPDKIKX0DER'

/** Any body, as it stands. */
export const raw =
  (status: number, contentType: string, body: string, headers = {}): StubHandler =>
  (_request, response) => {
    response.writeHead(status, {
      'content-type': contentType,
      'x-amzn-requestid': 'request-raw',
      ...headers,
    })
    response.end(body)
  }

export interface OneCode extends TestApi {
  readonly stub: Stub
  /** Looks up one and the same code. */
  lookup(): Promise<Lookup>
}

/** The code that `OneCode` looks up, and Amazon's items for it. */
export const CODE = gtin(1)
export const ITEMS = [item('B000000001', ['UPC', CODE.slice(2)])]

/** An API in front of a stub; the stub is closed by whoever keeps `stubs`. */
export async function oneCode(
  stubs: Stub[],
  api: StubHandler,
  options: Partial<SpApiOptions> = {},
  lwa: StubHandler = tokenAnswer(),
): Promise<OneCode> {
  const stub = await startStub({ api, lwa })
  stubs.push(stub)
  const setup = testApi(stub.url, options)
  return {
    ...setup,
    stub,
    lookup: async () => {
      const outcomes = await setup.api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] })
      return outcomes.get(CODE)!
    },
  }
}
