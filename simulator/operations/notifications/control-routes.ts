/** `/_simulator/notifications`: what lies in a queue, and notifications on demand. */

import { sellerName } from '../../lwa.ts'
import type { ControlRoute } from '../operation.ts'
import { createNotificationStore } from './notification-store.ts'
import { notificationTypes } from './notification-types.ts'

/** `?destinationId=…`: the messages, oldest first; they are taken from the queue. */
export const readNotifications: ControlRoute = {
  route: 'GET /_simulator/notifications',
  answer: ({ query }, world) => {
    const store = world.part(createNotificationStore)
    const id = query.get('destinationId') ?? ''
    if (!store.destinations.has(id)) throw new Error(`There is no destination "${id}".`)
    return { messages: store.receive(id) }
  },
}

/**
 * `{"notificationType": "ANY_OFFER_CHANGED", "refreshToken": "…", "payload": {…}}` tells those who subscribed for the
 * seller; `{"duplicates": 0.1, "losses": 0.01}` changes how well messages arrive from now on.
 */
export const sendNotification: ControlRoute = {
  route: 'POST /_simulator/notifications',
  answer({ body }, world) {
    const store = world.part(createNotificationStore)
    const { notificationType, refreshToken, payload = {}, ...manners } = body
    for (const [name, share] of Object.entries(manners)) {
      if (!(name in store.manners)) throw new Error(`There is no ${name}; there are duplicates and losses.`)
      if (typeof share !== 'number' || !(share >= 0 && share <= 1))
        throw new Error(`${name} must be a number from 0 to 1, not ${share}.`)
    }
    Object.assign(store.manners, manners)
    if (notificationType === undefined) return store.manners
    if (typeof notificationType !== 'string' || !(notificationType in notificationTypes))
      throw new Error(`notificationType must be one of ${Object.keys(notificationTypes).join(', ')}.`)
    if (typeof refreshToken !== 'string') throw new Error('refreshToken must say which seller it is about.')
    const seller = sellerName(refreshToken)
    store.tell({ type: notificationType, seller, at: world.date().getTime(), payload })
    return store.manners
  },
}
