/**
 * Fulfillment Inbound 2024-03-20 (model `fulfillmentInbound_2024-03-20`): the main reads, and two operations that Amazon
 * does in its own time, whose end one asks for with `getInboundOperationStatus`.
 */

import { randomUUID } from 'node:crypto'
import { type Answer, accepted, notFound, ok } from '../../answer.ts'
import type { InboundPlan, MadePlan } from '../../seller/inbound.ts'
import { type Seller, sellerOf } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { keepNewest } from '../documents/keep-newest.ts'
import { enqueue, type Processing, statusOf } from '../documents/processing.ts'
import * as fields from '../fields.ts'
import {
  type Operation,
  type OperationContext,
  type OperationRequest,
  Refusal,
  type World,
} from '../operation.ts'
import { isObject, marketplaceOf, oneOf, readObject, single, whole } from '../parameters.ts'
import {
  boxFields,
  itemFields,
  placementFields,
  planFields,
  shipmentFields,
  summaryFields,
} from './plan-fields.ts'

const PLANS = '/inbound/fba/2024-03-20/inboundPlans'
const PLAN = `${PLANS}/{inboundPlanId}`
const SHIPMENT = `${PLAN}/shipments/{shipmentId}`
const MAX_ITEMS = 2_000
const MOST_BEGUN = 1_000
const OWNERS = ['AMAZON', 'SELLER', 'NONE']

/** Work that was begun: what it is called, and what was wrong with it. */
interface Begun {
  readonly operation: string
  readonly seller: string
  readonly processing: Processing
  readonly problems: readonly object[]
}

const createBegun = (_world: World) => new Map<string, Begun>()

/** The page of `all` that is asked for; tokens go with their operation and its other parameters. */
function pageOf<T>(
  { query, path }: OperationRequest,
  name: string,
  all: readonly T[],
  { max, now }: { readonly max: number; readonly now: number },
): { page: T[]; pagination: { pagination?: { nextToken: string } } } {
  const pageSize = whole(query, 'pageSize', { min: 1, max, absent: 10 })
  const others = [...query].filter(([key]) => key !== 'paginationToken' && key !== 'pageSize')
  const kind = JSON.stringify([name, path, others.sort(([a], [b]) => (a < b ? -1 : 1))])
  const token = single(query, 'paginationToken')
  const { offset } =
    token === null ? { offset: 0 } : openCursor<{ offset: number }>(kind, token, 'paginationToken', { now })
  const end = offset + pageSize
  return {
    page: all.slice(offset, end),
    pagination: all.length > end ? { pagination: { nextToken: sealCursor(kind, { offset: end }, now) } } : {},
  }
}

const listInboundPlans: Operation = {
  name: 'listInboundPlans',
  method: 'GET',
  path: PLANS,
  plan: { rate: 2, burst: 6, appRate: null },
  answer(request, world) {
    const { query, caller } = request
    const now = world.date().getTime()
    const seller = sellerOf(caller, world)
    const status = oneOf(query, 'status', ['ACTIVE', 'VOIDED', 'SHIPPED'] as const)
    const by = oneOf(query, 'sortBy', ['LAST_UPDATED_TIME', 'CREATION_TIME'] as const)
    const order = oneOf(query, 'sortOrder', ['ASC', 'DESC'] as const) === 'ASC' ? 1 : -1
    const timeOf = (plan: InboundPlan) => (by === 'LAST_UPDATED_TIME' ? plan.lastUpdatedAt : plan.createdAt)
    const plans = seller.inbound
      .plans(now)
      .filter((plan) => status === null || plan.status === status)
      .sort((a, b) => order * (timeOf(a) - timeOf(b)))
    const { page, pagination } = pageOf(request, 'listInboundPlans', plans, { max: 30, now })
    return ok({ inboundPlans: page.map((plan) => summaryFields(plan, seller)), ...pagination })
  },
}

/** An operation on one plan. */
function onPlan(
  part: Pick<Operation, 'name' | 'method' | 'path' | 'plan'>,
  answer: (plan: InboundPlan, seller: Seller, request: OperationRequest, world: OperationContext) => Answer,
): Operation {
  return {
    ...part,
    answer(request, world) {
      const { inboundPlanId = '', shipmentId } = request.path
      const seller = sellerOf(request.caller, world)
      const plan = seller.inbound.plans(world.date().getTime()).find(({ id }) => id === inboundPlanId)
      if (plan === undefined) return notFound(`The inbound plan ${inboundPlanId} was not found.`)
      if (shipmentId !== undefined && shipmentId !== plan.shipment.id)
        return notFound(`The shipment ${shipmentId} was not found.`)
      return answer(plan, seller, request, world)
    },
  }
}

const read = (name: string, path: string, burst: number) => ({
  name,
  method: 'GET' as const,
  path,
  plan: { rate: 2, burst, appRate: null },
})

const getInboundPlan = onPlan(read('getInboundPlan', PLAN, 6), (plan, seller) => ok(planFields(plan, seller)))

const getShipment = onPlan(read('getShipment', SHIPMENT, 6), (plan, seller) =>
  ok(shipmentFields(plan, seller)),
)

/** A list of what a plan has, page by page. */
function listed(
  part: ReturnType<typeof read>,
  field: string,
  max: number,
  rowsOf: (plan: InboundPlan) => readonly object[],
): Operation {
  return onPlan(part, (plan, _seller, request, world) => {
    const now = world.date().getTime()
    const { page, pagination } = pageOf(request, part.name, rowsOf(plan), { max, now })
    return ok({ [field]: page, ...pagination })
  })
}

const MANY = 1_000
const itemsOf = (plan: InboundPlan) => plan.items.map(itemFields)
const listInboundPlanItems = listed(read('listInboundPlanItems', `${PLAN}/items`, 6), 'items', MANY, itemsOf)
const listShipmentItems = listed(read('listShipmentItems', `${SHIPMENT}/items`, 30), 'items', MANY, itemsOf)
const listInboundPlanBoxes = listed(
  read('listInboundPlanBoxes', `${PLAN}/boxes`, 6),
  'boxes',
  MANY,
  boxFields,
)
const listShipmentBoxes = listed(read('listShipmentBoxes', `${SHIPMENT}/boxes`, 30), 'boxes', MANY, boxFields)
const listPlacementOptions = listed(
  read('listPlacementOptions', `${PLAN}/placementOptions`, 6),
  'placementOptions',
  20,
  (plan) => [placementFields(plan)],
)

/** Begins work, of which `problems` say whether it will come to a good end. */
function begin(operation: string, seller: Seller, problems: readonly object[], world: World) {
  const operationId = randomUUID()
  const processing = enqueue(world, problems.length > 0 ? 'FATAL' : 'DONE')
  const begun = world.part(createBegun)
  begun.set(operationId, { operation, seller: seller.name, processing, problems })
  keepNewest(begun, MOST_BEGUN)
  return { operationId, endsAt: processing.endsAt }
}

const createInboundPlan: Operation = {
  name: 'createInboundPlan',
  method: 'POST',
  path: PLANS,
  plan: { rate: 2, burst: 2, appRate: null },
  answer(request, world) {
    const body = readObject(request)
    const seller = sellerOf(request.caller, world)
    const { destinationMarketplaces, sourceAddress } = body
    if (!Array.isArray(destinationMarketplaces) || destinationMarketplaces.length !== 1)
      throw new Refusal("Invalid 'destinationMarketplaces' provided.")
    const marketplace = marketplaceOf(destinationMarketplaces[0], 'destinationMarketplaces')
    if (!isObject(sourceAddress)) throw new Refusal("Missing required 'sourceAddress'.")
    for (const name of ['name', 'addressLine1', 'city', 'countryCode', 'phoneNumber', 'postalCode'])
      fields.text(sourceAddress, name)
    const wanted = readItems(body.items)
    const sent: MadePlan['items'][number][] = []
    const problems: object[] = []
    for (const { msku, quantity } of wanted) {
      const offering = seller.assortment.bySku(msku, marketplace)
      if (offering?.channel === 'AFN') sent.push({ offering, quantity })
      else problems.push(notEligible(msku))
    }
    const { operationId, endsAt } = begin('createInboundPlan', seller, problems, world)
    const id = `wf${randomUUID()}`
    const name = fields.optionalText(body, 'name') ?? `Plan ${id.slice(2, 10)}`
    if (problems.length === 0)
      seller.inbound.made.set(id, {
        id,
        name,
        marketplace,
        createdAt: endsAt,
        items: sent,
        cancelledAt: null,
      })
    return accepted({ inboundPlanId: id, operationId })
  },
}

const notEligible = (msku: string) => ({
  code: 'FBA_INB_0182',
  message: `The item ${msku} is not eligible for Fulfillment by Amazon.`,
  details: '',
  severity: 'ERROR',
})

function readItems(value: unknown): { msku: string; quantity: number }[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ITEMS)
    throw new Refusal("Invalid 'items' provided.", `1 to ${MAX_ITEMS} are allowed.`)
  return (value as unknown[]).map((item) => {
    if (!isObject(item)) throw new Refusal("Invalid 'items' provided.")
    const { quantity } = item
    if (!Number.isInteger(quantity) || Number(quantity) < 1 || Number(quantity) > 500_000)
      throw new Refusal("Invalid 'quantity' provided.")
    for (const name of ['labelOwner', 'prepOwner'])
      if (!OWNERS.includes(fields.text(item, name))) throw new Refusal(`Invalid '${name}' provided.`)
    return { msku: fields.text(item, 'msku'), quantity: Number(quantity) }
  })
}

const cancelInboundPlan = onPlan(
  {
    name: 'cancelInboundPlan',
    method: 'PUT',
    path: `${PLAN}/cancellation`,
    plan: { rate: 2, burst: 2, appRate: null },
  },
  (plan, seller, _request, world) => {
    const made = seller.inbound.made.get(plan.id)
    const tooLate = plan.status !== 'ACTIVE' || made === undefined
    const problem = {
      code: 'FBA_INB_0003',
      message: `The inbound plan ${plan.id} can not be cancelled any more.`,
      details: '',
      severity: 'ERROR',
    }
    const { operationId, endsAt } = begin('cancelInboundPlan', seller, tooLate ? [problem] : [], world)
    if (!tooLate) made.cancelledAt = endsAt
    return accepted({ operationId })
  },
)

const getInboundOperationStatus: Operation = {
  name: 'getInboundOperationStatus',
  method: 'GET',
  path: '/inbound/fba/2024-03-20/operations/{operationId}',
  plan: { rate: 2, burst: 6, appRate: null },
  answer({ path, caller }, world) {
    const { operationId = '' } = path
    const begun = world.part(createBegun).get(operationId)
    if (begun?.seller !== caller.seller || begun === undefined)
      return notFound(`The operation ${operationId} was not found.`)
    const status = statusOf(begun.processing, world.date().getTime())
    const failed = status === 'FATAL'
    return ok({
      operation: begun.operation,
      operationId,
      operationStatus: failed ? 'FAILED' : status === 'DONE' ? 'SUCCESS' : 'IN_PROGRESS',
      operationProblems: failed ? begun.problems : [],
    })
  },
}

export const inboundPlanOperations: readonly Operation[] = [
  listInboundPlans,
  createInboundPlan,
  getInboundPlan,
  listInboundPlanItems,
  cancelInboundPlan,
  getShipment,
  listShipmentItems,
  listInboundPlanBoxes,
  listShipmentBoxes,
  listPlacementOptions,
  getInboundOperationStatus,
]
