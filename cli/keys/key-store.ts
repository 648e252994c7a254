import { userInfo } from 'node:os'
import { type ApiKeyView, type ApiScope, createApiKey, listApiKeys, revokeApiKey } from '#libs/db/api-keys.ts'
import type { Database } from '#libs/db/database.ts'
import { apiUrl, callApi, callApiOk, problem, sendJson } from '../api.ts'

export interface NewKey {
  readonly name: string
  readonly scopes: readonly ApiScope[]
  /** A duration such as `90d`, and the same in milliseconds; null: for ever. */
  readonly expires: { readonly text: string; readonly ms: number } | null
}

/** Where keys are kept, reached in one of two ways. */
export interface KeyStore {
  create(key: NewKey): Promise<ApiKeyView & { readonly key: string }>
  list(): Promise<readonly ApiKeyView[]>
  /** Null when there is no such key, or several begin so. */
  revoke(shown: string): Promise<ApiKeyView | null>
}

/**
 * Through a running asinstream when `--url` names one; else in the database when `DATABASE_URL` is set, which makes the first
 * key where the API asks for one; else through the asinstream of `ASINSTREAM_URL`, or of this machine.
 */
export function keyStore(url: string | undefined, environment: NodeJS.ProcessEnv): KeyStore {
  return url === undefined && environment.DATABASE_URL ? inDatabase : throughApi(apiUrl(url, environment))
}

const inDatabase: KeyStore = {
  async create({ name, scopes, expires }) {
    const expiresAt = expires === null ? null : new Date(Date.now() + expires.ms)
    const createdBy = `command line, ${userInfo().username}`
    const { view, key } = await withDb((db) => createApiKey(db, { name, scopes, createdBy, expiresAt }))
    return { ...view, key }
  },
  list: () => withDb(listApiKeys),
  revoke: (shown) => withDb((db) => revokeApiKey(db, shown)),
}

/** Loaded when it is needed: the ORM takes longer than a question to the API. */
async function withDb<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const { withDatabase } = await import('../database.ts')
  return withDatabase(({ db }) => work(db))
}

const PATH = '/api/keys'

function throughApi(base: string): KeyStore {
  return {
    create: ({ name, scopes, expires }) =>
      sendJson(base, 'POST', PATH, { name, scopes, ...(expires && { expiresIn: expires.text }) }),
    async list() {
      return (await callApiOk<{ items: readonly ApiKeyView[] }>(base, PATH)).items
    },
    async revoke(shown) {
      const { status, body } = await callApi(base, `${PATH}/${encodeURIComponent(shown)}`, {
        method: 'DELETE',
      })
      if (status === 404) return null
      if (status === 200) return body as ApiKeyView
      throw problem(status, body)
    },
  }
}
