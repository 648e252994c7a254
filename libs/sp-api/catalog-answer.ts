import { z } from 'zod'

/**
 * Answers of the Catalog Items API 2022-04-01, as far as they are used. Amazon's answers are untrusted: what an item is
 * known by (ASIN, identifiers) must be right or the answer is refused; what merely describes it is null when it is
 * missing, null or not what the API's definition says. Unknown fields are passed over.
 */

const described = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)
const text = z.string().nullish().catch(null).transform(emptyToNull)
const number = z.number().nullish().catch(null).transform(emptyToNull)

/** An array whose unusable entries are left out. */
function list<T extends z.ZodType>(entry: T) {
  return z
    .array(z.unknown())
    .nullish()
    .catch([])
    .transform((entries): z.output<T>[] =>
      (entries ?? []).flatMap((one) => {
        const parsed = entry.safeParse(one)
        return parsed.success ? [parsed.data] : []
      }),
    )
}

function emptyToNull<T>(value: T | null | undefined): T | null {
  return value === undefined || value === null || value === '' ? null : value
}

const marketplaceId = z.string()

const measure = z
  .object({ unit: text, value: number })
  .nullish()
  .catch(null)
  .transform((one) =>
    one && one.value !== null && one.unit !== null ? { unit: one.unit, value: one.value } : null,
  )

const measures = z
  .object({ height: measure, length: measure, width: measure, weight: measure })
  .nullish()
  .catch(null)
  .transform((one) => (one && Object.values(one).some((side) => side !== null) ? one : null))

const rank = z.object({ title: text, rank: z.number().int().positive() })

const catalogItemSchema = z.object({
  asin: z.string().regex(/^[A-Z0-9]{10}$/),
  identifiers: described(
    z.array(
      z.object({
        marketplaceId: z.string().nullish(),
        identifiers: z.array(z.object({ identifierType: z.string(), identifier: z.string() })),
      }),
    ),
  ),
  summaries: list(
    z.object({
      marketplaceId,
      itemName: text,
      brand: text,
      itemClassification: text,
      packageQuantity: number,
      partNumber: text,
      websiteDisplayGroup: text,
    }),
  ),
  salesRanks: list(
    z.object({
      marketplaceId,
      displayGroupRanks: list(rank.extend({ websiteDisplayGroup: text })),
      classificationRanks: list(rank),
    }),
  ),
  images: list(
    z.object({
      marketplaceId,
      images: list(z.object({ variant: z.string(), link: z.string(), height: number, width: number })),
    }),
  ),
  dimensions: list(z.object({ marketplaceId, item: measures, package: measures })),
  productTypes: list(z.object({ marketplaceId, productType: text })),
  relationships: list(
    z.object({
      marketplaceId,
      relationships: list(
        z.object({ type: z.string(), parentAsins: list(z.string()), childAsins: list(z.string()) }),
      ),
    }),
  ),
})

const searchResultsSchema = z.object({
  numberOfResults: number,
  pagination: described(z.object({ nextToken: z.string().nullish() })),
  items: z.array(catalogItemSchema),
})

export type CatalogItem = z.output<typeof catalogItemSchema>
export type Measure = NonNullable<z.output<typeof measure>>
export type Measures = NonNullable<z.output<typeof measures>>

export interface SearchPage {
  readonly items: readonly CatalogItem[]
  readonly numberOfResults: number | null
  readonly nextToken: string | null
}

/** Throws when the body is not an `ItemSearchResults`; the message names the place, never the content. */
export function parseSearchPage(body: object): SearchPage {
  const parsed = searchResultsSchema.safeParse(body)
  if (!parsed.success) {
    const places = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')} (${issue.code})`)
    throw new Error(`unexpected ${places.join(', ')}`)
  }
  const { items, numberOfResults, pagination } = parsed.data
  return { items, numberOfResults, nextToken: pagination?.nextToken || null }
}
