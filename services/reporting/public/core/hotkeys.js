import { useLayoutEffect, useRef } from 'preact/hooks'
import { createStore } from './store.js'

/** How long the second key of a sequence is waited for. */
const SEQUENCE_MS = 1_500

/** @typedef {{ keys: string, label: string, run: () => void }} Hotkey */
/** What the keys do now, by group: the help shows it. */
export const hotkeys = createStore(/** @type {{ group: string, keys: Hotkey[] }[]} */ ([]))

/**
 * Keys of a page: `j`, `Shift+A`, `Escape`, or two in a row as `g p`. They are silent while one types or a dialog is open.
 * @param {Hotkey[]} keys
 * @param {{ group: string, when?: boolean }} options
 */
export function useHotkeys(keys, { group, when = true }) {
  const latest = useRef(keys)
  latest.current = keys
  const names = keys.map(({ keys: name, label }) => `${name} ${label}`).join('\n')
  // Not after the paint: a key that is pressed as soon as the page is there would be lost.
  useLayoutEffect(() => {
    if (!when || names === '') return
    const entry = {
      group,
      keys: latest.current.map(({ keys: name, label }, i) => ({
        keys: name,
        label,
        run: () => latest.current[i]?.run(),
      })),
    }
    hotkeys.set([...hotkeys.get(), entry])
    return () => hotkeys.set(hotkeys.get().filter((one) => one !== entry))
  }, [group, names, when])
}

const TYPING = 'input, textarea, select, [contenteditable]'
/** Of inputs, these take no letters. */
const NOT_TYPING = 'input[type=checkbox], input[type=radio], input[type=button], input[type=file]'

let first = ''
let firstAt = 0

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  const target = /** @type {Element} */ (event.target)
  if (target.matches?.(TYPING) && !target.matches(NOT_TYPING)) return
  if (document.querySelector('dialog[open]')) return
  const name = event.shiftKey && /^[A-Z]$/.test(event.key) ? `Shift+${event.key}` : event.key
  const all = hotkeys.get().flatMap(({ keys }) => keys)
  const sequence = first !== '' && event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${name}` : ''
  first = ''
  // The page that came last counts.
  const hit = all.findLast(({ keys }) => keys === sequence) ?? all.findLast(({ keys }) => keys === name)
  if (hit) {
    event.preventDefault()
    hit.run()
  } else if (all.some(({ keys }) => keys.startsWith(`${name} `))) {
    first = name
    firstAt = event.timeStamp
  }
}

export function startHotkeys() {
  document.addEventListener('keydown', onKey)
}
