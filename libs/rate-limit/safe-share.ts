import { sharePlan } from './plan.ts'
import type { BucketPlans } from './port.ts'

/**
 * What one of `processes` may spend of `plans` while none of them can ask the others, at no more than the seller's rate
 * that was last in force.
 */
export function safeShare(plans: BucketPlans, processes: number, lastRate: number | undefined): BucketPlans {
  const rate = Math.min(plans.seller.ratePerSecond, lastRate ?? Number.POSITIVE_INFINITY)
  return {
    seller: sharePlan({ ...plans.seller, ratePerSecond: rate }, processes),
    ...(plans.application && { application: sharePlan(plans.application, processes) }),
  }
}
