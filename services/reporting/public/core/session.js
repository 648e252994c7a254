import { api, forgetAnswers, locked } from './api.js'
import { createStore, useStore } from './store.js'

const PATH = '/api/session'

/** Who is there and what they may do; null until it is known. */
export const session = createStore(/** @type {{ caller: string | null, scopes: string[] } | null} */ (null))
/** Counts up whenever somebody has come in: what was refused is asked for again. */
export const signedIn = createStore(0)

/** Asks who is there; nobody: the sign-in opens. */
export async function readSession() {
  const who = await api.get(PATH)
  session.set(who)
  locked.set(who.caller === null)
}

/**
 * The server keeps the key in a cookie that no script can read. Rejects when it is not valid.
 * @param {string} key
 */
export async function signIn(key) {
  session.set(await api.post(PATH, { key }))
  forgetAnswers()
  locked.set(false)
  signedIn.set(signedIn.get() + 1)
}

export async function signOut() {
  await api.del(PATH)
  // Nothing of what the other saw stays in memory.
  window.location.assign('/')
}

/** The caller; `may` says whether they may do what asks for a scope. `open`: the server asks nobody for a key. */
export function useSession() {
  const { caller, scopes } = useStore(session) ?? { caller: null, scopes: [] }
  return {
    caller,
    scopes,
    may: (/** @type {string} */ scope) => scopes.includes(scope) || scopes.includes('admin'),
    open: caller === 'local',
  }
}
