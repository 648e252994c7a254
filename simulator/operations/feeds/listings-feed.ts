/**
 * `JSON_LISTINGS_FEED` (schema `listings-feed-schema-v2`): messages about SKUs, each accepted or not for itself, and the
 * report on them (`listings-feed-processing-report-schema-v2`).
 */

import { isObject } from '../parameters.ts'
import { changeListing } from './change-listing.ts'
import type { FeedInput } from './feed-types.ts'

type Json = Readonly<Record<string, unknown>>

export interface ListingMessage {
  readonly messageId: number
  readonly sku: string
  readonly operationType: 'UPDATE' | 'PARTIAL_UPDATE' | 'PATCH' | 'DELETE'
  readonly productType?: string
  readonly requirements?: string
  readonly attributes?: Json
  readonly patches?: readonly Json[]
}

interface Issue {
  readonly messageId?: number
  readonly sku?: string
  readonly code: string
  readonly severity: 'ERROR' | 'WARNING'
  readonly message: string
}

const MAX_MESSAGES = 25_000
const OPERATIONS = ['UPDATE', 'PARTIAL_UPDATE', 'PATCH', 'DELETE']
const PATCHES = ['add', 'replace', 'merge', 'delete']

/** The messages of a feed, or what is wrong with its envelope. */
function envelopeOf(content: string): { header: Json; messages: readonly unknown[] } | string {
  let feed: unknown
  try {
    feed = JSON.parse(content)
  } catch {
    return 'The feed is not valid JSON.'
  }
  if (!isObject(feed) || !isObject(feed.header)) return "'header' is required but not supplied."
  const { header, messages } = feed
  if (header.version !== '2.0') return "'header/version' must be 2.0."
  if (typeof header.sellerId !== 'string') return "'header/sellerId' is required but not supplied."
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES)
    return `'messages' must be 1 to ${MAX_MESSAGES} messages.`
  return { header, messages }
}

export const isListingsFeed = (content: string): boolean => typeof envelopeOf(content) !== 'string'

/** Does what the messages say, and reports on them. `content` is null for a feed that is FATAL. */
export function readListingsFeed({ content, feedId, seller, marketplaceIds, world }: FeedInput): string {
  const envelope = content === null ? 'The feed could not be processed.' : envelopeOf(content)
  const issues: Issue[] = []
  let accepted = 0
  const messages = typeof envelope === 'string' ? [] : envelope.messages
  if (typeof envelope === 'string') issues.push({ code: '90000', severity: 'ERROR', message: envelope })
  const seen = new Set<number>()
  for (const message of messages) {
    const wrong =
      wrongWith(message, seen) ?? changeListing(message as ListingMessage, { seller, marketplaceIds, world })
    if (wrong === null) {
      accepted++
      continue
    }
    const { messageId, sku } = isObject(message) ? message : {}
    issues.push({
      ...(Number.isInteger(messageId) && Number(messageId) > 0 ? { messageId: Number(messageId) } : {}),
      ...(typeof sku === 'string' && sku !== '' ? { sku } : {}),
      code: '90220',
      severity: 'ERROR',
      message: wrong,
    })
  }
  return JSON.stringify({
    header: { sellerId: seller.merchantId, version: '2.0', feedId },
    issues,
    summary: {
      errors: issues.length,
      warnings: 0,
      messagesProcessed: messages.length,
      messagesAccepted: accepted,
      messagesInvalid: messages.length - accepted,
    },
  })
}

/** What is wrong with the form of a message, or null. */
function wrongWith(message: unknown, seen: Set<number>): string | null {
  if (!isObject(message)) return 'A message must be an object.'
  const { messageId, sku, operationType, productType, attributes, patches, requirements } = message
  if (!Number.isInteger(messageId) || Number(messageId) < 1)
    return "'[messageId]' must be a whole number from 1."
  if (seen.has(Number(messageId))) return `'[messageId]' ${messageId} was used before.`
  seen.add(Number(messageId))
  if (typeof sku !== 'string' || sku === '') return "'[sku]' is required but not supplied."
  if (!OPERATIONS.includes(String(operationType))) return "'[operationType]' is not one of those allowed."
  if (operationType === 'DELETE') {
    const extra = Object.entries({ productType, attributes, patches, requirements }).find(
      ([, value]) => value !== undefined,
    )
    return extra === undefined ? null : `'[${extra[0]}]' is not allowed here.`
  }
  if (typeof productType !== 'string' || productType === '')
    return "'[productType]' is required but not supplied."
  if (operationType !== 'PATCH') {
    if (!isObject(attributes) || Object.keys(attributes).length === 0)
      return "'[attributes]' is required but not supplied."
    return patches === undefined ? null : "'[patches]' is not allowed here."
  }
  if (attributes !== undefined) return "'[attributes]' is not allowed here."
  if (!Array.isArray(patches) || patches.length === 0) return "'[patches]' is required but not supplied."
  const good = patches.every(
    (patch: unknown) =>
      isObject(patch) && PATCHES.includes(String(patch.op)) && /^\/attributes\/\w+$/.test(String(patch.path)),
  )
  return good ? null : "'[patches]' must have 'op' and the 'path' of an attribute."
}
