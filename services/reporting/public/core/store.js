import { useEffect, useState } from 'preact/hooks'

/**
 * A value that several parts of the page share.
 * @template T
 * @param {T} initial
 */
export function createStore(initial) {
  let value = initial
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set()
  return {
    get: () => value,
    /** @param {T} next */
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of [...listeners]) listener(value)
    },
    /** @param {(value: T) => void} listener */
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/**
 * The value of a store; the component renders again when it changes.
 * @template T
 * @param {{ get(): T, subscribe(listener: (value: T) => void): () => void }} store
 * @returns {T}
 */
export function useStore(store) {
  const [value, setValue] = useState(() => store.get())
  useEffect(() => {
    const update = (/** @type {T} */ next) => setValue(() => next)
    // It may have changed between rendering and this effect.
    update(store.get())
    return store.subscribe(update)
  }, [store])
  return value
}
