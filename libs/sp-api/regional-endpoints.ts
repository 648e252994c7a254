import { SpApiInputError } from './errors.ts'
import { findMarketplace, type Region } from './marketplaces.ts'

const regionEndpoints: Readonly<Record<Region, string>> = {
  NA: 'https://sellingpartnerapi-na.amazon.com',
  EU: 'https://sellingpartnerapi-eu.amazon.com',
  FE: 'https://sellingpartnerapi-fe.amazon.com',
}
const LWA_ENDPOINT = 'https://api.amazon.com'
const LWA_TOKEN_PATH = '/auth/o2/token'

export interface EndpointOverrides {
  /** Amazon's sandbox of each region: canned answers, five requests a second for all operations together. */
  readonly sandbox?: boolean
  /** One base URL for every marketplace (SP_API_ENDPOINT). */
  readonly spApiEndpoint?: string | undefined
  /** Base URL of Login with Amazon (LWA_ENDPOINT); `/auth/o2/token` is added unless it is there. */
  readonly lwaEndpoint?: string | undefined
}

/** Which host serves a marketplace. */
export class RegionalEndpointManager {
  /** Where access tokens come from; one host for all regions. */
  readonly lwaTokenUrl: URL
  readonly #override: URL | null
  readonly #sandbox: boolean

  /** Throws `INVALID_ENDPOINT` when an override is not a plain http(s) base URL. */
  constructor(overrides: EndpointOverrides = {}) {
    const { spApiEndpoint, lwaEndpoint, sandbox = false } = overrides
    this.#sandbox = sandbox
    this.#override = spApiEndpoint ? baseUrl('SP_API_ENDPOINT', spApiEndpoint) : null
    const lwa = lwaEndpoint ? baseUrl('LWA_ENDPOINT', lwaEndpoint) : new URL(LWA_ENDPOINT)
    const path = lwa.pathname.replace(/\/+$/, '')
    this.lwaTokenUrl = new URL(path.endsWith(LWA_TOKEN_PATH) ? path : path + LWA_TOKEN_PATH, lwa)
  }

  /** The host that serves a marketplace, by id or country code. */
  hostOf(marketplaceId: string): string {
    return this.#base(marketplaceId, '').host
  }

  /** The URL of an operation's path at the host that serves the marketplace, by id or country code. */
  url(marketplaceId: string, path: string): URL {
    const base = this.#base(marketplaceId, path)
    return new URL(base.pathname.replace(/\/+$/, '') + path, base)
  }

  #base(marketplaceId: string, path: string): URL {
    const { region } = findMarketplace(marketplaceId)
    // The sandbox gives no restricted data tokens: it takes those of production. Source: "Tokens API use case guide".
    const isSandbox = this.#sandbox && !path.startsWith('/tokens/')
    return this.#override ?? new URL(isSandbox ? sandboxOf(region) : regionEndpoints[region])
  }
}

const sandboxOf = (region: Region) => regionEndpoints[region].replace('https://', 'https://sandbox.')

function baseUrl(variable: string, text: string): URL {
  const url = URL.parse(text.trim())
  const problem =
    url === null
      ? 'is not a URL'
      : !['http:', 'https:'].includes(url.protocol)
        ? 'must begin with https:// or http://'
        : url.username || url.password
          ? 'must not hold a user name or a password'
          : url.search || url.hash
            ? 'must not hold a query or a fragment'
            : null
  // The value is not repeated: what is wrong with it may be a password in it.
  if (url === null || problem)
    throw new SpApiInputError(
      'INVALID_ENDPOINT',
      `${variable} ${problem}: set a base URL such as https://sellingpartnerapi-eu.amazon.com, or unset it`,
    )
  return url
}
