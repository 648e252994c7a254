/** Destinations and subscriptions of applications, and what was sent to them. */

import { randomUUID } from 'node:crypto'
import { combineText, createRandom } from '../../catalogue/hash.ts'
import { sellerOf } from '../../seller/seller.ts'
import { createQueryStore } from '../data-kiosk/query-store.ts'
import { createFeedStore } from '../feeds/feed-store.ts'
import type { World } from '../operation.ts'
import { createReportStore } from '../reports/report-store.ts'
import { type Envelope, envelopeOf } from './notification-types.ts'
import { orderChanges } from './order-changes.ts'

export interface Destination {
  readonly id: string
  readonly application: string
  readonly name: string
  readonly transport: 'sqs' | 'eventBridge'
  readonly resource: object
}

export interface Subscription {
  readonly id: string
  readonly application: string
  readonly seller: string
  readonly type: string
  readonly version: string
  readonly destinationId: string
  readonly directive: object | null
  /** Until when its orders were told of, in milliseconds since 1970: from its making on. */
  toldUntil: number
}

/** Something that happened to a seller. */
export interface Happening {
  readonly type: string
  readonly seller: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly payload: unknown
}

/** How well messages arrive: a standard queue of SQS gives some of them twice, and Amazon has lost some. */
export interface DeliveryManners {
  duplicates: number
  losses: number
}

/** Messages that a queue keeps; the oldest go first, as those of SQS do after a while. */
const MAX_MESSAGES = 10_000

export class NotificationStore {
  readonly manners: DeliveryManners = { duplicates: 0, losses: 0 }
  readonly destinations = new Map<string, Destination>()
  readonly subscriptions = new Map<string, Subscription>()
  readonly #queues = new Map<string, object[]>()
  readonly #world: World
  readonly #random: () => number

  constructor(world: World) {
    this.#world = world
    this.#random = createRandom(combineText(world.options.seed, 'notifications'))
  }

  /** Tells all who subscribed to it. */
  tell(happening: Happening): void {
    for (const subscription of this.subscriptions.values())
      if (subscription.type === happening.type && subscription.seller === happening.seller)
        this.send(subscription, happening)
  }

  /** A message for one subscription, or for a destination that has none. */
  send(
    to: Pick<Subscription, 'id' | 'application' | 'destinationId'>,
    happening: Omit<Happening, 'seller'>,
  ): void {
    if (this.#random() < this.manners.losses) return
    const envelope: Envelope = {
      type: happening.type,
      eventTime: new Date(happening.at).toISOString(),
      publishTime: this.#world.date().toISOString(),
      payload: happening.payload,
      applicationId: `amzn1.sellerapps.app.${to.application}`,
      subscriptionId: to.id,
      notificationId: randomUUID(),
    }
    const queue = this.#queues.get(to.destinationId) ?? []
    this.#queues.set(to.destinationId, queue)
    const times = this.#random() < this.manners.duplicates ? 2 : 1
    for (let i = 0; i < times; i++) queue.push(envelopeOf(envelope))
    queue.splice(0, Math.max(0, queue.length - MAX_MESSAGES))
  }

  /** The messages of a destination, oldest first; they are taken from it. */
  receive(destinationId: string): object[] {
    for (const happening of this.#world.part(createReportStore).finished()) this.tell(happening)
    for (const happening of this.#world.part(createFeedStore).finished()) this.tell(happening)
    for (const happening of this.#world.part(createQueryStore).finished()) this.tell(happening)
    for (const subscription of this.subscriptions.values())
      if (subscription.type === 'ORDER_CHANGE') this.#tellOfOrders(subscription)
    return this.#queues.get(destinationId)?.splice(0) ?? []
  }

  #tellOfOrders(subscription: Subscription): void {
    const now = this.#world.date().getTime()
    const seller = sellerOf(subscription, this.#world)
    for (const change of orderChanges(subscription, seller, subscription.toldUntil, now))
      this.send(subscription, change)
    subscription.toldUntil = now
  }
}

export const createNotificationStore = (world: World) => new NotificationStore(world)
