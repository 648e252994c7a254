import htm from 'htm'
import { h } from 'preact'

/** Preact's elements from a tagged template: html`<p class="soft">${text}</p>`. What is put in is text, never markup. */
export const html = htm.bind(h)
