import { SpApiInputError } from './errors.ts'

/** Amazon's three regions; an account, its refresh token and its endpoint belong to one. */
export type Region = 'NA' | 'EU' | 'FE'

export interface Marketplace {
  readonly marketplaceId: string
  /** As Amazon writes it: the United Kingdom is UK here. */
  readonly countryCode: string
  readonly country: string
  readonly region: Region
  /** Of its shop, without `www`. */
  readonly domain: string
}

/** Every marketplace of the Selling Partner API. Source: Amazon's developer documentation, "Marketplace IDs". */
export const marketplaces: readonly Marketplace[] = [
  {
    marketplaceId: 'A2EUQ1WTGCTBG2',
    countryCode: 'CA',
    country: 'Canada',
    region: 'NA',
    domain: 'amazon.ca',
  },
  {
    marketplaceId: 'ATVPDKIKX0DER',
    countryCode: 'US',
    country: 'United States',
    region: 'NA',
    domain: 'amazon.com',
  },
  {
    marketplaceId: 'A1AM78C64UM0Y8',
    countryCode: 'MX',
    country: 'Mexico',
    region: 'NA',
    domain: 'amazon.com.mx',
  },
  {
    marketplaceId: 'A2Q3Y263D00KWC',
    countryCode: 'BR',
    country: 'Brazil',
    region: 'NA',
    domain: 'amazon.com.br',
  },
  {
    marketplaceId: 'A28R8C7NBKEWEA',
    countryCode: 'IE',
    country: 'Ireland',
    region: 'EU',
    domain: 'amazon.ie',
  },
  { marketplaceId: 'A1RKKUPIHCS9HS', countryCode: 'ES', country: 'Spain', region: 'EU', domain: 'amazon.es' },
  {
    marketplaceId: 'A1F83G8C2ARO7P',
    countryCode: 'UK',
    country: 'United Kingdom',
    region: 'EU',
    domain: 'amazon.co.uk',
  },
  {
    marketplaceId: 'A13V1IB3VIYZZH',
    countryCode: 'FR',
    country: 'France',
    region: 'EU',
    domain: 'amazon.fr',
  },
  {
    marketplaceId: 'AMEN7PMS3EDWL',
    countryCode: 'BE',
    country: 'Belgium',
    region: 'EU',
    domain: 'amazon.com.be',
  },
  {
    marketplaceId: 'A1805IZSGTT6HS',
    countryCode: 'NL',
    country: 'Netherlands',
    region: 'EU',
    domain: 'amazon.nl',
  },
  {
    marketplaceId: 'A1PA6795UKMFR9',
    countryCode: 'DE',
    country: 'Germany',
    region: 'EU',
    domain: 'amazon.de',
  },
  { marketplaceId: 'APJ6JRA9NG5V4', countryCode: 'IT', country: 'Italy', region: 'EU', domain: 'amazon.it' },
  {
    marketplaceId: 'A2NODRKZP88ZB9',
    countryCode: 'SE',
    country: 'Sweden',
    region: 'EU',
    domain: 'amazon.se',
  },
  {
    marketplaceId: 'AE08WJ6YKNBMC',
    countryCode: 'ZA',
    country: 'South Africa',
    region: 'EU',
    domain: 'amazon.co.za',
  },
  {
    marketplaceId: 'A1C3SOZRARQ6R3',
    countryCode: 'PL',
    country: 'Poland',
    region: 'EU',
    domain: 'amazon.pl',
  },
  { marketplaceId: 'ARBP9OOSHTCHU', countryCode: 'EG', country: 'Egypt', region: 'EU', domain: 'amazon.eg' },
  {
    marketplaceId: 'A33AVAJ2PDY3EV',
    countryCode: 'TR',
    country: 'Turkey',
    region: 'EU',
    domain: 'amazon.com.tr',
  },
  {
    marketplaceId: 'A17E79C6D8DWNP',
    countryCode: 'SA',
    country: 'Saudi Arabia',
    region: 'EU',
    domain: 'amazon.sa',
  },
  {
    marketplaceId: 'A2VIGQ35RCS4UG',
    countryCode: 'AE',
    country: 'United Arab Emirates',
    region: 'EU',
    domain: 'amazon.ae',
  },
  { marketplaceId: 'A21TJRUUN4KGV', countryCode: 'IN', country: 'India', region: 'EU', domain: 'amazon.in' },
  {
    marketplaceId: 'A19VAU5U5O7RUS',
    countryCode: 'SG',
    country: 'Singapore',
    region: 'FE',
    domain: 'amazon.sg',
  },
  {
    marketplaceId: 'A39IBJ37TRP1C6',
    countryCode: 'AU',
    country: 'Australia',
    region: 'FE',
    domain: 'amazon.com.au',
  },
  {
    marketplaceId: 'A1VC38T7YXB528',
    countryCode: 'JP',
    country: 'Japan',
    region: 'FE',
    domain: 'amazon.co.jp',
  },
]

/**
 * By marketplace id, country code (UK and GB alike) or domain, such as `www.amazon.co.uk`. Throws `UNKNOWN_MARKETPLACE`,
 * which lists the known ones.
 */
export function findMarketplace(idOrCountry: string): Marketplace {
  const name = idOrCountry.trim().toUpperCase()
  const domain = name.toLowerCase().replace(/^www\./, '')
  // Amazon writes UK, ISO 3166 and Amazon's own Sellers API write GB.
  const code = name === 'GB' ? 'UK' : name
  const found = marketplaces.find(
    (one) => one.marketplaceId === code || one.countryCode === code || one.domain === domain,
  )
  if (found) return found
  const known = marketplaces.map((one) => `${one.countryCode} (${one.marketplaceId})`).join(', ')
  throw new SpApiInputError(
    'UNKNOWN_MARKETPLACE',
    `unknown marketplace "${idOrCountry}": use an id or a country code of ${known}`,
  )
}

/** Several at once, each marketplace once, in the order given. Throws as `findMarketplace` does. */
export function resolveMarketplaces(idsOrCountries: readonly string[]): Marketplace[] {
  return [...new Set(idsOrCountries.map(findMarketplace))]
}
