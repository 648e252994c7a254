import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { findMarketplace, marketplaces, resolveMarketplaces } from './marketplaces.ts'
import { RegionalEndpointManager } from './regional-endpoints.ts'

const amazons = new URL('../../../shared/sp-api/marketplaces.json', import.meta.url)

describe('marketplaces', () => {
  test.skipIf(!existsSync(amazons))("are Amazon's, each at its endpoint", () => {
    const endpoints = new RegionalEndpointManager()
    const list = JSON.parse(readFileSync(amazons, 'utf8')) as Record<string, string>[]
    expect(marketplaces.length).toBe(list.length)
    const sandbox = new RegionalEndpointManager({ sandbox: true })
    for (const { marketplaceId = '', countryCode, region, endpoint, sandboxEndpoint } of list) {
      expect(findMarketplace(marketplaceId)).toMatchObject({ countryCode, region })
      expect(sandbox.url(marketplaceId, '/x').href).toBe(`${sandboxEndpoint}/x`)
      expect(endpoints.url(marketplaceId, '/x').href).toBe(`${endpoint}/x`)
    }
  })

  it('are found by id and country code, the United Kingdom as UK and GB', () => {
    expect(findMarketplace('us').marketplaceId).toBe('ATVPDKIKX0DER')
    expect(findMarketplace('GB')).toBe(findMarketplace('UK'))
    expect(resolveMarketplaces(['DE', 'A1PA6795UKMFR9', 'FR']).map((one) => one.countryCode)).toEqual([
      'DE',
      'FR',
    ])
  })

  it.each([
    ['amazon.com', 'US'],
    ['www.amazon.co.uk', 'UK'],
    ['Amazon.DE', 'DE'],
    ['www.amazon.co.jp', 'JP'],
    ['amazon.com.au', 'AU'],
  ])('are found by the domain %s', (domain, countryCode) => {
    expect(findMarketplace(domain).countryCode).toBe(countryCode)
  })

  it('that are unknown are answered with the known ones', () => {
    expect(() => findMarketplace('XX')).toThrow(/unknown marketplace "XX".*US \(ATVPDKIKX0DER\)/)
  })
})

describe('endpoints', () => {
  it('follow the region', () => {
    const endpoints = new RegionalEndpointManager()
    expect(endpoints.url('DE', '/p').href).toBe('https://sellingpartnerapi-eu.amazon.com/p')
    expect(endpoints.url('JP', '/p').href).toBe('https://sellingpartnerapi-fe.amazon.com/p')
    expect(endpoints.lwaTokenUrl.href).toBe('https://api.amazon.com/auth/o2/token')
  })

  it('of the sandbox follow the region', () => {
    const endpoints = new RegionalEndpointManager({ sandbox: true })
    expect(endpoints.url('JP', '/p').href).toBe('https://sandbox.sellingpartnerapi-fe.amazon.com/p')
    const tokens = '/tokens/2021-03-01/restrictedDataToken'
    expect(endpoints.url('JP', tokens).href).toBe(`https://sellingpartnerapi-fe.amazon.com${tokens}`)
    expect(endpoints.lwaTokenUrl.href).toBe('https://api.amazon.com/auth/o2/token')
  })

  it('are overridden for all marketplaces, with a path of their own', () => {
    const endpoints = new RegionalEndpointManager({
      spApiEndpoint: 'http://localhost:8080/amazon/',
      lwaEndpoint: 'http://localhost:8080/lwa',
    })
    expect(endpoints.url('JP', '/catalog/x').href).toBe('http://localhost:8080/amazon/catalog/x')
    expect(endpoints.lwaTokenUrl.href).toBe('http://localhost:8080/lwa/auth/o2/token')
    const whole = new RegionalEndpointManager({ lwaEndpoint: 'http://localhost:8080/auth/o2/token' })
    expect(whole.lwaTokenUrl.href).toBe('http://localhost:8080/auth/o2/token')
  })

  it.each(['nonsense', 'ftp://host', 'http://user:CANARY@host', 'https://host/?q=1'])(
    'refuse %s',
    (value) => {
      const make = () => new RegionalEndpointManager({ spApiEndpoint: value })
      expect(make).toThrow(/^SP_API_ENDPOINT .*set a base URL/)
      expect(make).not.toThrow(/CANARY/)
    },
  )
})
