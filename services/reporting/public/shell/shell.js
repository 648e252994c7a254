import { useEffect, useState } from 'preact/hooks'
import { Button } from '../components/button.js'
import { Confirmation } from '../components/dialog.js'
import { Icon } from '../components/icon.js'
import { Notice } from '../components/notices.js'
import { Toasts } from '../components/toast.js'
import { connection, locked } from '../core/api.js'
import { formatNumber } from '../core/format.js'
import { hotkeys, useHotkeys } from '../core/hotkeys.js'
import { html } from '../core/html.js'
import { usePoll } from '../core/query.js'
import { navigate, place } from '../core/router.js'
import { readSession, signOut, useSession } from '../core/session.js'
import { useStore } from '../core/store.js'
import { setTheme, theme } from '../core/theme.js'
import { routes } from '../routes.js'
import { Help } from './help.js'
import { findRoute, Outlet } from './outlet.js'
import { SignIn } from './sign-in.js'

const COUNTS_EVERY_MS = 15_000

/** Everything: the menu, what is above the page, the page. */
export function Shell() {
  const { path } = useStore(place)
  const isLocked = useStore(locked)
  const keys = useStore(hotkeys)
  const [menuOpen, setMenuOpen] = useState(false)
  const [helpOpen, setHelpOpen] = useState(false)
  useReadSession()
  // Going somewhere closes the menu of the phone.
  useEffect(() => setMenuOpen(false), [path])
  useHotkeys(
    [
      ...routes.flatMap(({ path: to, nav }) =>
        nav ? [{ keys: nav.keys, label: nav.label, run: () => navigate(to) }] : [],
      ),
    ],
    { group: 'Go to' },
  )
  useHotkeys(
    [
      { keys: '?', label: 'These keys', run: () => setHelpOpen(true) },
      { keys: 't', label: 'Light or dark', run: nextTheme },
      {
        keys: '/',
        label: 'Search or filter',
        run: () => /** @type {HTMLElement | null} */ (document.querySelector('main [type=search]'))?.focus(),
      },
    ],
    { group: 'Everywhere' },
  )
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to the page</a>
    <div class=${`shell ${menuOpen ? 'menu-open' : ''}`}>
      <header class="bar">
        <a class="brand" href="/" aria-label="asinstream, overview"><${Mark} /><span>asinstream</span></a>
        <${Connection} />
        <${Button} kind="quiet" icon=${menuOpen ? 'close' : 'menu'} label=${menuOpen ? 'Close the menu' : 'Menu'} class="button quiet icon-only menu-button"
          aria-expanded=${menuOpen ? 'true' : 'false'} aria-controls="menu" onClick=${() => setMenuOpen(!menuOpen)} />
      </header>
      <aside class="side" id="menu">
        <${Menu} path=${path} />
        <${Foot} onHelp=${() => setHelpOpen(true)} />
      </aside>
      <main id="main" tabindex="-1">
        <${Lost} />
        ${isLocked ? html`<${SignIn} />` : html`<${Outlet} />`}
      </main>
    </div>
    <${Help} open=${helpOpen} onClose=${() => setHelpOpen(false)} groups=${keys} />
    <${Confirmation} />
    <${Toasts} />`
}

/** Who is there; asked again until the server says. */
function useReadSession() {
  useEffect(() => {
    let timer
    let gone = false
    const ask = () =>
      readSession().catch(() => {
        if (!gone) timer = setTimeout(ask, 3_000)
      })
    void ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [])
}

function skip(event) {
  event.preventDefault()
  document.querySelector('main')?.focus()
}

function Menu({ path }) {
  const current = findRoute(path)?.route.path ?? ''
  const entries = routes.filter((route) => route.nav)
  const groups = Map.groupBy(entries, ({ nav }) => nav?.group ?? '')
  const { caller } = useSession()
  const { data: waiting } = usePoll(caller ? '/api/review/summary' : null, {}, { everyMs: COUNTS_EVERY_MS })
  return html`<nav aria-label="Pages">
    ${[...groups].map(
      ([group, items]) =>
        html`<div key=${group} class="nav-group">
          ${group && html`<p class="nav-title" id=${`nav-${group}`}>${group}</p>`}
          <ul aria-labelledby=${group ? `nav-${group}` : undefined}>
            ${items.map(
              ({ path: to, nav }) =>
                html`<li key=${to}>
                  <a href=${to} aria-current=${isWithin(current, to) ? 'page' : undefined}>
                    <${Icon} name=${nav?.icon} /><span>${nav?.label}</span>
                    <kbd aria-hidden="true">${nav?.keys}</kbd>
                    <${Waiting} count=${nav?.count && waiting?.[nav.count]} />
                  </a>
                </li>`,
            )}
          </ul>
        </div>`,
    )}
  </nav>`
}

/** How many wait for a person. */
function Waiting({ count }) {
  if (!count) return null
  return html`<span class="nav-count num">${formatNumber(count)}<span class="visually-hidden"> waiting</span></span>`
}

/** A page or one below it. @param {string} current @param {string} path */
const isWithin = (current, path) => current === path || (path !== '/' && current.startsWith(`${path}/`))

const THEMES = ['auto', 'light', 'dark']
const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' }
const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length])

function Foot({ onHelp }) {
  const chosen = useStore(theme)
  const { caller, open } = useSession()
  return html`<div class="side-foot">
    ${
      caller &&
      !open &&
      html`<div class="spread who"><span class="truncate small soft" title=${caller}>${caller}</span>
        <${Button} kind="quiet" small icon="logout" label="Sign out" onClick=${signOut} /></div>`
    }
    <div class="row">
      <${Button} kind="quiet" small icon=${THEME_ICONS[chosen]} label=${`Theme: ${chosen}`} onClick=${nextTheme} />
      <${Button} kind="quiet" small icon="keyboard" label="Keys" onClick=${onHelp} />
      <${Button} kind="quiet" small icon="book" href="/docs" label="API documentation" />
    </div>
  </div>`
}

const WORDS = { loading: 'Connecting', live: 'Live', lost: 'Offline' }

function Connection() {
  const { state } = useStore(connection)
  return html`<span class="connection" data-state=${state}>${WORDS[state]}</span>`
}

function Lost() {
  const { state, reason } = useStore(connection)
  return html`<div role="alert">
    ${
      state === 'lost' &&
      html`<${Notice} kind="bad" title="The server can not be asked">
        <p>${reason ? `${reason[0]?.toUpperCase()}${reason.slice(1)}. `.replace('.. ', '. ') : ''}The page goes on trying; what it shows may be old.</p>
      <//>`
    }
  </div>`
}

function Mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" />
    <path d="M8 21l6-11 5 8 5-7" />
  </svg>`
}
