/** The types of notifications: their version, where they are sent, how their envelope is written. */

export interface NotificationType {
  /** Of the payload; the only one that is taken. */
  readonly version: string
  readonly transport: 'sqs' | 'eventBridge'
  /** How the keys of the envelope are written. */
  readonly keys: 'Pascal' | 'camel'
  /** Whether a subscription may have an event filter. */
  readonly filtered?: boolean
}

const type = (
  version = '1.0',
  keys: 'Pascal' | 'camel' = 'Pascal',
  transport: 'sqs' | 'eventBridge' = 'sqs',
): NotificationType => ({ version, transport, keys })

/** "Any other type uses SQS" (developer documentation, "Set up notifications with Amazon EventBridge"). */
export const notificationTypes: Readonly<Record<string, NotificationType>> = {
  ANY_OFFER_CHANGED: { ...type(), filtered: true },
  B2B_ANY_OFFER_CHANGED: type(),
  ORDER_CHANGE: { ...type(), filtered: true },
  PRICING_HEALTH: type('1.0', 'camel'),
  FBA_INVENTORY_AVAILABILITY_CHANGES: type(),
  FBA_OUTBOUND_SHIPMENT_STATUS: type(),
  FEE_PROMOTION: type(),
  FULFILLMENT_ORDER_STATUS: type(),
  REPORT_PROCESSING_FINISHED: type('2020-09-04', 'camel'),
  FEED_PROCESSING_FINISHED: type('2020-09-04', 'camel'),
  DATA_KIOSK_QUERY_PROCESSING_FINISHED: type('2023-11-15', 'camel'),
  ITEM_SALES_EVENT_CHANGE: type('1.0', 'camel'),
  ITEM_INVENTORY_EVENT_CHANGE: type('1.0', 'camel'),
  DETAIL_PAGE_TRAFFIC_EVENT: type('1.0', 'camel'),
  TRANSACTION_UPDATE: type(),
  ACCOUNT_STATUS_CHANGED: type(),
  SHIPMENT_TRACKING_MILESTONE_CHANGED: { ...type(), filtered: true },
  LISTINGS_ITEM_STATUS_CHANGE: type('1.0', 'Pascal', 'eventBridge'),
  LISTINGS_ITEM_ISSUES_CHANGE: type('2023-12-13', 'Pascal', 'eventBridge'),
  LISTINGS_ITEM_MFN_QUANTITY_CHANGE: type('1.0', 'Pascal', 'eventBridge'),
  ITEM_PRODUCT_TYPE_CHANGE: type('1.0', 'Pascal', 'eventBridge'),
  BRANDED_ITEM_CONTENT_CHANGE: type('1.0', 'Pascal', 'eventBridge'),
  PRODUCT_TYPE_DEFINITIONS_CHANGE: type('1.0', 'Pascal', 'eventBridge'),
}

export interface Envelope {
  readonly type: string
  readonly eventTime: string
  readonly publishTime: string
  readonly payload: unknown
  readonly applicationId: string
  readonly subscriptionId: string
  readonly notificationId: string
}

/** The message as it lies in the queue: two casings, by type. */
export function envelopeOf(envelope: Envelope): object {
  const {
    type: name,
    eventTime,
    publishTime,
    payload,
    applicationId,
    subscriptionId,
    notificationId,
  } = envelope
  const { version, keys } = notificationTypes[name] as NotificationType
  const camel = {
    notificationVersion: version,
    notificationType: name,
    payloadVersion: version,
    eventTime,
    payload,
    notificationMetadata: { applicationId, subscriptionId, publishTime, notificationId },
  }
  return keys === 'camel' ? camel : pascal(camel)
}

/** The keys of the envelope; the payload's are what they are. */
function pascal({
  notificationMetadata,
  ...rest
}: {
  notificationMetadata: object
  payload: unknown
}): object {
  return { ...capitals(rest), NotificationMetadata: capitals(notificationMetadata) }
}

const capitals = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.charAt(0).toUpperCase() + key.slice(1), one]),
  )
