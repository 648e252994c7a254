import { z } from 'zod'
import type { Answer, CallOptions, NetworkAwareClient } from './http-client.ts'

/** A marketplace that the seller's account can sell in. */
export interface MarketplaceParticipation {
  readonly marketplaceId: string
  /** ISO 3166: the United Kingdom is GB here. */
  readonly countryCode: string
  readonly name: string
  readonly isParticipating: boolean
}

const participations = z.object({
  payload: z.array(
    z.object({
      marketplace: z.object({ id: z.string(), countryCode: z.string(), name: z.string() }),
      participation: z.object({ isParticipating: z.boolean() }),
    }),
  ),
})

/** `getMarketplaceParticipations` of the Sellers API v1; of the region that serves `marketplaceId`. */
export function getMarketplaceParticipations(
  client: NetworkAwareClient,
  marketplaceId: string,
  options: CallOptions = {},
): Promise<Answer<MarketplaceParticipation[]>> {
  return client.read(
    {
      operation: 'getMarketplaceParticipations',
      marketplaceId,
      path: '/sellers/v1/marketplaceParticipations',
      query: {},
      parse(body) {
        const parsed = participations.safeParse(body)
        if (!parsed.success) throw new Error(`unexpected ${parsed.error.issues[0]?.path.join('.')}`)
        return parsed.data.payload.map(({ marketplace, participation }) => ({
          marketplaceId: marketplace.id,
          countryCode: marketplace.countryCode,
          name: marketplace.name,
          isParticipating: participation.isParticipating,
        }))
      },
    },
    options,
  )
}
