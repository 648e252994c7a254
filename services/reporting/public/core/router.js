import { useCallback, useMemo } from 'preact/hooks'
import { html } from './html.js'
import { createStore, useStore } from './store.js'

const here = () => ({ path: window.location.pathname, search: window.location.search })

/** Where we are. */
export const place = createStore(here())

/** Whether the address belongs to a page of the dashboard. @param {string} path */
export const isOurs = (path) => path === '/' || path === '/ui' || path.startsWith('/ui/')

/**
 * @param {string} href
 * @param {{ replace?: boolean }} [options]
 */
export function navigate(href, { replace = false } = {}) {
  const { path: before } = place.get()
  window.history[replace ? 'replaceState' : 'pushState'](null, '', href)
  place.set(here())
  if (place.get().path !== before) window.scrollTo(0, 0)
}

/** Takes over clicks on links to our own pages; all others, and those with a modifier, are the browser's. */
export function startRouter() {
  window.addEventListener('popstate', () => place.set(here()))
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = /** @type {Element} */ (event.target).closest('a[href]')
    if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return
    if (link.origin !== window.location.origin || !isOurs(link.pathname) || link.hash !== '') return
    event.preventDefault()
    navigate(link.pathname + link.search)
  })
}

/** @param {string} pattern such as `/ui/jobs/:id` @param {string} path */
export function matchPath(pattern, path) {
  const wanted = pattern.split('/')
  const parts = path.replace(/(.)\/$/, '$1').split('/')
  if (wanted.length !== parts.length) return null
  /** @type {Record<string, string>} */
  const params = {}
  for (const [i, name] of wanted.entries()) {
    const part = parts[i] ?? ''
    if (!name.startsWith(':')) {
      if (name !== part) return null
    } else {
      try {
        params[name.slice(1)] = decodeURIComponent(part)
      } catch {
        // An address that somebody cut in the middle of a character leads nowhere.
        return null
      }
    }
  }
  return params
}

/** The query of the address as `{ name: [values] }`, and what replaces it. */
export function useSearch() {
  const { search } = useStore(place)
  const values = useMemo(() => {
    /** @type {Record<string, string[]>} */
    const all = {}
    for (const [name, value] of new URLSearchParams(search)) all[name] = [...(all[name] ?? []), value]
    return all
  }, [search])
  const setSearch = useCallback((/** @type {Record<string, string | string[] | undefined>} */ next) => {
    const params = new URLSearchParams()
    for (const [name, value] of Object.entries(next))
      for (const one of [value].flat()) if (one) params.append(name, one)
    const text = params.toString()
    navigate(window.location.pathname + (text === '' ? '' : `?${text}`), { replace: true })
  }, [])
  return /** @type {const} */ ([values, setSearch])
}

/** A link to a page of ours or to anything else. */
export function Link({ children, ...attributes }) {
  return html`<a ...${attributes}>${children}</a>`
}
