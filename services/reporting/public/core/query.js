import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { api, locked, url } from './api.js'
import { signedIn } from './session.js'
import { useStore } from './store.js'

const LONGEST_WAIT_MS = 15_000
/** Answers that show at once when somebody comes back to a page. */
const MOST_REMEMBERED = 40

/** Answers by address, the oldest first. */
const remembered = new Map()

/** @param {string} address @param {unknown} data */
function remember(address, data) {
  remembered.delete(address)
  remembered.set(address, data)
  if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value)
}

/**
 * What is at an address. `data` of another one stays (`stale`) until its own is there; what failed for a reason that may pass
 * is asked for again by itself. A path of null asks for nothing.
 * @param {string | null} path
 * @param {Record<string, unknown>} [query]
 */
export function useQuery(path, query) {
  return useAnswer(path === null ? null : url(path, query), null)
}

/**
 * The same, again and again while somebody looks.
 * @param {string | null} path
 * @param {Record<string, unknown>} [query]
 * @param {{ everyMs?: number }} [options]
 */
export function usePoll(path, query, { everyMs = 1_000 } = {}) {
  return useAnswer(path === null ? null : url(path, query), everyMs)
}

const NOTHING = { data: undefined, error: null, loading: false, stale: false }

/** @param {string | null} address @param {number | null} everyMs */
function useAnswer(address, everyMs) {
  const [state, setState] = useState(() =>
    address === null
      ? NOTHING
      : { ...NOTHING, data: remembered.get(address), loading: !remembered.has(address) },
  )
  const [round, setRound] = useState(0)
  const epoch = useStore(signedIn)

  useEffect(() => {
    if (address === null) {
      setState(NOTHING)
      return
    }
    setState((before) =>
      remembered.has(address)
        ? { ...NOTHING, data: remembered.get(address) }
        : {
            ...NOTHING,
            data: before.data,
            loading: before.data === undefined,
            stale: before.data !== undefined,
          },
    )
    const controller = new AbortController()
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    let failures = 0
    let asking = false

    const ask = async () => {
      if (asking) return
      asking = true
      clearTimeout(timer)
      /** @type {number | null} */
      let wait = everyMs
      try {
        const data = await api.get(address, { signal: controller.signal })
        failures = 0
        remember(address, data)
        setState((before) =>
          before.data === data && !before.stale && !before.loading && before.error === null
            ? before
            : { ...NOTHING, data },
        )
      } catch (error) {
        if (controller.signal.aborted) return
        failures += 1
        setState(({ data }) => ({ data, error, loading: false, stale: data !== undefined }))
        const backOff = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** failures)
        wait = error.transient
          ? Math.max(backOff, (error.retryAfter ?? 0) * 1_000)
          : everyMs && LONGEST_WAIT_MS
      } finally {
        asking = false
      }
      // Whoever does not look needs no news; they get them when they look again.
      if (wait !== null && !document.hidden && !locked.get()) timer = setTimeout(ask, wait)
    }
    const onVisibility = () => {
      if (!document.hidden && (everyMs !== null || failures > 0)) void ask()
    }
    document.addEventListener('visibilitychange', onVisibility)
    void ask()
    return () => {
      controller.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisibility)
    }
    // A new round or another caller asks again.
  }, [address, everyMs, round, epoch])

  const reload = useCallback(() => setRound((n) => n + 1), [])
  return { ...state, reload }
}

/**
 * Something that somebody does: `run` resolves to what it came to, or to undefined after an error, which stands in `error`.
 * @template A, R
 * @param {(argument: A) => Promise<R>} action
 * @returns {[(argument?: A) => Promise<R | undefined>, { busy: boolean, error: any, reset: () => void }]}
 */
export function useAction(action) {
  const [state, setState] = useState({ busy: false, error: null })
  const latest = useRef(action)
  latest.current = action
  const run = useCallback(async (argument) => {
    setState({ busy: true, error: null })
    try {
      const result = await latest.current(argument)
      setState({ busy: false, error: null })
      return result
    } catch (error) {
      setState({ busy: false, error })
      return undefined
    }
  }, [])
  const reset = useCallback(() => setState({ busy: false, error: null }), [])
  return [run, { ...state, reset }]
}

/**
 * A list in pages by cursor. Another query begins at its first page.
 * @param {string | null} path
 * @param {Record<string, unknown>} [query]
 */
export function useList(path, query = {}) {
  const base = path === null ? null : url(path, query)
  const [place, setPlace] = useState({ base, cursors: /** @type {string[]} */ ([]) })
  const cursors = place.base === base ? place.cursors : []
  const { data, ...rest } = useQuery(path, { ...query, cursor: cursors.at(-1) })
  const nextCursor = data?.nextCursor ?? null
  return {
    ...rest,
    items: data?.items ?? [],
    page: cursors.length + 1,
    hasNext: nextCursor !== null && !rest.stale,
    hasPrevious: cursors.length > 0,
    next: () => setPlace({ base, cursors: [...cursors, nextCursor] }),
    previous: () => setPlace({ base, cursors: cursors.slice(0, -1) }),
  }
}
