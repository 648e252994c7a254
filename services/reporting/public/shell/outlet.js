import { Component } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../components/button.js'
import { Empty, ErrorBox, Loading } from '../components/notices.js'
import { Page } from '../components/page.js'
import { loadStyle } from '../core/assets.js'
import { html } from '../core/html.js'
import { matchPath, place } from '../core/router.js'
import { useStore } from '../core/store.js'
import { routes } from '../routes.js'

/** @param {string} path */
export function findRoute(path) {
  for (const route of routes) {
    const params = matchPath(route.path, path)
    if (params) return { route, params }
  }
  return null
}

/** Modules that are there, by route. */
const loaded = new Map()

async function load(route) {
  const [module] = await Promise.all([route.load(), ...[route.css ?? []].flat().map(loadStyle)])
  loaded.set(route.path, module.default)
}

/** The page that the address names. */
export function Outlet() {
  const { path } = useStore(place)
  const found = findRoute(path)
  const wanted = found?.route ?? null
  const [, setLoaded] = useState(0)
  const [error, setError] = useState(/** @type {any} */ (null))
  const [round, setRound] = useState(0)
  const ready = wanted && loaded.get(wanted.path)

  useEffect(() => {
    setError(null)
    if (!wanted || loaded.has(wanted.path)) return
    let gone = false
    load(wanted).then(
      () => gone || setLoaded((n) => n + 1),
      (failed) => gone || setError(failed),
    )
    return () => {
      gone = true
    }
    // A new round tries again.
  }, [wanted, round])

  if (!found) return html`<${Unknown} path=${path} />`
  if (error)
    return html`<${Page} title=${found.route.title}>
      <${ErrorBox} error=${error} title="The page could not be loaded" retry=${() => setRound(round + 1)} />
      <p class="soft">After an upgrade of the server, <a href=${path} target="_self">load it anew</a>.</p>
    <//>`
  if (!ready)
    return html`<${Page} title=${found.route.title}><${Loading} label=${`Loading ${found.route.title}`} rows=${6} /><//>`
  return html`<${Boundary} key=${path}><${ready} params=${found.params} /><//>`
}

function Unknown({ path }) {
  return html`<${Page} title="There is no such page">
    <${Empty} title=${`Nothing is at ${path}`} icon="search" action=${html`<${Button} href="/" kind="primary">To the overview<//>`} />
  <//>`
}

/** A page that fails leaves the rest standing. */
class Boundary extends Component {
  constructor() {
    super()
    this.state = { error: null }
  }
  componentDidCatch(error) {
    console.error(error)
    this.setState({ error })
  }
  render() {
    const { error } = /** @type {{ error: any }} */ (this.state)
    if (!error) return this.props.children
    return html`<${Page} title="This page has failed">
      <${ErrorBox} error=${error} title="A mistake of ours" retry=${() => this.setState({ error: null })} />
    <//>`
  }
}
