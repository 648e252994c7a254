/**
 * Subscriptions to notifications (model `notifications`). To subscribe and to list needs a seller's token; by id they are
 * read and deleted grantlessly.
 */

import { randomUUID } from 'node:crypto'
import { type Answer, conflict, notFound, ok } from '../../answer.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import * as fields from '../fields.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'
import { isObject, list, readObject, single, whole } from '../parameters.ts'
import { createNotificationStore, type Subscription } from './notification-store.ts'
import { type NotificationType, notificationTypes } from './notification-types.ts'

const plan = { rate: 1, burst: 5, appRate: null }
const scope = 'sellingpartnerapi::notifications'
const SUBSCRIPTIONS = '/notifications/v1/subscriptions'
const MAX_EXPRESSION = 256

const subscriptionFields = ({ id, version, destinationId, directive }: Subscription) => ({
  subscriptionId: id,
  payloadVersion: version,
  destinationId,
  ...(directive === null ? {} : { processingDirective: directive }),
})

/** The type of the path. */
function typeOf(name: string): NotificationType {
  const type = notificationTypes[name]
  if (type === undefined) throw new Refusal(`Notification type ${name} is invalid.`)
  return type
}

const createSubscription: Operation = {
  name: 'createSubscription',
  method: 'POST',
  path: `${SUBSCRIPTIONS}/{notificationType}`,
  plan,
  answer(request, world) {
    const { application, seller } = request.caller
    const { notificationType = '' } = request.path
    const type = typeOf(notificationType)
    const body = readObject(request)
    const version = fields.text(body, 'payloadVersion')
    if (version !== type.version) throw new Refusal("Invalid 'payloadVersion' provided.")
    const destinationId = fields.text(body, 'destinationId')
    const store = world.part(createNotificationStore)
    const destination = store.destinations.get(destinationId)
    if (destination?.application !== application)
      return notFound(`The destination ${destinationId} was not found.`)
    if (destination.transport !== type.transport)
      throw new Refusal("Invalid 'destinationId' provided.", `${notificationType} needs ${type.transport}.`)
    const directive = readDirective(body.processingDirective, notificationType, type)
    const own = ownOf(store.subscriptions, request).filter((one) => one.type === notificationType)
    // Several of one type differ by their expression.
    if (own.some((other) => expressionOf(other.directive) === expressionOf(directive)))
      return conflict(`A subscription to ${notificationType} is there already.`)
    const subscription: Subscription = {
      id: randomUUID(),
      application,
      seller: seller ?? '',
      type: notificationType,
      version,
      destinationId,
      directive,
      toldUntil: world.date().getTime(),
    }
    store.subscriptions.set(subscription.id, subscription)
    return ok({ payload: subscriptionFields(subscription) })
  },
}

const expressionOf = (directive: object | null): unknown =>
  directive !== null && 'filterExpression' in directive ? directive.filterExpression : null

/** Either an event filter or an expression of at most 256 characters. */
function readDirective(value: unknown, name: string, { filtered = false }: NotificationType): object | null {
  if (value === undefined) return null
  if (!isObject(value)) throw new Refusal("Invalid 'processingDirective' provided.")
  const { eventFilter, filterExpression } = value
  if (eventFilter !== undefined && filterExpression !== undefined)
    throw new Refusal("Invalid 'processingDirective' provided.", 'Only one of its properties is allowed.')
  if (filterExpression !== undefined) {
    if (fields.text(value, 'filterExpression').length > MAX_EXPRESSION)
      throw new Refusal("Invalid 'filterExpression' provided.")
    return value
  }
  if (!isObject(eventFilter) || !filtered || eventFilter.eventFilterType !== name)
    throw new Refusal("Invalid 'eventFilter' provided.")
  return value
}

/** The subscriptions of the caller: of its application for its seller. */
const ownOf = (subscriptions: ReadonlyMap<string, Subscription>, { caller }: OperationRequest) =>
  [...subscriptions.values()].filter(
    ({ application, seller }) => application === caller.application && seller === caller.seller,
  )

const getSubscription: Operation = {
  name: 'getSubscription',
  method: 'GET',
  path: `${SUBSCRIPTIONS}/{notificationType}`,
  plan,
  answer(request, world) {
    const { notificationType = '' } = request.path
    typeOf(notificationType)
    const version = single(request.query, 'payloadVersion')
    const found = ownOf(world.part(createNotificationStore).subscriptions, request).find(
      (one) => one.type === notificationType && (version === null || one.version === version),
    )
    return found === undefined
      ? notFound(`There is no subscription to ${notificationType}.`)
      : ok({ payload: subscriptionFields(found) })
  },
}

const getSubscriptions: Operation = {
  name: 'getSubscriptions',
  method: 'GET',
  path: SUBSCRIPTIONS,
  plan,
  answer(request, world) {
    const { query } = request
    const now = world.date().getTime()
    const [type] = list(query, 'notificationTypes', 1)
    if (type === undefined) throw new Refusal("Missing required 'notificationTypes'.")
    typeOf(type)
    const pageSize = whole(query, 'pageSize', { min: 30, max: 100, absent: 30 })
    const token = single(query, 'nextToken')
    const { offset } =
      token === null
        ? { offset: 0 }
        : openCursor<{ offset: number }>(`getSubscriptions ${type}`, token, 'nextToken', { now })
    const own = ownOf(world.part(createNotificationStore).subscriptions, request).filter(
      (one) => one.type === type,
    )
    const end = offset + pageSize
    const nextToken = own.length > end ? sealCursor(`getSubscriptions ${type}`, { offset: end }, now) : null
    const subscriptions = own.slice(offset, end).map(subscriptionFields)
    return ok({ payload: { subscriptions, ...(nextToken === null ? {} : { nextToken }) } })
  },
}

const getSubscriptionById: Operation = {
  name: 'getSubscriptionById',
  method: 'GET',
  path: `${SUBSCRIPTIONS}/{notificationType}/{subscriptionId}`,
  plan,
  scope,
  answer: (request, world) =>
    withSubscription(request, world, (found) => ok({ payload: subscriptionFields(found) })),
}

const deleteSubscriptionById: Operation = {
  name: 'deleteSubscriptionById',
  method: 'DELETE',
  path: `${SUBSCRIPTIONS}/{notificationType}/{subscriptionId}`,
  plan,
  scope,
  answer: (request, world) =>
    withSubscription(request, world, (found) => {
      world.part(createNotificationStore).subscriptions.delete(found.id)
      return ok({})
    }),
}

function withSubscription(
  { path, caller }: OperationRequest,
  world: OperationContext,
  answer: (subscription: Subscription) => Answer,
): Answer {
  const { subscriptionId = '', notificationType } = path
  const found = world.part(createNotificationStore).subscriptions.get(subscriptionId)
  return found?.application !== caller.application || found.type !== notificationType
    ? notFound(`The subscription ${subscriptionId} was not found.`)
    : answer(found)
}

/** Of the sandbox at Amazon's: a message of the type, with a payload that says that it is a test. */
const sendTestNotification: Operation = {
  name: 'sendTestNotification',
  method: 'POST',
  path: `${SUBSCRIPTIONS}/{notificationType}/testNotification`,
  plan,
  scope,
  answer(request, world) {
    const { notificationType = '' } = request.path
    const { version } = typeOf(notificationType)
    const body = readObject(request)
    const destinationId = fields.text(body, 'destinationId')
    const store = world.part(createNotificationStore)
    const { application } = request.caller
    if (store.destinations.get(destinationId)?.application !== application)
      return notFound(`The destination ${destinationId} was not found.`)
    const { testNotification } = body
    if (!isObject(testNotification) || fields.text(testNotification, 'payloadVersion') !== version)
      throw new Refusal("Invalid 'testNotification' provided.")
    const payload = { testScenario: testNotification.testScenario ?? null }
    const to = { id: 'test', application, destinationId }
    store.send(to, { type: notificationType, at: world.date().getTime(), payload })
    return ok({ payload: {} })
  },
}

export const subscriptionOperations: readonly Operation[] = [
  createSubscription,
  getSubscription,
  getSubscriptions,
  getSubscriptionById,
  deleteSubscriptionById,
  sendTestNotification,
]
