/** Orders of regulated goods (model `ordersV0`): what the buyer had to tell, and the seller's verdict on it. */

import { noContent, ok, unauthorized } from '../../answer.ts'
import type { Order } from '../../seller/orders.ts'
import * as fields from '../fields.ts'
import { type Operation, Refusal, type World } from '../operation.ts'
import { isObject, readObject } from '../parameters.ts'
import { inUtc } from '../times.ts'
import { onOrder, readPlan } from './on-order.ts'
import { isRegulated } from './order-v0.ts'

const PATH = '/orders/v0/orders/{orderId}/regulatedInfo'
const REJECTIONS = [
  {
    RejectionReasonId: 'shield_pom_vps_reject_product',
    RejectionReasonDescription: 'The product can not be sold.',
  },
  {
    RejectionReasonId: 'shield_pom_vps_reject_species',
    RejectionReasonDescription: 'The species does not match.',
  },
]

interface Verdict {
  readonly status: string
  readonly reviewer: string
  readonly reasonId: string | null
  readonly at: number
}

/** By order. */
const createVerdicts = (_world: World) => new Map<string, Verdict>()

function check(order: Order): void {
  if (!isRegulated(order)) throw new Refusal('The order has no regulated items.')
}

export const getOrderRegulatedInfo: Operation = onOrder(
  { name: 'getOrderRegulatedInfo', method: 'GET', path: PATH, plan: readPlan },
  (order, { caller }, world) => {
    if (caller.restricted === null) return unauthorized('')
    check(order)
    const verdict = world.part(createVerdicts).get(order.id)
    const reason = REJECTIONS.find(({ RejectionReasonId }) => RejectionReasonId === verdict?.reasonId)
    return ok({
      payload: {
        AmazonOrderId: order.id,
        RequiresDosageLabel: false,
        RegulatedInformation: {
          Fields: [
            { FieldId: 'pet_name', FieldLabel: 'Name of the pet', FieldType: 'Text', FieldValue: 'Rex' },
          ],
        },
        RegulatedOrderVerificationStatus: {
          Status: verdict?.status ?? 'Pending',
          RequiresMerchantAction: verdict === undefined,
          ValidRejectionReasons: REJECTIONS,
          ...(reason === undefined ? {} : { RejectionReason: reason }),
          ...(verdict === undefined
            ? {}
            : { ReviewDate: inUtc(verdict.at), ExternalReviewerId: verdict.reviewer }),
        },
      },
    })
  },
)

export const updateVerificationStatus: Operation = onOrder(
  { name: 'updateVerificationStatus', method: 'PATCH', path: PATH, plan: readPlan },
  (order, request, world) => {
    check(order)
    const { regulatedOrderVerificationStatus: given } = readObject(request)
    if (!isObject(given)) throw new Refusal("Missing required 'regulatedOrderVerificationStatus'.")
    const reviewer = fields.text(given, 'externalReviewerId')
    const status = fields.text(given, 'status')
    if (status !== 'Approved' && status !== 'Rejected') throw new Refusal("Invalid 'status' provided.")
    const reasonId = fields.optionalText(given, 'rejectionReasonId')
    const known = REJECTIONS.some(({ RejectionReasonId }) => RejectionReasonId === reasonId)
    if (known !== (status === 'Rejected')) throw new Refusal("Invalid 'rejectionReasonId' provided.")
    const verdicts = world.part(createVerdicts)
    if (verdicts.has(order.id)) throw new Refusal('The order was looked into already.')
    verdicts.set(order.id, { status, reviewer, reasonId, at: world.date().getTime() })
    return noContent()
  },
)
