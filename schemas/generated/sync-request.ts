// Generated from schemas/catalog.sync-requests/v1.avsc by "npm run schemas:generate"; do not edit.

/** A product is due to be looked up in one marketplace. Key: marketplace id and GTIN-14 (or the product id where there is no valid code), so that products with one code share a partition. */
export interface SyncRequest {
  /** products.id (UUID) */
  readonly productId: string
  /** Amazon's marketplace id, such as ATVPDKIKX0DER */
  readonly marketplaceId: string
  /** product_syncs.attempt at the claim: a result counts only while the row still has it */
  readonly attempt: number
  /** The code as the catalogue has it */
  readonly upc: string | null
  /** What the code turned out to be; only valid ones are looked up */
  readonly codeStatus: CodeStatus
  /** Why it is invalid or restricted, for people */
  readonly codeReason: string | null
  /** The canonical key, 14 digits, when there is one */
  readonly gtin14: string | null
  /** How the code was repaired, such as left_pad; null when it was whole */
  readonly repair: string | null
  /** The catalogue's title, for matching */
  readonly title: string | null
  /** The catalogue's brand, for matching */
  readonly brand: string | null
  /** Units in the pack that the code names, for matching */
  readonly packQuantity: number | null
  /** When it was claimed (milliseconds since the epoch) */
  readonly requestedAt: number
}

export const codeStatuses = ['valid', 'invalid', 'restricted'] as const
export type CodeStatus = (typeof codeStatuses)[number]
