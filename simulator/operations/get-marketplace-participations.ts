/** `GET /sellers/v1/marketplaceParticipations` (model `sellers`): the seller takes part everywhere. */

import { ok } from '../answer.ts'
import { marketplaces } from '../marketplaces.ts'
import type { Operation } from './operation.ts'

export const getMarketplaceParticipations: Operation = {
  name: 'getMarketplaceParticipations',
  method: 'GET',
  path: '/sellers/v1/marketplaceParticipations',
  plan: { rate: 0.016, burst: 15, appRate: null },
  answer: () => ok({ payload: participations() }),
}

/** As `getAccount` shows them as well. */
export const participations = () =>
  [...marketplaces.values()].map(({ id, name, countryCode, currency, language, domain }) => ({
    marketplace: {
      id,
      name,
      countryCode,
      defaultCurrencyCode: currency,
      defaultLanguageCode: language,
      domainName: domain,
    },
    storeName: 'Simulated Store',
    participation: { isParticipating: true, hasSuspendedListings: false },
  }))
