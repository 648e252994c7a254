import type { ApiScope } from '#libs/db/api-keys.ts'

/** Who sent a request, once that is known. */
export interface Caller {
  /** For logs, jobs and the audit: `key billing-export`, `user jane@example.com`, `local`. Never a secret. */
  readonly name: string
  readonly keyId: string | null
  /** `admin` includes the others. */
  readonly scopes: ReadonlySet<ApiScope>
}

/** Whoever reaches a server that is open: one on loopback, or one that was opened by `API_AUTH=open`. */
export const localCaller: Caller = { name: 'local', keyId: null, scopes: new Set(['admin']) }

export function mayDo(caller: Caller, scope: ApiScope): boolean {
  return caller.scopes.has(scope) || caller.scopes.has('admin')
}
