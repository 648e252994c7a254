import { onTestFinished } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { TokenBucket } from '#libs/rate-limit/port.ts'
import {
  createSpApi,
  defaultUsagePlans,
  type FinishedRequest,
  RegionalEndpointManager,
  type SpApi,
  type SpApiOptions,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import type { SimulatorOptions } from '#simulator/options.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'

export const US = 'ATVPDKIKX0DER'

export interface Connector {
  readonly api: SpApi
  readonly bucket: TokenBucket
  readonly simulator: Simulator
  /** Every request that has come to its end. */
  readonly finished: FinishedRequest[]
  readonly logged: string[]
  /** Another client of the same bucket, for the same seller unless told otherwise. */
  another(options?: Partial<SpApiOptions>): SpApi
  /** Requests of an operation that the simulator answered, by status. */
  answered(operation: string): Readonly<Record<string, number>>
  /** `POST /_simulator/{route}`, and its answer. */
  control(route: string, body: object): Promise<unknown>
}

const wide = { ratePerSecond: 1_000, burst: 1_000 }

/** Plans so wide on both sides that no test waits for a slot, unless it says otherwise. */
export const widePlans = usagePlansWith(
  Object.fromEntries(Object.keys(defaultUsagePlans).map((operation) => [operation, wide])),
)

/** The connector over HTTP in front of the simulator; both end with the test. */
export async function connector(
  simulation: Partial<SimulatorOptions> = {},
  options: Partial<SpApiOptions> = {},
): Promise<Connector> {
  const simulator = await startSimulator({ seed: 3, notFound: 0, ...simulation })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000, appRate: 10_000 })
  const finished: FinishedRequest[] = []
  const logged: string[] = []
  const write = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const bucket = createMemoryTokenBucket({ jitterMs: 0, urgentShare: 0 })
  const opened: SpApi[] = []
  const another = (more: Partial<SpApiOptions> = {}) => {
    const api = createSpApi({
      application: { clientId: 'app', clientSecret: 'secret-of-app' },
      refreshToken: 'seller',
      sellerKey: 'seller',
      bucket,
      endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
      homeMarketplaceId: 'US',
      usagePlans: widePlans,
      retry: { firstPauseMs: 5, longestPauseMs: 50 },
      log: { debug: write, info: write, warn: write },
      onRequest: (request) => finished.push(request),
      ...options,
      ...more,
    })
    opened.push(api)
    return api
  }
  onTestFinished(async () => {
    for (const api of opened) await api.close()
    await simulator.stop()
  })
  return {
    api: another(),
    bucket,
    simulator,
    finished,
    logged,
    another,
    answered: (operation) => simulator.stats().requests[operation] ?? {},
    async control(route, body) {
      const response = await fetch(`${simulator.url}/_simulator/${route}`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${route}: ${text}`)
      return JSON.parse(text)
    },
  }
}
