import { toGtin14 } from '#libs/gtin/index.ts'
import type { SpApiOptions } from './index.ts'
import type { Lookup } from './lookup.ts'
import {
  errorList,
  gtin,
  item,
  json,
  type Stub,
  type StubHandler,
  type StubRequest,
  startStub,
  type TestApi,
  testApi,
  US,
} from './test-support.ts'

export const codes = (count: number, from = 0) => Array.from({ length: count }, (_, i) => gtin(from + i))
export const refusal = errorList('InvalidInput', 'Request contains an invalid identifier.')

export interface ManyCodes extends TestApi {
  readonly stub: Stub
  lookup(gtin14s: readonly string[], marketplaceId?: string): Promise<Map<string, Lookup>>
}

/** An API in front of a stub; the stub is closed by whoever keeps `stubs`. */
export async function manyCodes(
  stubs: Stub[],
  api: StubHandler,
  options: Partial<SpApiOptions> = {},
): Promise<ManyCodes> {
  const stub = await startStub({ api })
  stubs.push(stub)
  const setup = testApi(stub.url, options)
  return {
    ...setup,
    stub,
    lookup: (gtin14s, marketplaceId = US) => setup.api.lookupCodes({ marketplaceId, gtin14s }),
  }
}

/** The codes that a search asks for, as GTIN-14. */
export const asked = (request: StubRequest): string[] =>
  (request.url.searchParams.get('identifiers') ?? '').split(',').map((one) => toGtin14(one) ?? one)

export const asinOf = (code: string) => `B${code.slice(-9)}`

/** One item per code, except that any of `bad` makes Amazon refuse the whole search. */
export function catalogue(options: {
  bad?: readonly string[]
  down?: readonly string[]
  refuseAll?: () => boolean
}): StubHandler {
  return (request, response) => {
    const wanted = asked(request)
    if (options.refuseAll?.() || wanted.some((code) => options.bad?.includes(code)))
      return json(response, 400, refusal)
    if (wanted.some((code) => options.down?.includes(code))) return json(response, 503, {})
    const items = wanted.map((code) => item(asinOf(code), ['EAN', code.slice(1)]))
    json(response, 200, { numberOfResults: items.length, items })
  }
}

export const kinds = (outcomes: Map<string, Lookup>) => [...outcomes.values()].map((outcome) => outcome.kind)
