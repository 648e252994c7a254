/** What the simulator's own tests share: a client that knows nothing but HTTP. */

import { onTestFinished } from 'vitest'
import type { SimulatorOptions } from './options.ts'
import { type Simulator, startSimulator } from './server.ts'

export const US = 'ATVPDKIKX0DER'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into as a client of another language would.
  readonly body: any
}

/** A simulator that stops when the test does. */
export async function startForTest(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ rate: 1000, burst: 1000, ...options })
  onTestFinished(() => simulator.stop())
  return simulator
}

export async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { ...init, headers: { 'user-agent': 'tests/1.0', ...init.headers } })
  const text = await response.text()
  const json = response.headers.get('content-type') === 'application/json'
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
}

export function askToken(simulator: Simulator, parameters: Record<string, string>): Promise<Reply> {
  return request(`${simulator.url}/auth/o2/token`, { method: 'POST', body: new URLSearchParams(parameters) })
}

export const sellerGrant = {
  grant_type: 'refresh_token',
  client_id: 'app',
  client_secret: 'secret',
  refresh_token: 'seller-one',
}

/** A clock that stands still until it is told to pass. */
export const clock = () => {
  const at = { ms: 1_000 }
  const pass = (ms: number) => {
    at.ms += ms
  }
  return { now: () => at.ms, pass }
}

/** A caller with a token, as `get('/path', { query })`. */
export async function signIn(simulator: Simulator, grant: Record<string, string> = {}) {
  const { body } = await askToken(simulator, { ...sellerGrant, ...grant })
  const token: string = body.access_token
  return (path: string, query: Record<string, string> = {}) =>
    request(`${simulator.url}${path}?${new URLSearchParams(query)}`, {
      headers: { 'x-amz-access-token': token },
    })
}

export type Call = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  given?: { readonly query?: Record<string, string>; readonly body?: unknown },
) => Promise<Reply>

/** The same for every method, as `call('POST', '/path', { body })`; the body goes out as JSON. */
export async function signInToCall(simulator: Simulator, grant: Record<string, string> = {}): Promise<Call> {
  const token: string = (await askToken(simulator, { ...sellerGrant, ...grant })).body.access_token
  return (method, path, { query = {}, body } = {}) =>
    request(`${simulator.url}${path}?${new URLSearchParams(query)}`, {
      method,
      headers: { 'x-amz-access-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
}

/** `POST /_simulator/{route}`. */
export const control = (simulator: Simulator, route: string, body: object) =>
  request(`${simulator.url}/_simulator/${route}`, { method: 'POST', body: JSON.stringify(body) })

export const ITEMS = '/catalog/2022-04-01/items'

export const codesQuery = (codes: readonly string[], more: Record<string, string> = {}) => ({
  identifiers: codes.join(','),
  identifiersType: 'UPC',
  marketplaceIds: US,
  includedData: 'identifiers',
  pageSize: '20',
  ...more,
})
