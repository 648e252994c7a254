import { SpApiInputError } from './errors.ts'

/** Amazon's three regions; an account, its refresh token and its endpoint belong to one. */
export type Region = 'NA' | 'EU' | 'FE'

export interface Marketplace {
  readonly marketplaceId: string
  /** As Amazon writes it: the United Kingdom is UK here. */
  readonly countryCode: string
  readonly country: string
  readonly region: Region
}

/** Every marketplace of the Selling Partner API. Source: Amazon's developer documentation, "Marketplace IDs". */
export const marketplaces: readonly Marketplace[] = [
  { marketplaceId: 'A2EUQ1WTGCTBG2', countryCode: 'CA', country: 'Canada', region: 'NA' },
  { marketplaceId: 'ATVPDKIKX0DER', countryCode: 'US', country: 'United States', region: 'NA' },
  { marketplaceId: 'A1AM78C64UM0Y8', countryCode: 'MX', country: 'Mexico', region: 'NA' },
  { marketplaceId: 'A2Q3Y263D00KWC', countryCode: 'BR', country: 'Brazil', region: 'NA' },
  { marketplaceId: 'A28R8C7NBKEWEA', countryCode: 'IE', country: 'Ireland', region: 'EU' },
  { marketplaceId: 'A1RKKUPIHCS9HS', countryCode: 'ES', country: 'Spain', region: 'EU' },
  { marketplaceId: 'A1F83G8C2ARO7P', countryCode: 'UK', country: 'United Kingdom', region: 'EU' },
  { marketplaceId: 'A13V1IB3VIYZZH', countryCode: 'FR', country: 'France', region: 'EU' },
  { marketplaceId: 'AMEN7PMS3EDWL', countryCode: 'BE', country: 'Belgium', region: 'EU' },
  { marketplaceId: 'A1805IZSGTT6HS', countryCode: 'NL', country: 'Netherlands', region: 'EU' },
  { marketplaceId: 'A1PA6795UKMFR9', countryCode: 'DE', country: 'Germany', region: 'EU' },
  { marketplaceId: 'APJ6JRA9NG5V4', countryCode: 'IT', country: 'Italy', region: 'EU' },
  { marketplaceId: 'A2NODRKZP88ZB9', countryCode: 'SE', country: 'Sweden', region: 'EU' },
  { marketplaceId: 'AE08WJ6YKNBMC', countryCode: 'ZA', country: 'South Africa', region: 'EU' },
  { marketplaceId: 'A1C3SOZRARQ6R3', countryCode: 'PL', country: 'Poland', region: 'EU' },
  { marketplaceId: 'ARBP9OOSHTCHU', countryCode: 'EG', country: 'Egypt', region: 'EU' },
  { marketplaceId: 'A33AVAJ2PDY3EV', countryCode: 'TR', country: 'Turkey', region: 'EU' },
  { marketplaceId: 'A17E79C6D8DWNP', countryCode: 'SA', country: 'Saudi Arabia', region: 'EU' },
  { marketplaceId: 'A2VIGQ35RCS4UG', countryCode: 'AE', country: 'United Arab Emirates', region: 'EU' },
  { marketplaceId: 'A21TJRUUN4KGV', countryCode: 'IN', country: 'India', region: 'EU' },
  { marketplaceId: 'A19VAU5U5O7RUS', countryCode: 'SG', country: 'Singapore', region: 'FE' },
  { marketplaceId: 'A39IBJ37TRP1C6', countryCode: 'AU', country: 'Australia', region: 'FE' },
  { marketplaceId: 'A1VC38T7YXB528', countryCode: 'JP', country: 'Japan', region: 'FE' },
]

/** By marketplace id or country code, UK and GB alike. Throws `UNKNOWN_MARKETPLACE`, which lists the known ones. */
export function findMarketplace(idOrCountry: string): Marketplace {
  const name = idOrCountry.trim().toUpperCase()
  // Amazon writes UK, ISO 3166 and Amazon's own Sellers API write GB.
  const code = name === 'GB' ? 'UK' : name
  const found = marketplaces.find((one) => one.marketplaceId === code || one.countryCode === code)
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
