import { useEffect, useRef } from 'preact/hooks'

/**
 * Server-sent events of an address. The browser comes again by itself with the last id that it saw; after the last event
 * the server says that there is nothing to come, and it stays away.
 * @param {string | null} path
 * @param {Record<string, (data: any, id: string) => void>} handlers by the event's name
 * @param {{ onState?: (open: boolean) => void }} [options]
 */
export function useEvents(path, handlers, { onState } = {}) {
  const latest = useRef({ handlers, onState })
  latest.current = { handlers, onState }
  const names = Object.keys(handlers).join(' ')
  useEffect(() => {
    if (path === null) return
    const source = new EventSource(path)
    source.addEventListener('open', () => latest.current.onState?.(true))
    source.addEventListener('error', () => latest.current.onState?.(false))
    for (const name of names.split(' ')) {
      source.addEventListener(name, (event) => {
        const { data, lastEventId } = /** @type {MessageEvent} */ (event)
        // `error` is also what the browser calls a cut connection; that one has no data.
        if (data !== undefined) latest.current.handlers[name]?.(JSON.parse(data), lastEventId)
      })
    }
    return () => source.close()
  }, [path, names])
}
