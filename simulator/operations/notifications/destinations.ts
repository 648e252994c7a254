/** Destinations of notifications (model `notifications`): all grantless. */

import { randomUUID } from 'node:crypto'
import { conflict, notFound, ok } from '../../answer.ts'
import * as fields from '../fields.ts'
import { type Operation, Refusal } from '../operation.ts'
import { isObject, readObject } from '../parameters.ts'
import { createNotificationStore, type Destination } from './notification-store.ts'

const plan = { rate: 1, burst: 5, appRate: null }
const scope = 'sellingpartnerapi::notifications'
const DESTINATIONS = '/notifications/v1/destinations'

const destinationFields = ({ id, name, resource }: Destination) => ({ destinationId: id, name, resource })

const createDestination: Operation = {
  name: 'createDestination',
  method: 'POST',
  path: DESTINATIONS,
  plan,
  scope,
  answer(request, world) {
    const { destinations } = world.part(createNotificationStore)
    const body = readObject(request)
    const name = fields.text(body, 'name')
    const { application } = request.caller
    const { transport, resource } = readResource(body.resourceSpecification)
    for (const other of destinations.values()) {
      if (other.application === application && JSON.stringify(other.resource) === JSON.stringify(resource))
        return conflict(`A destination for this resource is there already: ${other.id}.`)
    }
    const destination: Destination = { id: randomUUID(), application, name, transport, resource }
    destinations.set(destination.id, destination)
    return ok({ payload: destinationFields(destination) })
  },
}

/** The queue or the event bus. Nobody looks whether it lets Amazon in: that is found out when nothing arrives. */
function readResource(specification: unknown): Pick<Destination, 'transport' | 'resource'> {
  if (!isObject(specification)) throw new Refusal("Missing required 'resourceSpecification'.")
  const { sqs, eventBridge } = specification
  if ((sqs === undefined) === (eventBridge === undefined))
    throw new Refusal("Invalid 'resourceSpecification' provided.", "It takes one of 'sqs' and 'eventBridge'.")
  if (isObject(sqs)) {
    const arn = fields.text(sqs, 'arn')
    if (!/^arn:aws:sqs:\S+:\S+:\S+$/.test(arn) || arn.endsWith('.fifo'))
      throw new Refusal("Invalid 'arn' provided.")
    return { transport: 'sqs', resource: { sqs: { arn } } }
  }
  if (!isObject(eventBridge)) throw new Refusal("Invalid 'resourceSpecification' provided.")
  const region = fields.text(eventBridge, 'region')
  const accountId = fields.text(eventBridge, 'accountId')
  if (!/^\d{12}$/.test(accountId)) throw new Refusal("Invalid 'accountId' provided.")
  const name = `aws.partner/sellingpartnerapi.amazon.com/${accountId}/simulator`
  return { transport: 'eventBridge', resource: { eventBridge: { name, region, accountId } } }
}

const getDestinations: Operation = {
  name: 'getDestinations',
  method: 'GET',
  path: DESTINATIONS,
  plan,
  scope,
  answer({ caller }, world) {
    const { destinations } = world.part(createNotificationStore)
    const own = [...destinations.values()].filter(({ application }) => application === caller.application)
    return ok({ payload: own.map(destinationFields) })
  },
}

const getDestination: Operation = {
  name: 'getDestination',
  method: 'GET',
  path: `${DESTINATIONS}/{destinationId}`,
  plan,
  scope,
  answer({ path, caller }, world) {
    const { destinationId = '' } = path
    const destination = world.part(createNotificationStore).destinations.get(destinationId)
    if (destination?.application !== caller.application) return unknownDestination(destinationId)
    return ok({ payload: destinationFields(destination) })
  },
}

const deleteDestination: Operation = {
  name: 'deleteDestination',
  method: 'DELETE',
  path: `${DESTINATIONS}/{destinationId}`,
  plan,
  scope,
  answer({ path, caller }, world) {
    const { destinationId = '' } = path
    const { destinations, subscriptions } = world.part(createNotificationStore)
    if (destinations.get(destinationId)?.application !== caller.application)
      return unknownDestination(destinationId)
    for (const subscription of subscriptions.values())
      if (subscription.destinationId === destinationId)
        return conflict(`The destination ${destinationId} has subscriptions.`)
    destinations.delete(destinationId)
    return ok({})
  },
}

const unknownDestination = (id: string) => notFound(`The destination ${id} was not found.`)

export const destinationOperations: readonly Operation[] = [
  createDestination,
  getDestinations,
  getDestination,
  deleteDestination,
]
