import { matchedItems } from '#libs/db/replay/prices.ts'
import { resolveMarketplaces } from '#libs/sp-api/marketplaces.ts'
import { OFFERS_RESULTS, SYNC_RESULTS } from '#schemas/topics.ts'
import type { Opened } from '../database.ts'
import { CommandError, UsageError } from '../failure.ts'

/** Whether a record is meant. */
export type RecordChoice = (value: unknown) => boolean

/** What a record says that it is chosen by; results of prices have no product. */
interface Chosen {
  readonly marketplaceId: string
  readonly productId?: string
  readonly asin?: string
}

interface ChoiceOptions {
  readonly marketplace?: readonly string[]
  readonly sku?: readonly string[]
  readonly product?: readonly string[]
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Which records the options mean. Prices are those of ASINs that the products have matched by now.
 *
 * @throws UsageError when there is no such marketplace, CommandError when there is no such product
 */
export async function chooseRecords(
  opened: Opened,
  topic: string,
  options: ChoiceOptions,
): Promise<RecordChoice> {
  const marketplaces = marketplacesOf(options.marketplace)
  const products = await productsOf(opened, options)
  const inMarketplace = ({ marketplaceId }: Chosen): boolean => marketplaces?.has(marketplaceId) ?? true
  if (products === null) return (value) => inMarketplace(value as Chosen)
  if (topic === SYNC_RESULTS)
    return (value) => inMarketplace(value as Chosen) && products.has((value as Chosen).productId ?? '')
  const items = await matchedItems(opened.db, [...products])
  if (topic === OFFERS_RESULTS && items.length === 0)
    throw new CommandError(
      `These products have no match stored, so that no price is theirs. Replay ${SYNC_RESULTS} first.`,
    )
  const matched = new Set(items.map(({ asin, marketplaceId }) => `${asin} ${marketplaceId}`))
  return (value) => {
    const { asin, marketplaceId } = value as Chosen
    return inMarketplace(value as Chosen) && matched.has(`${asin} ${marketplaceId}`)
  }
}

function marketplacesOf(names: readonly string[] | undefined): ReadonlySet<string> | null {
  if (names === undefined) return null
  try {
    return new Set(resolveMarketplaces(names).map(({ marketplaceId }) => marketplaceId))
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

async function productsOf(
  { db }: Opened,
  { sku = [], product = [] }: ChoiceOptions,
): Promise<ReadonlySet<string> | null> {
  if (sku.length === 0 && product.length === 0) return null
  const wrong = product.find((id) => !UUID.test(id))
  if (wrong !== undefined) throw new UsageError(`--product ${wrong} is no id of a product`)
  const rows = await db.query<{ id: string; sku: string }>(
    'select id, sku from products where sku = any ($1) or id = any ($2::uuid[])',
    [sku, product],
  )
  const known = new Set(rows.flatMap((row) => [row.id, row.sku]))
  const missing = [...sku, ...product.map((id) => id.toLowerCase())].find((name) => !known.has(name))
  if (missing !== undefined) throw new CommandError(`There is no product ${missing}`)
  return new Set(rows.map(({ id }) => id))
}
