/**
 * Answers of the Catalog Items API 2022-04-01, as far as they are used. Amazon's answers are untrusted: what an item is
 * known by (ASIN, identifiers) must be right or the answer is refused; what merely describes it is null when it is
 * missing, null or not what the API's definition says. Unknown fields are passed over.
 *
 * Read by hand rather than by a schema library: this is every byte that Amazon sends, and a tenth of the time.
 */

/** What describes an item is cut off after so many characters: a record of the log has to hold it, whatever Amazon sends. */
const LONGEST_TEXT = 1_000
/** A link that is cut off is none. */
const LONGEST_LINK = 2_000
/** Far beyond any; a record of the log has no room for the last of the safe integers. */
const MAX_RANK = 1e12

export interface CatalogItem {
  readonly asin: string
  /** Null when Amazon does not tell. */
  readonly identifiers: readonly ItemIdentifiers[] | null
  readonly summaries: readonly ItemSummary[]
  readonly salesRanks: readonly ItemSalesRanks[]
  readonly images: readonly ItemImages[]
  readonly dimensions: readonly ItemDimensions[]
  readonly productTypes: readonly { readonly marketplaceId: string; readonly productType: string | null }[]
  readonly relationships: readonly ItemRelationships[]
}

interface ItemIdentifiers {
  readonly marketplaceId: string | null
  readonly identifiers: readonly { readonly identifierType: string; readonly identifier: string }[]
}

interface ItemSummary {
  readonly marketplaceId: string
  readonly itemName: string | null
  readonly brand: string | null
  readonly itemClassification: string | null
  readonly packageQuantity: number | null
  readonly partNumber: string | null
  readonly websiteDisplayGroup: string | null
}

interface Rank {
  readonly title: string | null
  readonly rank: number
}

interface ItemSalesRanks {
  readonly marketplaceId: string
  readonly displayGroupRanks: readonly (Rank & { readonly websiteDisplayGroup: string | null })[]
  readonly classificationRanks: readonly Rank[]
}

interface ItemImages {
  readonly marketplaceId: string
  readonly images: readonly {
    readonly variant: string
    readonly link: string
    readonly height: number | null
    readonly width: number | null
  }[]
}

export interface Measure {
  readonly unit: string
  readonly value: number
}

/** At least one side is told. */
export interface Measures {
  readonly height: Measure | null
  readonly length: Measure | null
  readonly width: Measure | null
  readonly weight: Measure | null
}

interface ItemDimensions {
  readonly marketplaceId: string
  readonly item: Measures | null
  readonly package: Measures | null
}

interface ItemRelationships {
  readonly marketplaceId: string
  readonly relationships: readonly {
    readonly type: string
    readonly parentAsins: readonly string[]
    readonly childAsins: readonly string[]
  }[]
}

export interface SearchPage {
  readonly items: readonly CatalogItem[]
  readonly numberOfResults: number | null
  readonly nextToken: string | null
}

/** Throws when the body is not an `ItemSearchResults`; the message names the place, never the content. */
export function parseSearchPage(body: object): SearchPage {
  const { numberOfResults, pagination, items } = fieldsAt(body, 'the body')
  const token = isAbsent(pagination) ? null : fieldsAt(pagination, 'pagination').nextToken
  return {
    items: arrayAt(items, 'items').map(toItem),
    numberOfResults: number(numberOfResults),
    nextToken: isAbsent(token) ? null : stringAt(token, 'pagination.nextToken') || null,
  }
}

function toItem(value: unknown, index: number): CatalogItem {
  const place = `items.${index}`
  const item = fieldsAt(value, place)
  const asin = stringAt(item.asin, `${place}.asin`)
  if (!/^[A-Z0-9]{10}$/.test(asin)) throw unexpected(`${place}.asin`)
  return {
    asin,
    identifiers: isAbsent(item.identifiers) ? null : toIdentifiers(item.identifiers, `${place}.identifiers`),
    summaries: list(item.summaries, toSummary),
    salesRanks: list(item.salesRanks, toSalesRanks),
    images: list(item.images, toImages),
    dimensions: list(item.dimensions, toDimensions),
    productTypes: list(item.productTypes, toProductType),
    relationships: list(item.relationships, toRelationships),
  }
}

function toIdentifiers(value: unknown, place: string): ItemIdentifiers[] {
  return arrayAt(value, place).map((entry, index) => {
    const here = `${place}.${index}`
    const { marketplaceId, identifiers } = fieldsAt(entry, here)
    return {
      marketplaceId: isAbsent(marketplaceId) ? null : stringAt(marketplaceId, `${here}.marketplaceId`),
      identifiers: arrayAt(identifiers, `${here}.identifiers`).map((one, at) => {
        const { identifierType, identifier } = fieldsAt(one, `${here}.identifiers.${at}`)
        return {
          identifierType: stringAt(identifierType, `${here}.identifiers.${at}.identifierType`),
          identifier: stringAt(identifier, `${here}.identifiers.${at}.identifier`),
        }
      }),
    }
  })
}

function toSummary(fields: Fields): ItemSummary | undefined {
  const { marketplaceId } = fields
  if (typeof marketplaceId !== 'string') return undefined
  return {
    marketplaceId,
    itemName: text(fields.itemName),
    brand: text(fields.brand),
    itemClassification: text(fields.itemClassification),
    packageQuantity: number(fields.packageQuantity),
    partNumber: text(fields.partNumber),
    websiteDisplayGroup: text(fields.websiteDisplayGroup),
  }
}

function toSalesRanks(fields: Fields): ItemSalesRanks | undefined {
  const { marketplaceId } = fields
  if (typeof marketplaceId !== 'string') return undefined
  return {
    marketplaceId,
    displayGroupRanks: list(fields.displayGroupRanks, (entry) => {
      const rank = toRank(entry)
      return rank && { ...rank, websiteDisplayGroup: text(entry.websiteDisplayGroup) }
    }),
    classificationRanks: list(fields.classificationRanks, toRank),
  }
}

function toRank({ title, rank }: Fields): Rank | undefined {
  return isRank(rank) ? { title: text(title), rank } : undefined
}

const isRank = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MAX_RANK

function toImages({ marketplaceId, images }: Fields): ItemImages | undefined {
  if (typeof marketplaceId !== 'string') return undefined
  return {
    marketplaceId,
    images: list(images, ({ variant, link, height, width }) =>
      typeof variant === 'string' && typeof link === 'string' && link.length <= LONGEST_LINK
        ? { variant, link, height: number(height), width: number(width) }
        : undefined,
    ),
  }
}

function toDimensions(fields: Fields): ItemDimensions | undefined {
  const { marketplaceId } = fields
  if (typeof marketplaceId !== 'string') return undefined
  return { marketplaceId, item: toMeasures(fields.item), package: toMeasures(fields.package) }
}

function toMeasures(value: unknown): Measures | null {
  if (!isFields(value)) return null
  const height = toMeasure(value.height)
  const length = toMeasure(value.length)
  const width = toMeasure(value.width)
  const weight = toMeasure(value.weight)
  return (height ?? length ?? width ?? weight) === null ? null : { height, length, width, weight }
}

function toMeasure(side: unknown): Measure | null {
  if (!isFields(side)) return null
  const unit = text(side.unit)
  const value = number(side.value)
  return unit === null || value === null ? null : { unit, value }
}

function toProductType(fields: Fields): CatalogItem['productTypes'][number] | undefined {
  const { marketplaceId } = fields
  return typeof marketplaceId === 'string'
    ? { marketplaceId, productType: text(fields.productType) }
    : undefined
}

function toRelationships({ marketplaceId, relationships }: Fields): ItemRelationships | undefined {
  if (typeof marketplaceId !== 'string') return undefined
  return {
    marketplaceId,
    relationships: list(relationships, ({ type, parentAsins, childAsins }) =>
      typeof type === 'string'
        ? { type, parentAsins: strings(parentAsins), childAsins: strings(childAsins) }
        : undefined,
    ),
  }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, LONGEST_TEXT) : null

const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** An array of objects; entries that are no use are left out. */
function list<T>(value: unknown, read: (entry: Fields) => T | undefined): T[] {
  const entries: T[] = []
  if (!Array.isArray(value)) return entries
  for (const entry of value) {
    const one = isFields(entry) ? read(entry) : undefined
    if (one !== undefined) entries.push(one)
  }
  return entries
}

function fieldsAt(value: unknown, place: string): Fields {
  if (!isFields(value)) throw unexpected(place)
  return value
}

function arrayAt(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected(place)
  return value
}

function stringAt(value: unknown, place: string): string {
  if (typeof value !== 'string') throw unexpected(place)
  return value
}

const unexpected = (place: string): Error => new Error(`unexpected ${place}`)
