import { render } from 'preact'
import { startHotkeys } from './core/hotkeys.js'
import { html } from './core/html.js'
import { startRouter } from './core/router.js'
import { Shell } from './shell/shell.js'

startRouter()
startHotkeys()
const root = /** @type {HTMLElement} */ (document.querySelector('#app'))
root.replaceChildren()
render(html`<${Shell} />`, root)
