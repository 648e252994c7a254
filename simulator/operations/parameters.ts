/** Parameters of a query and fields of a body, checked as Amazon checks them. */

import { type Marketplace, marketplaces } from '../marketplaces.ts'
import { type OperationRequest, Refusal } from './operation.ts'

/** A parameter that may stand once, or null when it is absent or empty. */
export function single(query: URLSearchParams, name: string): string | null {
  const values = query.getAll(name)
  if (values.length > 1)
    throw new Refusal(`Invalid '${name}' provided.`, 'Give it once, values joined by commas.')
  return values[0] || null
}

/** A comma-separated parameter; empty when it is absent. */
export function list(query: URLSearchParams, name: string, maxItems: number): string[] {
  const values = single(query, name)?.split(',') ?? []
  if (values.length > maxItems) {
    throw new Refusal(
      `Invalid '${name}' provided.`,
      `At most ${maxItems} values are allowed, not ${values.length}.`,
    )
  }
  if (values.includes('')) throw new Refusal(`Invalid '${name}' provided.`, 'A value is empty.')
  return values
}

/** A parameter that must be there. */
export function required(query: URLSearchParams, name: string): string {
  const value = single(query, name)
  if (value === null) throw new Refusal(`Missing required '${name}'.`)
  return value
}

/** A parameter that takes one of a few values, or null when it is absent. */
export function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  values: readonly T[],
): T | null {
  const value = single(query, name)
  if (value !== null && !values.includes(value as T)) throw new Refusal(`Invalid '${name}' provided.`)
  return value as T | null
}

/** A whole number from `min` to `max`; `absent` when it is not given. */
export function whole(
  query: URLSearchParams,
  name: string,
  { min, max, absent }: { readonly min: number; readonly max: number; readonly absent: number },
): number {
  const text = single(query, name)
  if (text === null) return absent
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) throw new Refusal(`Invalid '${name}' provided.`)
  return value
}

/** A moment in ISO 8601, in milliseconds since 1970, or null when it is absent. */
export function moment(query: URLSearchParams, name: string): number | null {
  const text = single(query, name)
  if (text === null) return null
  const value = Date.parse(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(value)) throw new Refusal(`Invalid '${name}' provided.`)
  return value
}

export function readMarketplaces(
  query: URLSearchParams,
  maxItems: number,
  name = 'marketplaceIds',
): Marketplace[] {
  const ids = list(query, name, maxItems)
  if (ids.length === 0) throw new Refusal(`Missing required '${name}'.`)
  return ids.map((id) => marketplaceOf(id, name))
}

/** The marketplace with this id. Throws a Refusal that names the parameter. */
export function marketplaceOf(id: unknown, name: string): Marketplace {
  const marketplace = marketplaces.get(String(id))
  if (marketplace === undefined) throw new Refusal(`Invalid '${name}' provided.`)
  return marketplace
}

/** The JSON object of a request's body. */
export function readObject({ body }: OperationRequest): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new Refusal('Request has missing or invalid parameters and cannot be parsed.')
  }
  if (!isObject(value)) throw new Refusal('Request has missing or invalid parameters and cannot be parsed.')
  return value
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
