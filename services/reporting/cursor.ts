import { createHash } from 'node:crypto'
import { Problem } from '#libs/service/problem.ts'

/** The lists that can be gone through; a cursor of one does not fit another. */
export type CursorKind = 'products' | 'logs' | 'sync-jobs' | 'review' | 'codes' | 'decisions' | 'audit'

const CHECK_LENGTH = 10

/** The key of a page's last row as a text to hand back. It is checked, not signed: it lets nobody see more than the list does. */
export function encodeCursor(kind: CursorKind, key: readonly (string | number)[]): string {
  const payload = JSON.stringify([kind, ...key])
  return Buffer.from(checkOf(payload) + payload).toString('base64url')
}

/** The key in a cursor, each part checked by its pattern; throws 400 for a cursor that was changed or is another list's. */
export function decodeCursor(
  cursor: string,
  kind: CursorKind,
  patterns: readonly RegExp[],
): readonly string[] {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const payload = text.slice(CHECK_LENGTH)
  if (text.slice(0, CHECK_LENGTH) === checkOf(payload)) {
    const [storedKind, ...key] = JSON.parse(payload) as readonly unknown[]
    const parts = key.map(String)
    const fits = parts.length === patterns.length && parts.every((part, i) => patterns[i]?.test(part))
    if (storedKind === kind && fits) return parts
  }
  throw new Problem(
    'invalid-cursor',
    'cursor must be the nextCursor of the page before, unchanged; leave it out to begin at the start',
  )
}

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
export const timestampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** A page and the cursor of the one after it; `rows` may hold one more than `limit`, which says that there is one. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  kind: CursorKind,
  keyOf: (row: T) => readonly (string | number)[],
): { readonly items: readonly T[]; readonly nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(kind, keyOf(last)) : null,
  }
}

function checkOf(payload: string): string {
  return createHash('sha256').update(payload).digest('base64url').slice(0, CHECK_LENGTH)
}
