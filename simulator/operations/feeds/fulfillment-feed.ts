/** Feeds that say which orders were sent (`POST_ORDER_FULFILLMENT_DATA`, `POST_FLAT_FILE_FULFILLMENT_DATA`). */

import type { Confirmation } from '../../seller/orders.ts'
import type { FeedInput } from './feed-types.ts'

interface Sent {
  readonly orderId: string
  readonly carrier: string
  readonly service: string
  readonly trackingNumber: string
}

/** One part of XML that has no parts of the same name: enough for Amazon's envelope. */
const part = (xml: string, name: string) =>
  new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1] ?? ''

export const isFulfillmentXml = (content: string): boolean =>
  /<AmazonEnvelope[\s>]/.test(content) && content.includes('<MessageType>OrderFulfillment</MessageType>')

export function readFulfillmentXml(input: FeedInput): string {
  const messages = (input.content ?? '').match(/<Message>.*?<\/Message>/gs) ?? []
  const wrong: string[] = []
  for (const message of messages) {
    const problem = confirm(input, {
      orderId: part(message, 'AmazonOrderID'),
      carrier: part(message, 'CarrierCode') || part(message, 'CarrierName'),
      service: part(message, 'ShippingMethod'),
      trackingNumber: part(message, 'ShipperTrackingNumber'),
    })
    if (problem === null) continue
    wrong.push(
      `<Result><MessageID>${part(message, 'MessageID')}</MessageID><ResultCode>Error</ResultCode><ResultMessageCode>18028</ResultMessageCode><ResultDescription>${problem}</ResultDescription></Result>`,
    )
  }
  const summary = `<MessagesProcessed>${messages.length}</MessagesProcessed><MessagesSuccessful>${messages.length - wrong.length}</MessagesSuccessful><MessagesWithError>${wrong.length}</MessagesWithError><MessagesWithWarning>0</MessagesWithWarning>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<AmazonEnvelope>\n<Header><DocumentVersion>1.02</DocumentVersion><MerchantIdentifier>${input.seller.merchantId}</MerchantIdentifier></Header>\n<MessageType>ProcessingReport</MessageType>\n<Message><MessageID>1</MessageID><ProcessingReport><DocumentTransactionID>${input.feedId}</DocumentTransactionID><StatusCode>Complete</StatusCode><ProcessingSummary>${summary}</ProcessingSummary>${wrong.join('')}</ProcessingReport></Message>\n</AmazonEnvelope>\n`
}

export function readFulfillmentFlatFile(input: FeedInput): string {
  const [head = '', ...rows] = (input.content ?? '').split(/\r?\n/).filter((line) => line !== '')
  const columns = head.split('\t')
  const wrong: string[] = []
  for (const [i, row] of rows.entries()) {
    const values = row.split('\t')
    const value = (name: string) => values[columns.indexOf(name)] ?? ''
    const orderId = value('order-id')
    const problem = confirm(input, {
      orderId,
      carrier: value('carrier-code'),
      service: value('ship-method'),
      trackingNumber: value('tracking-number'),
    })
    if (problem !== null) wrong.push(`${i + 1}\t${orderId}\t18028\tError\t${problem}\n`)
  }
  return `Feed Processing Summary:\n\tNumber of records processed\t\t${rows.length}\n\tNumber of records successful\t\t${rows.length - wrong.length}\n\noriginal-record-number\torder-id\terror-code\terror-type\terror-message\n${wrong.join('')}`
}

/** What is wrong with the order, or null when it is known as sent now. */
function confirm({ seller, world }: FeedInput, sent: Sent): string | null {
  const now = world.date().getTime()
  const order = seller.orders.byId(sent.orderId, now)
  if (order === null) return `The order ${sent.orderId} was not found.`
  if (order.channel === 'AFN') return `The order ${sent.orderId} is fulfilled by Amazon.`
  if (order.status === 'CANCELLED') return `The order ${sent.orderId} was cancelled.`
  const confirmation: Confirmation = {
    at: now,
    packageReferenceId: '1',
    carrierCode: sent.carrier,
    shippingMethod: sent.service,
    trackingNumber: sent.trackingNumber,
  }
  seller.orders.confirm(order.id, confirmation)
  return null
}
