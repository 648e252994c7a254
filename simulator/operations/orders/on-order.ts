/** What operations on one order of v0 have in common. */

import { type Answer, notFound } from '../../answer.ts'
import type { Order } from '../../seller/orders.ts'
import { sellerOf } from '../../seller/seller.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'

export const readPlan = { rate: 0.5, burst: 30, appRate: null }

/** An operation on one order. */
export function onOrder(
  part: Pick<Operation, 'name' | 'method' | 'path' | 'plan'>,
  answer: (order: Order, request: OperationRequest, world: OperationContext) => Answer,
): Operation {
  return {
    ...part,
    answer(request, world) {
      const { orderId = '' } = request.path
      if (!/^\d{3}-\d{7}-\d{7}$/.test(orderId)) throw new Refusal("Invalid 'orderId' provided.")
      const order = sellerOf(request.caller, world).orders.byId(orderId, world.date().getTime())
      return order === null ? notFound(`The order ${orderId} was not found.`) : answer(order, request, world)
    },
  }
}
