import { html } from '../core/html.js'
import { Button } from './button.js'

/** Through a list in pages; nothing when there is one page. @param {{ list: any, label: string }} props */
export function Pager({ list, label }) {
  if (!list.hasNext && !list.hasPrevious) return null
  return html`<nav class="pager" aria-label=${`Pages of ${label}`}>
    <${Button} small icon="chevron-left" disabled=${!list.hasPrevious} onClick=${list.previous}>Previous<//>
    <span class="soft small num" aria-live="polite">Page ${list.page}</span>
    <${Button} small icon="chevron-right" disabled=${!list.hasNext} onClick=${list.next}>Next<//>
  </nav>`
}
