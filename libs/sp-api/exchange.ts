import { answerError, bodyError, parseBody } from './classify.ts'
import type { Clock } from './clock.ts'
import type { ApiRequest } from './http-client.ts'
import type { RegionalEndpointManager } from './regional-endpoints.ts'
import type { SecretScrubber } from './secrets.ts'
import type { HttpAnswer, HttpTransport } from './transport.ts'

export interface ExchangeOptions {
  readonly endpoints: RegionalEndpointManager
  readonly transport: HttpTransport
  readonly userAgent: string
  readonly clock: Clock
}

/** Sends a request once, as Amazon wants it: to the host of its region, with the headers that it demands. */
export function exchange(
  request: ApiRequest<unknown>,
  token: string,
  signal: AbortSignal | undefined,
  { endpoints, transport, userAgent, clock }: ExchangeOptions,
): Promise<HttpAnswer> {
  const url = endpoints.url(request.marketplaceId, request.path)
  url.search = request.query.toString()
  return transport.send({
    operation: request.operation,
    method: request.method,
    url,
    headers: {
      ...request.headers,
      ...(request.body == null ? {} : { 'content-type': 'application/json' }),
      accept: 'application/json',
      'user-agent': userAgent,
      'x-amz-access-token': token,
      'x-amz-date': amazonDate(clock.now()),
    },
    ...(request.body == null ? {} : { body: request.body }),
    signal,
  })
}

/** What an answer brought. Throws a `SpApiError` that says why it is of no use; no message holds a secret. */
export function readAnswerBody<T>(request: ApiRequest<T>, answer: HttpAnswer, scrubber: SecretScrubber): T {
  const asked = { operation: request.operation, scrub: (text: string) => scrubber.scrub(text) }
  if (answer.status < 200 || answer.status > 299) throw answerError(answer, asked)
  if (request.parse === null) return undefined as T
  const body = parseBody(answer)
  if (body.kind === 'other') throw bodyError(answer, asked, body.reason, true)
  try {
    return request.parse(body.value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw bodyError(answer, asked, `not as its API is defined: ${reason}`, false)
  }
}

/** `20260131T235959Z` */
function amazonDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}
