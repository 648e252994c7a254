/** The marketplaces of the Selling Partner API, as its documentation lists them ("Marketplace IDs"). */

export interface Marketplace {
  readonly id: string
  readonly name: string
  readonly countryCode: string
  readonly currency: string
  readonly language: string
  readonly domain: string
}

const marketplace = (id: string, countryCode: string, tld: string, currency: string, language: string) => ({
  id,
  name: `Amazon.${tld}`,
  countryCode,
  currency,
  language,
  domain: `www.amazon.${tld}`,
})

export const marketplaces: ReadonlyMap<string, Marketplace> = new Map(
  [
    marketplace('A2EUQ1WTGCTBG2', 'CA', 'ca', 'CAD', 'en_CA'),
    marketplace('ATVPDKIKX0DER', 'US', 'com', 'USD', 'en_US'),
    marketplace('A1AM78C64UM0Y8', 'MX', 'com.mx', 'MXN', 'es_MX'),
    marketplace('A2Q3Y263D00KWC', 'BR', 'com.br', 'BRL', 'pt_BR'),
    marketplace('A28R8C7NBKEWEA', 'IE', 'ie', 'EUR', 'en_IE'),
    marketplace('A1RKKUPIHCS9HS', 'ES', 'es', 'EUR', 'es_ES'),
    marketplace('A1F83G8C2ARO7P', 'GB', 'co.uk', 'GBP', 'en_GB'),
    marketplace('A13V1IB3VIYZZH', 'FR', 'fr', 'EUR', 'fr_FR'),
    marketplace('AMEN7PMS3EDWL', 'BE', 'com.be', 'EUR', 'nl_BE'),
    marketplace('A1805IZSGTT6HS', 'NL', 'nl', 'EUR', 'nl_NL'),
    marketplace('A1PA6795UKMFR9', 'DE', 'de', 'EUR', 'de_DE'),
    marketplace('APJ6JRA9NG5V4', 'IT', 'it', 'EUR', 'it_IT'),
    marketplace('A2NODRKZP88ZB9', 'SE', 'se', 'SEK', 'sv_SE'),
    marketplace('AE08WJ6YKNBMC', 'ZA', 'co.za', 'ZAR', 'en_ZA'),
    marketplace('A1C3SOZRARQ6R3', 'PL', 'pl', 'PLN', 'pl_PL'),
    marketplace('ARBP9OOSHTCHU', 'EG', 'eg', 'EGP', 'ar_AE'),
    marketplace('A33AVAJ2PDY3EV', 'TR', 'com.tr', 'TRY', 'tr_TR'),
    marketplace('A17E79C6D8DWNP', 'SA', 'sa', 'SAR', 'ar_AE'),
    marketplace('A2VIGQ35RCS4UG', 'AE', 'ae', 'AED', 'en_AE'),
    marketplace('A21TJRUUN4KGV', 'IN', 'in', 'INR', 'en_IN'),
    marketplace('A19VAU5U5O7RUS', 'SG', 'sg', 'SGD', 'en_SG'),
    marketplace('A39IBJ37TRP1C6', 'AU', 'com.au', 'AUD', 'en_AU'),
    marketplace('A1VC38T7YXB528', 'JP', 'co.jp', 'JPY', 'ja_JP'),
  ].map((entry) => [entry.id, entry]),
)

export const DEFAULT_MARKETPLACE = 'ATVPDKIKX0DER'
