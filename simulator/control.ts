/** `/_simulator/…`: figures, what the catalogue holds, and changes while it runs. Amazon has nothing like it. */

import type { Answer } from './answer.ts'
import type { Catalogue } from './catalogue/catalogue.ts'
import { parseGtin } from './catalogue/gtin.ts'
import type { FaultShares } from './faults.ts'
import { marketplaces } from './marketplaces.ts'
import { controlRoutes } from './operations/index.ts'
import type { World } from './operations/operation.ts'
import type { Plan } from './usage-plans.ts'

/** What of Login with Amazon changes while it runs. */
export interface LwaChange {
  /** How long tokens live that are issued from now on. */
  readonly tokenTtlSeconds?: number
  /** A new secret of the application; the older ones end after `olderValidSeconds`, seven days unless it says so. */
  readonly clientSecret?: string
  readonly olderValidSeconds?: number
}

/** What the control routes can reach; a running simulator is one. */
export interface Controls {
  stats(): object
  resetStats(): void
  asked(): string[]
  /** With `only`, the names of operations, calls of others meet no fault. */
  setFaults(faults: FaultShares, only?: readonly string[]): void
  /** Without an operation, `searchCatalogItems`; `*` for all of them. */
  setPlan(change: Partial<Plan> & { operation?: string }): void
  revoke(grant: { refreshToken?: string; clientId?: string }): void
  restore(grant: { refreshToken?: string; clientId?: string }): void
  setLwa(change: LwaChange): void
  setClock(change: { dateSkewSeconds?: number }): void
}

/** Answers a control route; a bad request is a 400 that says what is wrong. */
export function control(
  method: string,
  path: string,
  query: URLSearchParams,
  body: string,
  controls: Controls,
  world: World,
): Answer {
  try {
    switch (`${method} ${path}`) {
      case 'GET /_simulator/stats':
        return { status: 200, body: controls.stats() }
      case 'POST /_simulator/stats/reset':
        controls.resetStats()
        return { status: 200, body: controls.stats() }
      case 'GET /_simulator/asked':
        return { status: 200, body: { identifiers: controls.asked() } }
      case 'GET /_simulator/expect':
        return { status: 200, body: expectations(query, world.catalogue) }
      case 'POST /_simulator/faults':
        setFaults(json(body), controls)
        return { status: 200, body: controls.stats() }
      case 'POST /_simulator/plan':
        controls.setPlan(json(body))
        return { status: 200, body: controls.stats() }
      case 'POST /_simulator/revoke':
        controls.revoke(json(body))
        return { status: 200, body: { revoked: true } }
      case 'POST /_simulator/restore':
        controls.restore(json(body))
        return { status: 200, body: { restored: true } }
      case 'POST /_simulator/lwa':
        controls.setLwa(json(body))
        return { status: 200, body: controls.stats() }
      case 'POST /_simulator/clock':
        controls.setClock(json(body))
        return { status: 200, body: controls.stats() }
    }
    const route = controlRoutes.find((one) => one.route === `${method} ${path}`)
    if (route !== undefined) {
      const asked = { query, body: method === 'GET' ? {} : json(body) }
      return { status: 200, body: route.answer(asked, world) }
    }
  } catch (error) {
    return { status: 400, body: { error: (error as Error).message } }
  }
  return { status: 404, body: { error: `There is no ${method} ${path}; see the simulator's README.md.` } }
}

function setFaults(body: Record<string, unknown>, controls: Controls): void {
  const { only, ...shares } = body
  if (only !== undefined && !(Array.isArray(only) && only.every((name) => typeof name === 'string')))
    throw new Error('only must be a list of operations.')
  controls.setFaults(shares as FaultShares, only as string[] | undefined)
}

/** What the catalogue holds for codes, for whoever checks a sync. */
function expectations(query: URLSearchParams, catalogue: Catalogue): object {
  const marketplaceId = query.get('marketplaceId') ?? ''
  if (!marketplaces.has(marketplaceId)) {
    throw new Error(
      `marketplaceId must be one of ${[...marketplaces.keys()].join(', ')}, not "${marketplaceId}".`,
    )
  }
  const identifiers = (query.get('identifiers') ?? '').split(',').filter((code) => code !== '')
  if (identifiers.length === 0) throw new Error('identifiers must hold codes, joined by commas.')
  return {
    marketplaceId,
    codes: identifiers.map((identifier) => {
      const gtin = parseGtin(identifier)
      if (gtin === null) return { identifier, outcome: 'malformed' }
      return { identifier, ...catalogue.lookup(marketplaceId, gtin) }
    }),
  }
}

function json(body: string): Record<string, never> {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new Error('The body must be a JSON object.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('The body must be a JSON object.')
  return value as Record<string, never>
}
