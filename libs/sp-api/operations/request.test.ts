import { describe, expect, it } from 'vitest'
import { searchCatalogItems } from './generated/catalog-items-2022-04-01.ts'
import { getInventorySummaries } from './generated/fba-inventory-v1.ts'
import { getListingsItem } from './generated/listings-items-2021-08-01.ts'
import { createReport } from './generated/reports-2021-06-30.ts'
import { encodeRequest } from './request.ts'

const US = 'ATVPDKIKX0DER'

describe('encodeRequest', () => {
  it('parts values of an array with commas', () => {
    const { path, query, body } = encodeRequest(searchCatalogItems, {
      marketplaceIds: [US],
      keywords: ['samsung', 'tv'],
      pageSize: 20,
    })
    expect(path).toBe('/catalog/2022-04-01/items')
    expect(Object.fromEntries(query)).toEqual({ marketplaceIds: US, keywords: 'samsung,tv', pageSize: '20' })
    expect(body).toBeNull()
  })

  it('encodes a SKU once, whatever it holds', () => {
    const { path } = encodeRequest(getListingsItem, {
      sellerId: 'A1',
      sku: 'a/b c%20?#ü',
      marketplaceIds: [US],
    })
    expect(path).toBe('/listings/2021-08-01/items/A1/a%2Fb%20c%2520%3F%23%C3%BC')
  })

  it('encodes a page token once', () => {
    const { query } = encodeRequest(getInventorySummaries, {
      granularityType: 'Marketplace',
      granularityId: US,
      marketplaceIds: [US],
      nextToken: 'a+b/c==',
    })
    expect(query.toString()).toContain('nextToken=a%2Bb%2Fc%3D%3D')
  })

  it('sends a body as JSON', () => {
    const body = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] }
    expect(encodeRequest(createReport, { body }).body).toBe(JSON.stringify(body))
  })

  it.each([
    ['what is missing', {}, 'marketplaceIds is missing'],
    [
      'more than Amazon takes',
      { marketplaceIds: [US, US] },
      'marketplaceIds must NOT have more than 1 items',
    ],
    [
      'a value that Amazon does not know',
      { marketplaceIds: [US], includedData: ['prices'] },
      'must be one of',
    ],
    [
      'a parameter that does not exist',
      { marketplaceIds: [US], keyword: 'tv' },
      'keyword is no parameter of it',
    ],
    ['another type', { marketplaceIds: [US], pageSize: '20' }, 'pageSize must be integer'],
    [
      'a comma inside of a value',
      { marketplaceIds: [US], keywords: ['a,b'] },
      'keywords: a value holds a comma',
    ],
  ])('refuses %s', (_, parameters, message) => {
    expect(() => encodeRequest(searchCatalogItems, parameters)).toThrow(message)
    expect(() => encodeRequest(searchCatalogItems, parameters)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    )
  })

  it('names everything that is wrong at once', () => {
    expect(() => encodeRequest(createReport, { body: { marketplaceIds: [] } })).toThrow(
      /body\.reportType is missing; body\.marketplaceIds must NOT have fewer than 1 items/,
    )
  })

  it('refuses an empty part of the path, which would ask for what is above it', () => {
    expect(() => encodeRequest(getListingsItem, { sellerId: 'A1', sku: '', marketplaceIds: [US] })).toThrow(
      'sku is empty',
    )
  })

  it.each(['.', '..'])('refuses "%s" as a part of the path: a URL has no way to write it', (sku) => {
    expect(() => encodeRequest(getListingsItem, { sellerId: 'A1', sku, marketplaceIds: [US] })).toThrow(
      /sku is "\.+", which no URL can hold/,
    )
  })

  it('refuses half a character in the path', () => {
    expect(() =>
      encodeRequest(getListingsItem, { sellerId: 'A1', sku: 'x\ud800', marketplaceIds: [US] }),
    ).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
  })
})
