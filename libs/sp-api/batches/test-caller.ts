import { answerError } from '../classify.ts'
import type { Answer } from '../http-client.ts'
import type { Tally } from '../observe.ts'
import type { BatchCaller } from './batch-operation.ts'

export interface SentRequest {
  readonly operation: string
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface TestCaller extends BatchCaller {
  readonly requests: SentRequest[]
}

export type Reply =
  | { readonly body: unknown }
  | { readonly status: number; readonly code: string; readonly message: string }

/** Amazon as the test plays it: `reply` says what comes back. No HTTP. */
export function testCaller(reply: (request: SentRequest, count: number) => Reply): TestCaller {
  const requests: SentRequest[] = []
  return {
    requests,
    async call<P extends object, A>(
      operation: { readonly operationId: string },
      parameters: P,
      options: { readonly tally?: Tally } = {},
    ): Promise<Answer<A>> {
      const sent = { operation: operation.operationId, parameters: parameters as SentRequest['parameters'] }
      requests.push(sent)
      if (options.tally) {
        options.tally.requests++
        options.tally.responseTimeMs += 10
      }
      const replied = reply(sent, requests.length)
      await Promise.resolve()
      if ('body' in replied)
        return {
          body: JSON.parse(JSON.stringify(replied.body)) as A,
          httpStatus: 200,
          requestId: `request-${requests.length}`,
          receivedAt: 1_000,
        }
      const { status, code, message } = replied
      throw answerError(
        {
          status,
          body: JSON.stringify({ errors: [{ code, message }] }),
          receivedAt: 1_000,
          answeredAt: 0,
          header: (name) => (name === 'x-amzn-requestid' ? `request-${requests.length}` : null),
        },
        { operation: operation.operationId, scrub: (text) => text },
      )
    },
  }
}

/** A valid ASIN, one for each number. */
export const asin = (number: number): string => `B${String(number).padStart(9, '0')}`

/** The uris or ASINs that a request of a batch asks for. */
export function askedFor({ parameters }: SentRequest): string[] {
  const { body, Asins } = parameters as {
    body?: { requests: ReadonlyArray<{ uri: string; asin?: string }> }
    Asins?: string[]
  }
  return Asins ?? body!.requests.map(({ uri, asin: named }) => named ?? uri.split('/').at(-2)!)
}

export interface SubAnswer {
  readonly asin: string
  readonly status?: number
  readonly errors?: readonly object[]
  /** Whether it says what it was asked. */
  readonly anonymous?: boolean
}

/** An entry of getItemOffersBatch's answer, with the ASIN's digits as its price in cents. */
export function itemOffersAnswer({
  asin: subject,
  status = 200,
  errors,
  anonymous = false,
}: SubAnswer): object {
  const price = { CurrencyCode: 'USD', Amount: Number(subject.slice(1)) / 100 }
  const identifier = anonymous ? {} : { ASIN: subject }
  return {
    headers: { 'x-amzn-RequestId': `sub-${subject}` },
    status: { statusCode: status, reasonPhrase: status === 200 ? 'Success' : 'Client Error' },
    body:
      status === 200
        ? {
            payload: {
              ...identifier,
              marketplaceId: 'ATVPDKIKX0DER',
              ItemCondition: 'New',
              status: 'Success',
              Identifier: { ...identifier, MarketplaceId: 'ATVPDKIKX0DER', ItemCondition: 'New' },
              Summary: { TotalOfferCount: 1, ListPrice: price },
              Offers: [],
            },
          }
        : { errors: errors ?? [{ code: 'InvalidInput', message: 'bad ASIN' }] },
    request: {
      MarketplaceId: 'ATVPDKIKX0DER',
      ItemCondition: 'New',
      ...(anonymous ? {} : { Asin: subject }),
    },
  }
}
