import { expect, it } from 'vitest'
import { CATALOG_FETCHER_GROUP } from '#services/catalog-fetcher/catalog-fetcher.ts'
import { OFFER_FETCHER_GROUP } from '#services/offer-fetcher/offer-fetcher.ts'
import { OFFERS_PERSISTER_GROUP } from '#services/persister/offers-persister.ts'
import { PERSISTER_GROUP } from '#services/persister/persister.ts'
import { readers } from '#services/reporting/overview/lag.ts'

it('the overview names the groups as the services have them', () => {
  expect(readers.map(({ group }) => group)).toEqual([
    CATALOG_FETCHER_GROUP,
    PERSISTER_GROUP,
    OFFER_FETCHER_GROUP,
    OFFERS_PERSISTER_GROUP,
  ])
})
