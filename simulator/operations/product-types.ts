/**
 * Product Type Definitions 2020-09-01 (model `definitionsProductTypes_2020-09-01`). A definition is a link to a JSON
 * Schema with its checksum; the link needs no token.
 */

import { createHash } from 'node:crypto'
import { notFound, ok } from '../answer.ts'
import { categories } from '../catalogue/vocabulary.ts'
import { send } from '../http.ts'
import { type Marketplace, marketplaces } from '../marketplaces.ts'
import { CONDITION_TYPES, productTypes, REQUIRED, type Requirements } from './listings/submission.ts'
import { type Operation, Refusal, type Resource } from './operation.ts'
import { list, oneOf, readMarketplaces, single } from './parameters.ts'

const VERSION = 'U5imuL8ted7='
const REQUIREMENTS = ['LISTING', 'LISTING_PRODUCT_ONLY', 'LISTING_OFFER_ONLY'] as const
const SCHEMA_PATH = '/product-type-schemas/{productType}/{marketplaceId}/{requirements}'
const META_PATH = '/product-type-schemas/meta-schema'

export const searchDefinitionsProductTypes: Operation = {
  name: 'searchDefinitionsProductTypes',
  method: 'GET',
  path: '/definitions/2020-09-01/productTypes',
  plan: { rate: 5, burst: 10, appRate: 100 },
  answer({ query }) {
    const asked = readMarketplaces(query, marketplaces.size)
    const keywords = list(query, 'keywords', 100)
    const itemName = single(query, 'itemName')
    if (keywords.length > 0 && itemName !== null)
      throw new Refusal("Only one of 'keywords' or 'itemName' may be provided.")
    const words = (itemName === null ? keywords : itemName.split(/\s+/)).map((word) => word.toLowerCase())
    const found = productTypes.filter((name) => words.length === 0 || fits(name, words))
    return ok({
      productTypes: found.map((name) => {
        return { name, displayName: displayNameOf(name), marketplaceIds: asked.map(({ id }) => id) }
      }),
      productTypeVersion: VERSION,
    })
  },
}

export const getDefinitionsProductType: Operation = {
  name: 'getDefinitionsProductType',
  method: 'GET',
  path: '/definitions/2020-09-01/productTypes/{productType}',
  plan: { rate: 5, burst: 10, appRate: 100 },
  answer({ path: { productType = '' }, query, origin }) {
    const [marketplace] = readMarketplaces(query, 1) as [Marketplace]
    const requirements = oneOf(query, 'requirements', REQUIREMENTS) ?? 'LISTING'
    const requirementsEnforced =
      oneOf(query, 'requirementsEnforced', ['ENFORCED', 'NOT_ENFORCED']) ?? 'ENFORCED'
    if (!productTypes.includes(productType)) return notFound(`Product type '${productType}' not found.`)
    const schema = schemaText(productType, marketplace, requirements)
    const locale = single(query, 'locale') ?? 'DEFAULT'
    return ok({
      metaSchema: link(`${origin}${META_PATH}`, META_SCHEMA),
      schema: link(`${origin}/product-type-schemas/${productType}/${marketplace.id}/${requirements}`, schema),
      requirements,
      requirementsEnforced,
      propertyGroups: {
        product_identity: { title: 'Product Identity', propertyNames: ['item_name', 'brand'] },
        offer: {
          title: 'Offer',
          propertyNames: ['condition_type', 'purchasable_offer', 'fulfillment_availability'],
        },
      },
      locale: locale === 'DEFAULT' ? marketplace.language : locale,
      marketplaceIds: [marketplace.id],
      productType,
      displayName: displayNameOf(productType),
      productTypeVersion: { version: VERSION, latest: true, releaseCandidate: false },
    })
  },
}

export const productTypeSchema: Resource = {
  name: 'productTypeSchema',
  method: 'GET',
  path: SCHEMA_PATH,
  serve(request, response, { path: { productType = '', marketplaceId = '', requirements = '' } }) {
    request.resume()
    const marketplace = marketplaces.get(marketplaceId)
    const known = REQUIREMENTS.find((one) => one === requirements)
    if (marketplace === undefined || known === undefined || !productTypes.includes(productType)) {
      return send(response, notFound('There is no such schema.'))
    }
    send(response, ok(JSON.parse(schemaText(productType, marketplace, known))))
  },
}

export const productTypeMetaSchema: Resource = {
  name: 'productTypeMetaSchema',
  method: 'GET',
  path: META_PATH,
  serve(request, response) {
    request.resume()
    send(response, ok(JSON.parse(META_SCHEMA)))
  },
}

const link = (resource: string, content: string) => ({
  link: { resource, verb: 'GET' },
  checksum: createHash('md5').update(content).digest('base64'),
})

function fits(productType: string, words: readonly string[]): boolean {
  const category = categories.find((one) => one.productType === productType)
  const text = [productType, category?.name ?? '', category?.leaf ?? '', ...(category?.nouns ?? [])].join(' ')
  const known = new Set(text.toLowerCase().split(/[\s_&]+/))
  return words.some((word) => known.has(word))
}

const displayNameOf = (productType: string): string =>
  categories.find((one) => one.productType === productType)?.name ??
  `${productType.charAt(0)}${productType.slice(1).toLowerCase()}`

const META_SCHEMA = JSON.stringify({
  $schema: 'https://json-schema.org/draft/2019-09/schema',
  $id: 'https://simulator.invalid/product-type-meta-schema',
  title: 'Product type definitions of the simulator',
  type: ['object', 'boolean'],
})

/** The schema of a product type: what `putListingsItem` looks at, and no more. */
function schemaText(productType: string, { id }: Marketplace, requirements: Requirements): string {
  const attribute = (title: string, value: object) => ({
    title,
    type: 'array',
    minItems: 1,
    selectors: ['marketplace_id'],
    items: {
      type: 'object',
      required: Object.keys(value).slice(0, 1),
      properties: { ...value, marketplace_id: { const: id } },
    },
  })
  const text = { value: { type: 'string' } }
  return JSON.stringify({
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    $id: `https://simulator.invalid/product-types/${productType}`,
    $comment: `${productType} ${requirements}`,
    type: 'object',
    required: REQUIRED[requirements],
    properties: {
      item_name: attribute('Item Name', text),
      brand: attribute('Brand Name', text),
      condition_type: attribute('Item Condition', { value: { type: 'string', enum: [...CONDITION_TYPES] } }),
      merchant_suggested_asin: attribute('Merchant Suggested ASIN', text),
      externally_assigned_product_identifier: attribute('External Product ID', text),
      purchasable_offer: attribute('Offer', {
        our_price: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              schedule: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { value_with_tax: { type: 'number', exclusiveMinimum: 0 } },
                },
              },
            },
          },
        },
        currency: { type: 'string' },
        audience: { type: 'string' },
      }),
      fulfillment_availability: attribute('Fulfillment Availability', {
        fulfillment_channel_code: { type: 'string' },
        quantity: { type: 'integer', minimum: 0 },
      }),
    },
  })
}
