import type { BucketKey, BucketPlans } from './port.ts'

/**
 * One level that keeps to every plan, for processes that take turns in it. With a plan of the application all its sellers
 * spend from that level, at the slower of the two rates.
 */
export function singleLevel(
  key: BucketKey,
  { seller, application }: BucketPlans,
): { readonly key: BucketKey; readonly plans: BucketPlans } {
  if (!application) return { key, plans: { seller } }
  const plan = {
    ratePerSecond: Math.min(seller.ratePerSecond, application.ratePerSecond),
    burst: Math.min(seller.burst, application.burst),
  }
  return { key: { ...key, seller: '' }, plans: { seller: plan } }
}
