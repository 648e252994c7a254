/**
 * An item as Catalog Items 2022-04-01 shows it (model `catalogItems_2022-04-01`, definition `Item`), one function per
 * data set of `includedData`.
 */

import type { Marketplace } from '../marketplaces.ts'
import { type CatalogueItem, UNLISTED_PARENT } from './catalogue.ts'
import { gtin14 } from './gtin.ts'
import { combine, pick } from './hash.ts'
import { brandNameOf, modelOf } from './product.ts'
import { brandNames } from './vocabulary.ts'

/** The data sets that a seller may ask for; `vendorDetails` is for vendors and stays absent. */
export const DATA_SETS = [
  'attributes',
  'classifications',
  'dimensions',
  'identifiers',
  'images',
  'productTypes',
  'relationships',
  'salesRanks',
  'summaries',
] as const
export type DataSet = (typeof DATA_SETS)[number]

const SALT = { rank: 21, hasRank: 22, image: 23, hasImage: 24, size: 25, units: 26, forms: 27, date: 28 }
/** Units in a multipack, times the pack of the product itself: never one that the product could be taken for. */
const MULTIPACKS = [2, 6, 3, 12, 4, 24, 8, 48, 5, 10]

/** What an item says of itself: the product's words, turned by its role. */
interface Face {
  readonly brand: string
  readonly model: string
  readonly title: string
  readonly packQuantity: number
}

function faceOf({ product, role, ordinal }: CatalogueItem): Face {
  const pack = role === 'multipack' ? product.packQuantity * multiple(ordinal) : product.packQuantity
  let { brand, model } = product
  if (role === 'other_brand') {
    const own = brandNames.indexOf(brand)
    brand = brandNameOf(own + 1 + ((product.hash + ordinal) % (brandNames.length - 1)))
    model = modelOf(brand, combine(product.hash, ordinal))
  }
  const title =
    role === 'parent' ? `${brand} ${product.name}` : `${brand} ${model} ${product.name}, ${product.color}`
  return {
    brand,
    model,
    title: pack > 1 && role !== 'parent' ? `${title} (Pack of ${pack})` : title,
    packQuantity: pack,
  }
}

function multiple(ordinal: number): number {
  return ordinal <= MULTIPACKS.length ? (MULTIPACKS[ordinal - 1] as number) : 48 + ordinal
}

/** Twins share every hash, so that nothing but the ASIN tells them apart; other items have their own. */
export function itemHash({ product, role, ordinal }: CatalogueItem): number {
  return role === 'twin' ? product.hash : combine(product.hash, ordinal + 101)
}

/** Units in the item's pack. */
export function packQuantityOf(item: CatalogueItem): number {
  return faceOf(item).packQuantity
}

/** An item's place among those of its display group, and of its leaf category. */
export interface SalesRanks {
  readonly displayGroup: string
  readonly displayGroupRank: number
  readonly classificationId: string
  readonly classificationRank: number
}

/** A parent is not sold, so it has no rank; some items just have none. Twins always have one, a place apart. */
export function salesRanksOf(item: CatalogueItem): SalesRanks | null {
  const { product, role, ordinal } = item
  const hash = itemHash(item)
  if (role === 'parent' || (role !== 'twin' && combine(hash, SALT.hasRank) % 20 === 0)) return null
  const rank = 1 + (combine(hash, SALT.rank) % 400_000) + (role === 'twin' ? ordinal : 0)
  return {
    displayGroup: product.category.websiteDisplayGroup,
    displayGroupRank: rank,
    classificationId: product.category.leafId,
    classificationRank: 1 + Math.floor(rank / 40),
  }
}

/** The item with the data sets asked for, and no others. Each array has an entry per marketplace given. */
export function itemData(
  items: readonly (readonly [Marketplace, CatalogueItem])[],
  include: ReadonlySet<DataSet>,
): Record<string, unknown> {
  const first = items[0]
  if (first === undefined) throw new Error('An item without a marketplace cannot be shown.')
  const result: Record<string, unknown> = { asin: first[1].asin }
  for (const dataSet of DATA_SETS) {
    if (!include.has(dataSet)) continue
    result[dataSet] =
      dataSet === 'attributes'
        ? attributes(first[0], first[1])
        : items.map(([marketplace, item]) => ({
            marketplaceId: marketplace.id,
            ...views[dataSet](item, marketplace),
          }))
  }
  return result
}

type View = (item: CatalogueItem, marketplace: Marketplace) => object

const views: Record<Exclude<DataSet, 'attributes'>, View> = {
  summaries(item) {
    const { product, role } = item
    const face = faceOf(item)
    const common = {
      adultProduct: false,
      autographed: false,
      brand: face.brand,
      browseClassification: { displayName: product.category.leaf, classificationId: product.category.leafId },
    }
    if (role === 'parent') {
      return {
        ...common,
        itemClassification: 'VARIATION_PARENT',
        itemName: face.title,
        manufacturer: face.brand,
      }
    }
    return {
      ...common,
      color: product.color,
      itemClassification: 'BASE_PRODUCT',
      itemName: face.title,
      manufacturer: face.brand,
      memorabilia: false,
      modelNumber: face.model,
      packageQuantity: face.packQuantity,
      partNumber: face.model,
      releaseDate: `20${10 + (combine(product.hash, SALT.date) % 15)}-0${1 + (product.hash % 9)}-15`,
      tradeInEligible: false,
      websiteDisplayGroup: product.category.websiteDisplayGroup,
      websiteDisplayGroupName: product.category.name,
    }
  },

  identifiers(item) {
    return {
      identifiers: item.ordinal === UNLISTED_PARENT ? [] : identifierForms(item.product.gtin, itemHash(item)),
    }
  },

  salesRanks(item, { domain }) {
    const ranks = salesRanksOf(item)
    if (ranks === null) return {}
    const { category } = item.product
    const group = category.websiteDisplayGroup.replace('_display_on_website', '')
    return {
      classificationRanks: [
        {
          classificationId: category.leafId,
          title: category.leaf,
          link: `https://${domain}/gp/bestsellers/${group}/${category.leafId}`,
          rank: ranks.classificationRank,
        },
      ],
      displayGroupRanks: [
        {
          websiteDisplayGroup: category.websiteDisplayGroup,
          title: category.name,
          link: `https://${domain}/gp/bestsellers/${group}`,
          rank: ranks.displayGroupRank,
        },
      ],
    }
  },

  images(item) {
    const hash = itemHash(item)
    if (item.role !== 'twin' && combine(hash, SALT.hasImage) % 50 === 0) return { images: [] }
    const name = `${combine(hash, SALT.image).toString(36)}${hash.toString(36)}`
    const link = (variant: string, suffix: string) =>
      `https://m.media-amazon.com/images/I/${variant}${name}${suffix}.jpg`
    return {
      images: [
        { variant: 'MAIN', link: link('81', ''), height: 1500, width: 1500 },
        { variant: 'MAIN', link: link('81', '._SL75_'), height: 75, width: 75 },
        { variant: 'PT01', link: link('71', ''), height: 1200, width: 1200 },
      ],
    }
  },

  dimensions(item) {
    const hash = itemHash(item)
    const metric = combine(hash, SALT.units) % 4 === 0
    const side = (salt: number) => 1 + (combine(hash, SALT.size + salt * 64) % 200) / 10
    const length = (value: number) => ({ unit: metric ? 'centimeters' : 'inches', value: round(value) })
    // Amazon mixes units within one item; so does this catalogue.
    const weight = (value: number) => ({ unit: metric ? 'pounds' : 'kilograms', value: round(value) })
    const box = (grow: number) => ({
      height: length(side(1) * grow),
      length: length(side(2) * grow),
      weight: weight((side(4) * grow) / 8),
      width: length(side(3) * grow),
    })
    return item.role === 'parent' ? {} : { item: box(1), package: box(1.1) }
  },

  productTypes(item) {
    return { productType: item.product.category.productType }
  },

  relationships(item) {
    if (item.relatives.length === 0) return { relationships: [] }
    const variationTheme = { attributes: ['color'], theme: 'COLOR_NAME' }
    const side = item.role === 'parent' ? { childAsins: item.relatives } : { parentAsins: item.relatives }
    return { relationships: [{ type: 'VARIATION', ...side, variationTheme }] }
  },

  classifications({ product }) {
    const { category } = product
    const parent = { displayName: category.name, classificationId: category.classificationId }
    return {
      classifications: [{ displayName: category.leaf, classificationId: category.leafId, parent }],
    }
  },
}

function attributes(marketplace: Marketplace, item: CatalogueItem): object {
  const face = faceOf(item)
  const text = (value: string) => [
    { language_tag: marketplace.language, value, marketplace_id: marketplace.id },
  ]
  const plain = (value: string | number) => [{ value, marketplace_id: marketplace.id }]
  return {
    item_name: text(face.title),
    brand: text(face.brand),
    manufacturer: text(face.brand),
    ...(item.role === 'parent'
      ? {}
      : {
          color: text(item.product.color),
          model_number: plain(face.model),
          part_number: plain(face.model),
          item_package_quantity: plain(face.packQuantity),
        }),
  }
}

/**
 * The code as Amazon shows it: as UPC, EAN or GTIN, or several of them, whatever the listing's creator typed; never
 * reliably the form that was asked for. A UPC needs a code of 12 digits, an EAN one of 13.
 */
function identifierForms(gtin: number, hash: number): { identifierType: string; identifier: string }[] {
  const digits = gtin14(gtin)
  const upc = { identifierType: 'UPC', identifier: digits.slice(2) }
  const ean = { identifierType: 'EAN', identifier: digits.slice(1) }
  const whole = { identifierType: 'GTIN', identifier: digits }
  const forms =
    gtin < 1e12
      ? [[upc], [ean], [whole], [ean, whole], [ean, upc], [ean, whole, upc]]
      : gtin < 1e13
        ? [[ean], [whole], [ean, whole]]
        : [[whole]]
  return pick(forms, combine(hash, SALT.forms))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
