/** Page tokens that carry their query: opaque, good for a while, and useless when tampered with. */

import { createHmac } from 'node:crypto'
import { Refusal } from './operation.ts'

interface Carried<T> {
  readonly value: T
  readonly issuedAt: number
}

/** A token that carries a value of JSON. `kind` is the operation that gives it: tokens of others are refused. */
export function sealCursor(kind: string, value: object, issuedAt: number): string {
  const text = JSON.stringify({ value, issuedAt } satisfies Carried<object>)
  return `${Buffer.from(text).toString('base64url')}.${sealOf(kind, text)}`
}

/** What a token carries. Throws a Refusal when it is not of this kind, was changed, or is older than `lifeMs`. */
export function openCursor<T extends object>(
  kind: string,
  token: string,
  name: string,
  { now, lifeMs = Number.POSITIVE_INFINITY }: { readonly now: number; readonly lifeMs?: number },
): T {
  const [payload = '', seal = ''] = token.split('.')
  const text = Buffer.from(payload, 'base64url').toString()
  if (seal !== sealOf(kind, text)) throw new Refusal(`Invalid '${name}' provided.`)
  const { value, issuedAt } = JSON.parse(text) as Carried<T>
  if (now - issuedAt > lifeMs) throw new Refusal(`Invalid '${name}' provided.`, 'The token has expired.')
  return value
}

const sealOf = (kind: string, text: string) =>
  createHmac('sha256', 'simulated page tokens').update(`${kind}\n${text}`).digest('base64url').slice(0, 22)
