import { z } from 'zod'
import { SpApiError, SpApiInputError } from '../errors.ts'

/**
 * The feed of listings, JSON_LISTINGS_FEED: what a seller's listings are to be, and what Amazon says about each message.
 * Source: Amazon's "Selling Partner Listings Feed" (v2) and its processing report.
 */

export interface ListingsMessage {
  readonly sku: string
  readonly operationType: 'UPDATE' | 'PARTIAL_UPDATE' | 'PATCH' | 'DELETE'
  readonly productType?: string
  readonly requirements?: 'LISTING' | 'LISTING_PRODUCT_ONLY' | 'LISTING_OFFER_ONLY'
  /** By the definition of the product type. */
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly patches?: readonly {
    readonly op: 'add' | 'replace' | 'merge' | 'delete'
    readonly path: string
    readonly value?: readonly unknown[]
  }[]
}

export const LISTINGS_FEED = 'JSON_LISTINGS_FEED'
export const MAX_LISTINGS_MESSAGES = 25_000

/**
 * The content of a JSON_LISTINGS_FEED, piece by piece. Messages are numbered from 1 in their order: the processing
 * report names them so. Throws a `SpApiInputError` when there are none or more than 25,000.
 */
export async function* listingsFeed(
  header: { readonly sellerId: string; readonly issueLocale?: string },
  messages: Iterable<ListingsMessage> | AsyncIterable<ListingsMessage>,
): AsyncGenerator<string> {
  yield `{"header":${JSON.stringify({ ...header, version: '2.0' })},"messages":[`
  let messageId = 0
  for await (const message of messages) {
    messageId++
    if (messageId > MAX_LISTINGS_MESSAGES)
      throw new SpApiInputError(
        'INVALID_REQUEST',
        `a feed has at most ${MAX_LISTINGS_MESSAGES} messages: split it`,
      )
    yield `${messageId === 1 ? '' : ','}\n${JSON.stringify({ messageId, ...message })}`
  }
  if (messageId === 0) throw new SpApiInputError('INVALID_REQUEST', 'the feed has no messages')
  yield ']}\n'
}

const issue = z.looseObject({
  messageId: z.number().optional(),
  sku: z.string().optional(),
  code: z.string(),
  severity: z.string(),
  message: z.string(),
  attributeName: z.string().optional(),
})

const report = z.looseObject({
  header: z.looseObject({ sellerId: z.string(), version: z.string(), feedId: z.string() }),
  issues: z.array(issue).default([]),
  summary: z.looseObject({
    errors: z.number(),
    warnings: z.number(),
    messagesProcessed: z.number(),
    messagesAccepted: z.number(),
    messagesInvalid: z.number(),
  }),
})

/** Amazon's answer to a JSON_LISTINGS_FEED. Issues name the messages that they are about by their numbers. */
export type ListingsReport = z.infer<typeof report>

/** Much longer than the issues of 25,000 messages. */
const MAX_REPORT_CHARACTERS = 256 * 1024 * 1024

/** Reads a processing report. Throws a `SpApiError` when it is none. */
export async function readListingsReport(pieces: AsyncIterable<string>): Promise<ListingsReport> {
  let text = ''
  for await (const piece of pieces) {
    text += piece
    if (text.length > MAX_REPORT_CHARACTERS) throw unreadable('it is too long')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable('it is no JSON')
  }
  const parsed = report.safeParse(value)
  if (!parsed.success) throw unreadable(z.prettifyError(parsed.error))
  return parsed.data
}

function unreadable(reason: string): SpApiError {
  return new SpApiError(
    { kind: 'failed', operation: 'document' },
    `the processing report of the feed can not be read: ${reason}`,
  )
}
