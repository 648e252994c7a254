/** `POST /tokens/2021-03-01/restrictedDataToken` (model `tokens_2021-03-01`, operation `createRestrictedDataToken`). */

import { ok } from '../answer.ts'
import type { RestrictedResource } from '../lwa.ts'
import * as fields from './fields.ts'
import { type Operation, Refusal } from './operation.ts'
import { isObject, readObject } from './parameters.ts'

const MAX_RESOURCES = 50
const METHODS = ['GET', 'PUT', 'POST', 'DELETE']
const DATA_ELEMENTS = ['buyerInfo', 'shippingAddress', 'buyerTaxInformation']

/** Paths of restricted operations. A trailing slash is not noticed here: the token is given, and opens nothing. */
const RESTRICTED = [
  /^\/orders\/v0\/orders$/,
  /^\/orders\/v0\/orders\/[^/]+(\/(buyerInfo|address|orderItems|orderItems\/buyerInfo|regulatedInfo))?$/,
  /^\/reports\/2021-06-30\/documents\/[^/]+$/,
  /^\/mfn\/v0\/shipments\/[^/]+$/,
]
/** The operations for which one must say what one wants to know. */
const NEED_ELEMENTS = /^\/orders\/v0\/orders(\/[^/]+(\/orderItems)?)?$/

export const createRestrictedDataToken: Operation = {
  name: 'createRestrictedDataToken',
  method: 'POST',
  path: '/tokens/2021-03-01/restrictedDataToken',
  plan: { rate: 1, burst: 10, appRate: null },
  answer(request, { lwa }) {
    const { restrictedResources } = readObject(request)
    if (!Array.isArray(restrictedResources) || restrictedResources.length === 0)
      throw new Refusal("Missing required 'restrictedResources'.")
    if (restrictedResources.length > MAX_RESOURCES)
      throw new Refusal("Invalid 'restrictedResources' provided.", `At most ${MAX_RESOURCES} are allowed.`)
    const resources = restrictedResources.map(readResource)
    const { token, expiresIn } = lwa.restrict(String(request.headers['x-amz-access-token']), resources)
    return ok({ restrictedDataToken: token, expiresIn })
  },
}

function readResource(value: unknown): RestrictedResource {
  if (!isObject(value)) throw new Refusal("Invalid 'restrictedResources' provided.")
  const method = fields.text(value, 'method')
  const path = fields.text(value, 'path')
  const dataElements: unknown = value.dataElements ?? []
  if (!METHODS.includes(method)) throw new Refusal("Invalid 'method' provided.")
  const bare = path.replace(/\/$/, '')
  if (!RESTRICTED.some((pattern) => pattern.test(bare)))
    throw new Refusal(
      'Application does not have access to one or more requested data elements or paths.',
      path,
    )
  if (bare.includes('{reportDocumentId}'))
    throw new Refusal("Invalid 'path' provided.", 'Report documents need their specific path.')
  if (!Array.isArray(dataElements) || !dataElements.every((one) => DATA_ELEMENTS.includes(one)))
    throw new Refusal("Invalid 'dataElements' provided.")
  if (dataElements.length === 0 && NEED_ELEMENTS.test(bare))
    throw new Refusal("Missing required 'dataElements'.")
  return { method, path, dataElements }
}
