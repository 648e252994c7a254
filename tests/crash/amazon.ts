import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { startSimulator } from '#simulator/server.ts'
import { CATALOGUE, TROUBLED_ASIN } from './workload.ts'

/** The simulator, made to do things at the same place of every run that it otherwise does by chance or never. */
export interface Amazon {
  readonly url: string
  stop(): Promise<void>
}

/** Gateway's answer to a path that it does not know: a failure that the client does not try again by itself. */
const NOT_ROUTED = { status: 404, body: 'no route' }
const REFUSED = {
  status: 400,
  body: JSON.stringify({
    errors: [{ code: 'InvalidInput', message: "Invalid 'upc' provided.", details: '' }],
  }),
}
/** A search for a code of nobody's, by which the client finds out whether Amazon works: it is no product's, so not recorded. */
const PROBE = 36000291452
const NOTHING = { status: 200, body: JSON.stringify({ numberOfResults: 0, items: [] }) }
const SEARCH = '/catalog/2022-04-01/items'
const COMPETITIVE_PRICE = '/products/pricing/v0/competitivePrice'
const ITEM_OFFERS = '/batches/products/pricing/v0/itemOffers'

/**
 * Of look-ups: fails the first search after each reset of the statistics, so that its products are tried again by the
 * persister's schedule, and refuses every search that holds `refused`, so that the client has to find it by halves. Of
 * prices: fails the first batch of offers as a whole, and every request for prices that holds `TROUBLED_ASIN`, until that
 * has been asked for alone: so it is found by halves, its attempt fails, and the next one does not.
 */
export async function startAmazon(refused: number): Promise<Amazon> {
  const { seed, asinsPerUpc, notFound } = CATALOGUE
  const plan = { rate: 1_000, burst: 1_000 }
  const faults = { 500: 0.05 }
  const simulator = await startSimulator({ seed, asinsPerUpc, notFound, ...plan, appRate: 1_000, faults })
  simulator.setPlan({ operation: '*', ...plan })
  /** What has not failed yet since the last reset. */
  let toFail = new Set<string>()

  const answer = ({ pathname, searchParams }: URL): { status: number; body: string } | undefined => {
    switch (pathname) {
      case '/_simulator/stats/reset':
        toFail = new Set([SEARCH, COMPETITIVE_PRICE, ITEM_OFFERS])
        return undefined
      case SEARCH: {
        const codes = (searchParams.get('identifiers') ?? '').split(',').map(Number)
        if (codes.length === 1 && codes[0] === PROBE) return NOTHING
        if (codes.includes(refused)) return REFUSED
        return toFail.delete(SEARCH) ? NOT_ROUTED : undefined
      }
      case COMPETITIVE_PRICE: {
        const asins = searchParams.getAll('Asins').join().split(',')
        if (!toFail.has(COMPETITIVE_PRICE) || !asins.includes(TROUBLED_ASIN)) return undefined
        if (asins.length === 1) toFail.delete(COMPETITIVE_PRICE)
        return NOT_ROUTED
      }
      case ITEM_OFFERS:
        return toFail.delete(ITEM_OFFERS) ? NOT_ROUTED : undefined
      default:
        return undefined
    }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', simulator.url)
    const body = await buffer(request)
    const own = answer(url)
    if (own) {
      response.writeHead(own.status, { 'content-type': 'application/json' }).end(own.body)
      return
    }
    const { method = 'GET' } = request
    const { host: _host, connection: _connection, ...headers } = request.headers
    const reply = await fetch(url, {
      method,
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    const { 'content-encoding': _e, 'content-length': _l, ...rest } = Object.fromEntries(reply.headers)
    response.writeHead(reply.status, rest).end(Buffer.from(await reply.arrayBuffer()))
  }

  const server = createServer((request, response) => {
    // A caller that has died, or one that the simulator hung up on.
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await simulator.stop()
    },
  }
}
