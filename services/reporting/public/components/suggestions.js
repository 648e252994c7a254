import { useEffect, useState } from 'preact/hooks'
import { html } from '../core/html.js'
import { useQuery } from '../core/query.js'

const PAUSE_MS = 150
/** @type {readonly string[]} */
export const NO_OPTIONS = []

/**
 * What a text may be meant to become; asked for since somebody came to its field, after each pause.
 * @param {((beginning: string) => { path: string, query: Record<string, unknown> }) | undefined} suggest
 * @param {string} text
 * @param {readonly string[]} list what there is without asking
 */
export function useSuggestions(suggest, text, list = NO_OPTIONS) {
  const [asked, setAsked] = useState(/** @type {string | null} */ (null))
  useEffect(() => {
    if (asked === null || asked === text) return
    const timer = setTimeout(() => setAsked(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [asked, text])
  const question = suggest && asked !== null ? suggest(asked) : null
  const { data } = useQuery(question?.path ?? null, question?.query)
  return {
    options: /** @type {readonly string[]} */ (data?.items ?? list),
    onFocus: suggest && asked === null ? () => setAsked(text) : undefined,
  }
}

/** The list below a field: give the field `list=${id}` while there are options. */
export function Suggestions({ id, options }) {
  if (options.length === 0) return null
  return html`<datalist id=${id}>${options.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>`
}
