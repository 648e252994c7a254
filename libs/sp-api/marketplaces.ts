/** Amazon's three regions; an account, its refresh token and its endpoint belong to one. */
export type Region = 'NA' | 'EU' | 'FE'

export interface Marketplace {
  readonly id: string
  /** As Amazon writes it: the United Kingdom is UK here. */
  readonly countryCode: string
  readonly country: string
  readonly region: Region
}

/** Every marketplace of the Selling Partner API. Source: Amazon's developer documentation, "Marketplace IDs". */
export const marketplaces: readonly Marketplace[] = [
  { id: 'A2EUQ1WTGCTBG2', countryCode: 'CA', country: 'Canada', region: 'NA' },
  { id: 'ATVPDKIKX0DER', countryCode: 'US', country: 'United States', region: 'NA' },
  { id: 'A1AM78C64UM0Y8', countryCode: 'MX', country: 'Mexico', region: 'NA' },
  { id: 'A2Q3Y263D00KWC', countryCode: 'BR', country: 'Brazil', region: 'NA' },
  { id: 'A28R8C7NBKEWEA', countryCode: 'IE', country: 'Ireland', region: 'EU' },
  { id: 'A1RKKUPIHCS9HS', countryCode: 'ES', country: 'Spain', region: 'EU' },
  { id: 'A1F83G8C2ARO7P', countryCode: 'UK', country: 'United Kingdom', region: 'EU' },
  { id: 'A13V1IB3VIYZZH', countryCode: 'FR', country: 'France', region: 'EU' },
  { id: 'AMEN7PMS3EDWL', countryCode: 'BE', country: 'Belgium', region: 'EU' },
  { id: 'A1805IZSGTT6HS', countryCode: 'NL', country: 'Netherlands', region: 'EU' },
  { id: 'A1PA6795UKMFR9', countryCode: 'DE', country: 'Germany', region: 'EU' },
  { id: 'APJ6JRA9NG5V4', countryCode: 'IT', country: 'Italy', region: 'EU' },
  { id: 'A2NODRKZP88ZB9', countryCode: 'SE', country: 'Sweden', region: 'EU' },
  { id: 'AE08WJ6YKNBMC', countryCode: 'ZA', country: 'South Africa', region: 'EU' },
  { id: 'A1C3SOZRARQ6R3', countryCode: 'PL', country: 'Poland', region: 'EU' },
  { id: 'ARBP9OOSHTCHU', countryCode: 'EG', country: 'Egypt', region: 'EU' },
  { id: 'A33AVAJ2PDY3EV', countryCode: 'TR', country: 'Turkey', region: 'EU' },
  { id: 'A17E79C6D8DWNP', countryCode: 'SA', country: 'Saudi Arabia', region: 'EU' },
  { id: 'A2VIGQ35RCS4UG', countryCode: 'AE', country: 'United Arab Emirates', region: 'EU' },
  { id: 'A21TJRUUN4KGV', countryCode: 'IN', country: 'India', region: 'EU' },
  { id: 'A19VAU5U5O7RUS', countryCode: 'SG', country: 'Singapore', region: 'FE' },
  { id: 'A39IBJ37TRP1C6', countryCode: 'AU', country: 'Australia', region: 'FE' },
  { id: 'A1VC38T7YXB528', countryCode: 'JP', country: 'Japan', region: 'FE' },
]
