import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { defaultUsagePlans, parseUsagePlans, usagePlansWith } from './usage-plans.ts'

const models = new URL('../../../shared/sp-api/models/', import.meta.url)

test.skipIf(!existsSync(models))("defaults are those of Amazon's models", () => {
  const plan = (file: string, path: string) => {
    const model = JSON.parse(readFileSync(new URL(file, models), 'utf8'))
    const [, rate, burst] = /\n\|\s*(\S+)\s*\|\s*(\S+)\s*\|\n/.exec(
      (model.paths[path].get.description as string).replace(/[\s\S]*----.*?\n/, '\n'),
    ) ?? ['', '', '']
    return { ratePerSecond: Number(rate), burst: Number(burst) }
  }
  expect(plan('catalogItems_2022-04-01.json', '/catalog/2022-04-01/items')).toEqual(
    defaultUsagePlans.searchCatalogItems.seller,
  )
  expect(plan('sellers.json', '/sellers/v1/marketplaceParticipations')).toEqual(
    defaultUsagePlans.getMarketplaceParticipations.seller,
  )
})

describe('SP_API_USAGE_PLANS', () => {
  it('replaces what it names', () => {
    const plans = usagePlansWith(
      parseUsagePlans(' searchCatalogItems=5/10, getMarketplaceParticipations = .5/1,'),
    )
    expect(plans.searchCatalogItems).toEqual({
      seller: { ratePerSecond: 5, burst: 10 },
      application: { ratePerSecond: 500, burst: 500 },
    })
    expect(plans.getMarketplaceParticipations.seller).toEqual({ ratePerSecond: 0.5, burst: 1 })
    expect(usagePlansWith({})).toEqual(defaultUsagePlans)
  })

  it.each([
    ['searchCatalogItems', /write operation=rate\/burst/],
    ['searchCatalogItems=5', /write operation=rate\/burst/],
    ['searchCatalogItem=5/10', /write the operation as Amazon does, such as searchCatalogItems/],
    ['searchCatalogItems=0/10', /above 0/],
    ['searchCatalogItems=1e9/10', /above 0/],
    ['searchCatalogItems=-1/10', /above 0/],
    ['searchCatalogItems=5/0', /whole number from 1/],
    ['searchCatalogItems=5/1.5', /whole number from 1/],
    ['searchCatalogItems=5/5,searchCatalogItems=6/6', /stands once/],
    ['toString=5/5', /write the operation as Amazon does/],
  ])('refuses %s', (text, message) => {
    expect(() => parseUsagePlans(text)).toThrow(message)
  })
})
