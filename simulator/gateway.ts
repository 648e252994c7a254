/**
 * What stands in front of the operations: tokens, quotas, faults, latency, figures.
 *
 * The order of checks is Amazon's: path, user agent, token, quota, and only then the operation.
 */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as answers from './answer.ts'
import { createRandom } from './catalogue/hash.ts'
import { type Controls, control, type LwaChange } from './control.ts'
import { type FaultKind, type FaultShares, Faults } from './faults.ts'
import { gatewayPage, type Manner, readBody, readParameters, send, sendHuge } from './http.ts'
import { type Identity, Lwa } from './lwa.ts'
import { operations, resources, settle } from './operations/index.ts'
import { type Operation, type OperationRequest, Refusal, type World } from './operations/operation.ts'
import { searchCatalogItems } from './operations/search-catalog-items.ts'
import { OptionError, type SimulatorOptions } from './options.ts'
import { covers } from './restricted-data.ts'
import { Routes } from './routes.ts'
import { Statistics } from './statistics.ts'
import { type Plan, type QuotaUse, UsagePlans } from './usage-plans.ts'
import { createWorld } from './world.ts'

const routes = new Routes(operations)
const openRoutes = new Routes(resources)

const MAX_USER_AGENT = 500
const SLOW_MS = 5_000
/** Statuses that carry the rate header; never a throttled, unauthorised or failed answer. */
const RATE_HEADER_STATUSES: ReadonlySet<number> = new Set([200, 201, 202, 204, 207, 400, 404])

export type SimulatorStats = ReturnType<Statistics['snapshot']> & {
  readonly startedAt: string
  readonly options: { readonly seed: number; readonly asinsPerUpc: number; readonly notFound: number }
  readonly plans: Readonly<Record<string, Readonly<Plan>>>
  readonly faultShares: FaultShares
  readonly tokensIssued: number
  readonly quota: readonly QuotaUse[]
}

export class Gateway implements Controls {
  readonly world: World
  readonly stopping = new AbortController()
  readonly #options: SimulatorOptions
  readonly #lwa: Lwa
  readonly #plans: UsagePlans
  readonly #faults: Faults
  readonly #random: () => number
  readonly #statistics = new Statistics()
  readonly #startedAt = new Date()
  #dateSkewMs = 0

  constructor(options: SimulatorOptions) {
    this.#options = options
    this.#lwa = new Lwa(options)
    this.world = createWorld(options, this.#lwa)
    this.#random = createRandom(options.seed ^ 0x0dd5)
    this.#faults = new Faults(options.faults, createRandom(options.seed ^ 0xfa17))
    const plans = Object.fromEntries(operations.map(({ name, plan }) => [name, plan]))
    const { rate, burst, appRate } = options
    this.#plans = new UsagePlans(
      { ...plans, [searchCatalogItems.name]: { rate, burst, appRate } },
      options.now,
    )
    for (const [operation, plan] of Object.entries(options.plans)) {
      try {
        this.#plans.set(operation, plan)
      } catch (error) {
        throw new OptionError(`--plan: ${(error as Error).message}`)
      }
    }
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    response.setHeader('x-amzn-RequestId', randomUUID())
    if (this.#dateSkewMs !== 0)
      response.setHeader('date', new Date(Date.now() + this.#dateSkewMs).toUTCString())
    if (path === '/auth/o2/token') return this.#token(request, response)
    if (path.startsWith('/_simulator')) {
      const body = await readBody(request)
      const refusal = { status: 413, body: { error: 'The body is too large: 1 MiB at most.' } }
      return send(response, body === null ? refusal : control(method, path, query, body, this, this.world))
    }
    const origin = `http://${request.headers.host ?? ''}`
    const resource = openRoutes.find(method, path)
    if (resource !== null) {
      await this.#latency()
      response.once('finish', () => this.#statistics.request(resource.target.name, response.statusCode))
      return resource.target.serve(request, response, { path: resource.path, query, origin }, this.world)
    }
    const found = routes.find(method, path)
    if (found !== null) {
      const { headers } = request
      return this.#call(found.target, { path: found.path, query, headers, origin }, request, response)
    }
    request.resume()
    await this.#latency()
    this.#statistics.request('unknown', 403)
    send(response, answers.missingAuthenticationToken())
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    await this.#latency()
    const fault = this.#faults.forToken()
    if (fault !== null) this.#statistics.fault(fault)
    if (fault === 'tokenreset') {
      this.#statistics.request('token', 0)
      return void request.socket.resetAndDestroy()
    }
    if (fault === 'tokenhang') return this.#statistics.request('token', 0)
    const parameters = body === null ? null : readParameters(body, request.headers['content-type'] ?? '')
    const answer =
      fault === 'token500'
        ? {
            status: 500,
            body: { error: 'server_error', error_description: 'The server encountered an internal error.' },
          }
        : request.method !== 'POST' || parameters === null
          ? {
              status: 400,
              body: { error: 'invalid_request', error_description: 'The request is malformed.' },
            }
          : this.#lwa.token(parameters)
    this.#statistics.request('token', answer.status)
    send(response, answer)
  }

  async #call(
    operation: Operation,
    asked: Omit<OperationRequest, 'caller' | 'body'>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { name } = operation
    const body = request.method === 'GET' ? '' : await readBody(request)
    if (body === '') request.resume()
    const identity = this.#identify(request, operation)
    const refusal = 'status' in identity ? identity : this.#refuse(operation, identity, body)
    const fault = refusal === null ? this.#faults.forCall(name) : null
    if (fault !== null) this.#statistics.fault(fault)
    await this.#latency(fault === 'slow' ? SLOW_MS : 0)
    if (response.destroyed) return this.#statistics.request(name, 0)
    const answer = (statistics: Statistics) =>
      refusal ??
      this.#answer(operation, { ...asked, body: body ?? '', caller: identity as Identity }, statistics)
    if (fault !== null && fault !== 'slow') return this.#fail(fault, operation, answer, response)
    const whole = await answer(this.#statistics)
    this.#statistics.request(name, whole.status)
    send(response, this.#withRate(name, whole))
  }

  /** Why a call with a good token is not even looked at, or null. */
  #refuse(operation: Operation, identity: Identity, body: string | null): answers.Answer | null {
    const { name } = operation
    if (!this.#plans.take(name, identity.application, identity.seller ?? '')) {
      return operation.throttled?.(this.#random()) ?? answers.quotaExceeded()
    }
    return body === null ? answers.tooLarge() : null
  }

  async #answer(
    operation: Operation,
    request: OperationRequest,
    statistics: Statistics,
  ): Promise<answers.Answer> {
    settle(this.world)
    try {
      return await operation.answer(request, { ...this.world, statistics })
    } catch (error) {
      if (error instanceof Refusal) return answers.invalidInput(error.message, error.details)
      throw error
    }
  }

  async #fail(
    fault: FaultKind,
    operation: Operation,
    whole: (statistics: Statistics) => answers.Answer | Promise<answers.Answer>,
    response: ServerResponse,
  ) {
    const { name } = operation
    const answer = fault === '429' ? (operation.throttled?.(this.#random()) ?? broken[fault]) : broken[fault]
    if (answer !== undefined) {
      this.#statistics.request(name, answer.status)
      return send(response, fault === '429rate' ? this.#withRate(name, answer, true) : answer)
    }
    if (fault === 'hang' || fault === 'reset') {
      this.#statistics.request(name, 0)
      if (fault === 'reset') response.socket?.resetAndDestroy()
      return
    }
    this.#statistics.request(name, 200)
    if (fault === 'huge') return sendHuge(response, this.#withRate(name, answers.ok(null)).headers ?? {})
    // What the client cannot read does not count as asked.
    const statistics = fault === 'resetafter' ? this.#statistics : new Statistics()
    send(response, this.#withRate(name, await whole(statistics)), manners[fault])
  }

  #identify(
    { headers, method = '', url = '' }: IncomingMessage,
    { scope }: Operation,
  ): Identity | answers.Answer {
    const userAgent = headers['user-agent']
    if (!userAgent || userAgent.length > MAX_USER_AGENT) {
      return answers.unauthorized(
        `The user-agent header is required, with at most ${MAX_USER_AGENT} characters.`,
      )
    }
    const token = headers['x-amz-access-token']
    if (typeof token !== 'string' || token === '') return answers.unauthorized(answers.MISSING)
    const identity = this.#lwa.identify(token)
    if (identity === 'expired') return answers.unauthorized(answers.EXPIRED)
    if (identity === 'invalid') return answers.unauthorized(answers.INVALID)
    // A grantless token speaks for no seller, and is good for the operations of its scope alone.
    const granted = scope === undefined ? identity.seller !== null : identity.scopes.includes(scope)
    if (!granted) return answers.unauthorized('')
    if (identity.restricted === null) return identity
    const restricted = identity.restricted.filter((resource) => covers(resource, method, url))
    return restricted.length > 0 ? { ...identity, restricted } : answers.unauthorized('')
  }

  #withRate(operation: string, answer: answers.Answer, always = false): answers.Answer {
    if (!always && (!this.#options.rateHeader || !RATE_HEADER_STATUSES.has(answer.status))) return answer
    const { rate } = this.#plans.plan(operation)
    const text = Number.isInteger(rate) ? rate.toFixed(1) : String(rate)
    return { ...answer, headers: { ...answer.headers, 'x-amzn-RateLimit-Limit': text } }
  }

  async #latency(extra = 0): Promise<void> {
    const [min, max] = this.#options.latencyMs
    const wait = min + (max > min ? this.#random() * (max - min) : 0) + extra
    if (wait === 0) return
    await sleep(wait, undefined, { signal: this.stopping.signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error
    })
  }

  /** A bug in the simulator: it must be seen, in its answer and on the terminal. */
  crashed(response: ServerResponse, error: unknown): void {
    if (this.stopping.signal.aborted || (error as NodeJS.ErrnoException).code === 'ECONNRESET') {
      response.destroy()
      return
    }
    process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`)
    if (response.headersSent) response.destroy()
    else send(response, answers.internalFailure())
  }

  stats(): SimulatorStats {
    const { seed, asinsPerUpc, notFound } = this.world.catalogue.options
    return {
      startedAt: this.#startedAt.toISOString(),
      options: { seed, asinsPerUpc, notFound },
      plans: this.#plans.plans(),
      faultShares: this.#faults.shares(),
      tokensIssued: this.#lwa.issued,
      ...this.#statistics.snapshot(),
      quota: this.#plans.use(),
    }
  }

  resetStats(): void {
    this.#statistics.reset()
    this.#plans.resetWindow()
  }

  asked(): string[] {
    return this.#statistics.askedFor()
  }

  setFaults(faults: FaultShares, only?: readonly string[]): void {
    for (const operation of only ?? []) this.#plans.plan(operation)
    this.#faults.set(faults, only)
  }

  setPlan({ operation = searchCatalogItems.name, ...change }: Partial<Plan> & { operation?: string }): void {
    const names = operation === '*' ? operations.map(({ name }) => name) : [operation]
    for (const name of names) this.#plans.set(name, change)
  }

  setLwa({ tokenTtlSeconds, clientSecret, olderValidSeconds = 604_800 }: LwaChange): void {
    if (typeof clientSecret === 'string' && clientSecret !== '') {
      if (!(typeof olderValidSeconds === 'number' && olderValidSeconds >= 0))
        throw new Error(`olderValidSeconds must be a number, 0 or more, not ${olderValidSeconds}.`)
      this.#lwa.rotateSecret(clientSecret, olderValidSeconds)
      if (tokenTtlSeconds === undefined) return
    }
    if (!(typeof tokenTtlSeconds === 'number' && tokenTtlSeconds > 0 && tokenTtlSeconds <= 86_400))
      throw new Error(`tokenTtlSeconds must be a number above 0 and up to 86400, not ${tokenTtlSeconds}.`)
    this.#lwa.setTokenTtl(tokenTtlSeconds)
  }

  setClock({ dateSkewSeconds }: { dateSkewSeconds?: number }): void {
    if (typeof dateSkewSeconds !== 'number' || !Number.isFinite(dateSkewSeconds))
      throw new Error(`dateSkewSeconds must be a number, not ${dateSkewSeconds}.`)
    this.#dateSkewMs = dateSkewSeconds * 1_000
  }

  revoke({ refreshToken, clientId }: { refreshToken?: string; clientId?: string }): void {
    if (!refreshToken && !clientId) throw new Error('Say what to revoke: refreshToken or clientId.')
    if (refreshToken) this.#lwa.revokeRefreshToken(refreshToken)
    if (clientId) this.#lwa.revokeClient(clientId)
  }

  restore({ refreshToken, clientId }: { refreshToken?: string; clientId?: string }): void {
    if (!refreshToken && !clientId) throw new Error('Say what to restore: refreshToken or clientId.')
    if (refreshToken) this.#lwa.restoreRefreshToken(refreshToken)
    if (clientId) this.#lwa.restoreClient(clientId)
  }
}

const broken: Partial<Record<FaultKind, answers.Answer>> = {
  '429': answers.quotaExceeded(),
  '429rate': answers.quotaExceeded(),
  '500': answers.internalFailure(),
  '503': answers.serviceUnavailable(),
  '403': answers.unauthorized(''),
  '403expired': answers.unauthorized(answers.EXPIRED),
  html200: gatewayPage(200),
  html400: gatewayPage(400),
  html503: gatewayPage(503),
}

/** Faults that send what the operation answers, but not as it should be sent. */
const manners: Partial<Record<FaultKind, Manner>> = {
  truncated: 'truncated',
  badjson: 'badjson',
  stall: 'stall',
  resetamid: 'resetamid',
  resetafter: 'resetafter',
}
