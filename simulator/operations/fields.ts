/** Fields of a JSON body, checked as Amazon checks them. */

import { Refusal } from './operation.ts'
import { marketplaceOf } from './parameters.ts'

type Body = Readonly<Record<string, unknown>>

/** A text that must be there. */
export function text(body: Body, name: string): string {
  const value = body[name]
  if (value === undefined || value === null || value === '') throw new Refusal(`Missing required '${name}'.`)
  if (typeof value !== 'string') throw new Refusal(`Invalid '${name}' provided.`)
  return value
}

export const optionalText = (body: Body, name: string): string | null =>
  body[name] === undefined || body[name] === null ? null : text(body, name)

/** Ids of marketplaces: 1 … `max` of them. */
export function marketplaceIds(body: Body, max: number): string[] {
  const ids = body.marketplaceIds
  if (ids === undefined) throw new Refusal("Missing required 'marketplaceIds'.")
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > max)
    throw new Refusal("Invalid 'marketplaceIds' provided.", `1 to ${max} are allowed.`)
  return ids.map((id: unknown) => marketplaceOf(id, 'marketplaceIds').id)
}

/** A moment in ISO 8601, in milliseconds since 1970, or null when it is absent. */
export function time(body: Body, name: string): number | null {
  const value = optionalText(body, name)
  if (value === null) return null
  const ms = Date.parse(value)
  if (!/^\d{4}-\d\d-\d\d/.test(value) || Number.isNaN(ms)) throw new Refusal(`Invalid '${name}' provided.`)
  return ms
}

/** An object whose values are texts; empty when it is absent. */
export function texts(body: Body, name: string): Readonly<Record<string, string>> {
  const value = body[name] ?? {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new Refusal(`Invalid '${name}' provided.`)
  if (!Object.values(value).every((one) => typeof one === 'string'))
    throw new Refusal(`Invalid '${name}' provided.`, 'Values are strings.')
  return value as Readonly<Record<string, string>>
}
