/** Restricted data tokens: where one is good, and for what (Selling Partner API, "Tokens API use case guide"). */

import type { RestrictedResource } from './lwa.ts'

/**
 * Whether a resource is the one that is called. Its path stands for itself, or has names in braces for parts that may be
 * anything. One that ends with a slash is no path of any operation, so that its token opens nothing.
 */
export function covers(
  { method, path }: RestrictedResource,
  calledMethod: string,
  calledUrl: string,
): boolean {
  if (method !== calledMethod) return false
  const given = path.split('/')
  const called = (calledUrl.split('?')[0] ?? '').split('/')
  return (
    given.length === called.length &&
    given.every((part, i) => (/^\{\w+\}$/.test(part) ? called[i] !== '' : part === called[i]))
  )
}

/** What a caller may read of buyers; empty without a restricted data token. */
export const dataElementsOf = (caller: {
  readonly restricted: readonly RestrictedResource[] | null
}): ReadonlySet<string> => new Set(caller.restricted?.flatMap(({ dataElements }) => dataElements))
