/** `GET /sellers/v1/account` (model `sellers`, operation `getAccount`). */

import { ok } from '../answer.ts'
import { DEFAULT_MARKETPLACE, type Marketplace, marketplaces } from '../marketplaces.ts'
import { personOf } from '../seller/people.ts'
import { sellerOf } from '../seller/seller.ts'
import { participations } from './get-marketplace-participations.ts'
import type { Operation } from './operation.ts'

export const getAccount: Operation = {
  name: 'getAccount',
  method: 'GET',
  path: '/sellers/v1/account',
  plan: { rate: 0.016, burst: 15, appRate: null },
  answer({ caller }, world) {
    const { assortment } = sellerOf(caller, world)
    const owner = personOf(assortment.hash, marketplaces.get(DEFAULT_MARKETPLACE) as Marketplace)
    const address = {
      addressLine1: owner.street,
      city: owner.city,
      stateOrProvinceCode: owner.region,
      postalCode: owner.postalCode,
      countryCode: owner.countryCode,
    }
    return ok({
      payload: {
        businessType: 'PRIVATE_LIMITED',
        sellingPlan: 'PROFESSIONAL',
        business: { name: `${owner.name} Trading`, registeredBusinessAddress: address },
        primaryContact: { name: owner.name, address },
        marketplaceParticipationList: participations(),
      },
    })
  },
}
