/**
 * Product Fees v0 (model `productFeesV0`): estimates for one ASIN, one SKU, or up to twenty of either. What is wrong with
 * one item is said in its result, under status 200.
 */

import { ok } from '../answer.ts'
import type { CatalogueItem } from '../catalogue/catalogue.ts'
import { combine } from '../catalogue/hash.ts'
import { type Money, moneyOf } from '../catalogue/money.ts'
import { type Marketplace, marketplaces } from '../marketplaces.ts'
import { sellerOf } from '../seller/seller.ts'
import { arranged, troubleOf } from './batch-troubles.ts'
import { listingsOf } from './listings/store.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from './operation.ts'
import { isObject, readObject } from './parameters.ts'

type Json = Readonly<Record<string, unknown>>

interface FeesRequest {
  readonly idType: 'ASIN' | 'SellerSKU'
  readonly idValue: string
  readonly marketplace: Marketplace
  /** As it was sent, for the answer repeats it. */
  readonly asked: Json
  readonly listingPrice: { readonly currency: unknown; readonly amount: unknown }
  readonly shipping: unknown
}

const MAX_REQUESTS = 20
const SALT = { size: 91 }
/** Shares of the price, by the category's product type; what is not here pays 15 %. */
const REFERRAL: Readonly<Record<string, number>> = { ELECTRONICS: 0.08, GROCERY: 0.08, BEAUTY: 0.08 }
const MIN_REFERRAL_DOLLARS = 0.3

export const getMyFeesEstimateForSKU: Operation = {
  name: 'getMyFeesEstimateForSKU',
  method: 'POST',
  path: '/products/fees/v0/listings/{SellerSKU}/feesEstimate',
  plan: { rate: 1, burst: 2, appRate: null },
  answer: (request, context) => single(request, 'SellerSKU', request.path.SellerSKU ?? '', context),
}

export const getMyFeesEstimateForASIN: Operation = {
  name: 'getMyFeesEstimateForASIN',
  method: 'POST',
  path: '/products/fees/v0/items/{Asin}/feesEstimate',
  plan: { rate: 1, burst: 2, appRate: null },
  answer: (request, context) => single(request, 'ASIN', request.path.Asin ?? '', context),
}

export const getMyFeesEstimates: Operation = {
  name: 'getMyFeesEstimates',
  method: 'POST',
  path: '/products/fees/v0/feesEstimate',
  plan: { rate: 0.5, burst: 1, appRate: null },
  answer(request, context) {
    const requests = readList(request)
    if (requests.length === 0 || requests.length > MAX_REQUESTS) {
      throw new Refusal('Invalid Input', `1 to ${MAX_REQUESTS} requests are allowed, not ${requests.length}.`)
    }
    const batch = requests.map((one) => {
      if (!isObject(one) || typeof one.IdValue !== 'string') throw new Refusal("Missing required 'IdValue'.")
      if (one.IdType !== 'ASIN' && one.IdType !== 'SellerSKU') throw new Refusal("Invalid 'IdType' provided.")
      return readRequest(one.FeesEstimateRequest, one.IdType, one.IdValue)
    })
    context.statistics.batch('getMyFeesEstimates', batch.length)
    return ok(
      arranged(
        batch.map((one) => estimate(one, request, context)),
        context,
      ),
    )
  },
}

function single(
  request: OperationRequest,
  idType: FeesRequest['idType'],
  idValue: string,
  context: OperationContext,
) {
  const asked = readRequest(readObject(request).FeesEstimateRequest, idType, idValue)
  return ok({ payload: { FeesEstimateResult: estimate(asked, request, context) } })
}

/** The body of this one operation is a list. */
function readList({ body }: OperationRequest): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new Refusal('Request body is not valid JSON.')
  }
  if (!Array.isArray(value)) throw new Refusal('Request body must be a list.')
  return value
}

function readRequest(asked: unknown, idType: FeesRequest['idType'], idValue: string): FeesRequest {
  if (!isObject(asked)) throw new Refusal("Missing required 'FeesEstimateRequest'.")
  const marketplace = marketplaces.get(String(asked.MarketplaceId))
  if (marketplace === undefined) throw new Refusal('Incorrect Marketplace identifier.')
  if (typeof asked.Identifier !== 'string') throw new Refusal("Missing required 'Identifier'.")
  const price = asked.PriceToEstimateFees
  if (!isObject(price) || !isObject(price.ListingPrice))
    throw new Refusal("Missing required 'PriceToEstimateFees'.")
  const { CurrencyCode: currency, Amount: amount } = price.ListingPrice
  return { idType, idValue, marketplace, asked, listingPrice: { currency, amount }, shipping: price.Shipping }
}

function estimate(request: FeesRequest, { caller }: OperationRequest, context: OperationContext): object {
  const { idType, idValue, marketplace, asked, listingPrice } = request
  const seller = sellerOf(caller, context)
  const { MarketplaceId, IsAmazonFulfilled, PriceToEstimateFees, OptionalFulfillmentProgram } = asked
  const FeesEstimateIdentifier = {
    MarketplaceId,
    SellerId: seller.merchantId,
    IdType: idType,
    IdValue: idValue,
    IsAmazonFulfilled: IsAmazonFulfilled === true,
    PriceToEstimateFees,
    SellerInputIdentifier: asked.Identifier,
    ...(OptionalFulfillmentProgram === undefined ? {} : { OptionalFulfillmentProgram }),
  }
  const asin = idType === 'ASIN' ? idValue : listingsOf(context).find(seller, marketplace, idValue)?.asin
  const item = asin ? context.catalogue.itemByAsin(marketplace.id, asin) : null
  const { currency, amount } = listingPrice
  const trouble = troubleOf(context)
  if (trouble !== null) {
    const { code, message } = trouble.error
    return {
      Status: 'ServiceError',
      FeesEstimateIdentifier,
      Error: { Type: 'Receiver', Code: code, Message: message, Detail: [] },
    }
  }
  if (item === null || currency !== marketplace.currency || typeof amount !== 'number' || !(amount > 0)) {
    return { Status: 'ClientError', FeesEstimateIdentifier, Error: clientError }
  }
  const money = moneyOf(marketplace.currency)
  const price = Math.round((amount + amountOf(request.shipping)) * 10 ** money.digits)
  return {
    Status: 'Success',
    FeesEstimateIdentifier,
    FeesEstimate: {
      TimeOfFeesEstimation: context.date().toISOString(),
      ...fees(item, price, IsAmazonFulfilled === true, money),
    },
  }
}

const amountOf = (shipping: unknown): number =>
  isObject(shipping) && typeof shipping.Amount === 'number' ? shipping.Amount : 0

const clientError = {
  Type: 'Sender',
  Code: 'InvalidParameterValue',
  Message: 'There is an client-side error. Please verify your inputs.',
  Detail: [],
}

function fees(item: CatalogueItem, price: number, amazonFulfilled: boolean, money: Money) {
  const { productType } = item.product.category
  const referral = Math.max(
    money.fromDollars(MIN_REFERRAL_DOLLARS),
    money.round(price * (REFERRAL[productType] ?? 0.15)),
  )
  const handling = amazonFulfilled
    ? money.fromDollars(3.06 + (combine(item.product.hash, SALT.size) % 700) / 100)
    : 0
  const amount = (value: number) => ({ CurrencyCode: money.currency, Amount: money.toNumber(value) })
  const fee = (FeeType: string, value: number) => {
    return { FeeType, FeeAmount: amount(value), FeePromotion: amount(0), FinalFee: amount(value) }
  }
  return {
    TotalFeesEstimate: amount(referral + handling),
    FeeDetailList: [
      fee('ReferralFee', referral),
      fee('VariableClosingFee', 0),
      fee('PerItemFee', 0),
      ...(amazonFulfilled
        ? [{ ...fee('FBAFees', handling), IncludedFeeDetailList: [fee('FBAPickAndPack', handling)] }]
        : []),
    ],
  }
}
