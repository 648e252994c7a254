import {
  api,
  Button,
  Card,
  ErrorBox,
  html,
  Json,
  Loading,
  Page,
  Tabs,
  Time,
  toast,
  useAction,
  usePoll,
  useSession,
  useState,
} from '../kit.js'
import { Candidates } from './product-candidates.js'
import { Comparison } from './product-comparison.js'
import { EditProduct } from './product-edit.js'
import { PriceCard } from './product-history.js'
import { ProductLog } from './product-log.js'
import { RawAnswer } from './product-raw.js'
import { Standing } from './product-standing.js'

/** Often while something is on its way to Amazon and back, seldom otherwise. */
const EVERY_MS = { moving: 1_500, resting: 15_000 }
/** After somebody asked for it, it moves within this time. */
const SOON_MS = 30_000

export default function ProductPage({ params }) {
  const [moving, setMoving] = useState(false)
  const [askedAt, setAskedAt] = useState(0)
  const soon = Date.now() - askedAt < SOON_MS
  const path = `/products/${encodeURIComponent(params.id)}`
  const { data, error, reload } = usePoll(path, undefined, {
    everyMs: moving || soon ? EVERY_MS.moving : EVERY_MS.resting,
  })
  // While the next product is on its way, the one before is still there.
  const product = data?.id === params.id ? data : undefined
  const isMoving = ['pending', 'queued'].includes(product?.syncStatus)
  if (product && isMoving !== moving) setMoving(isMoving)

  const back = { href: '/ui/products', label: 'Products' }
  if (!product)
    return html`<${Page} title="Product" back=${back}>
      ${error ? html`<${ErrorBox} error=${error} retry=${reload} title="The product could not be read" />` : html`<${Loading} label="Loading the product" rows=${8} />`}
    <//>`
  return html`<${Product} key=${product.id} product=${product} back=${back} reload=${reload} error=${error} onAsked=${() => setAskedAt(Date.now())} />`
}

function Product({ product, back, reload, error, onAsked }) {
  const { may } = useSession()
  const [editing, setEditing] = useState(false)
  const [chosen, setMarketplace] = useState(null)
  const [sync, syncing] = useAction(() => api.post('/api/sync/force', { filter: { sku: product.sku } }))
  const { marketplaces } = product
  const marketplace = marketplaces.find(({ marketplaceId }) => marketplaceId === chosen) ?? marketplaces[0]
  const candidates = product.marketData.filter(
    ({ marketplaceId }) => marketplaceId === marketplace?.marketplaceId,
  )

  async function syncNow() {
    const job = await sync()
    if (!job) return
    toast('Amazon is asked again', { kind: 'good', href: `/ui/jobs/${job.syncId}`, link: 'Follow it' })
    onAsked()
  }

  const actions = html`
    ${may('products') && !editing && html`<${Button} icon="edit" onClick=${() => setEditing(true)}>Edit<//>`}
    ${may('sync') && html`<${Button} kind="primary" icon="play" busy=${syncing.busy} onClick=${syncNow}>Sync now<//>`}`
  return html`
    <${Page} title=${product.title ?? product.sku} lead=${`SKU ${product.sku}`} back=${back} actions=${actions}>
      ${error && html`<${ErrorBox} error=${error} retry=${reload} title="What is shown may be old" />`}
      ${syncing.error && html`<${ErrorBox} error=${syncing.error} title="The sync was not started" />`}
      ${editing && html`<${EditProduct} product=${product} onDone=${() => setEditing(false)} reload=${reload} />`}
      ${
        marketplaces.length > 1 &&
        html`<${Tabs}
          label="Marketplace"
          items=${marketplaces.map((one) => ({ key: one.marketplaceId, label: one.countryCode }))}
          active=${marketplace.marketplaceId}
          onChange=${setMarketplace}
        />`
      }
      <div class="product-top">
        <${Comparison} product=${product} item=${candidates.find((one) => one.chosen)} marketplace=${marketplace} />
        <${Standing} product=${product} marketplace=${marketplace} />
      </div>
      <${Candidates} product=${product} candidates=${candidates} marketplace=${marketplace} reload=${reload} />
      ${candidates.some((one) => one.chosen) && html`<${PriceCard} product=${product} marketplace=${marketplace} />`}
      <${ProductLog} product=${product} marketplaces=${marketplaces} />
      <${Stored} product=${product} candidates=${candidates} marketplace=${marketplace} />
    <//>`
}

/** Amazon's answers themselves are not kept: what is kept of the latest one, and where each part comes from. */
function Stored({ product, candidates, marketplace }) {
  if (candidates.length === 0) return null
  const [{ operation, observedAt, confirmedAt }] = candidates
  const { asin } = candidates.find(({ chosen }) => chosen) ?? candidates[0]
  const { countryCode } = marketplace
  const log = product.logs.find(({ marketplaceId }) => marketplaceId === candidates[0].marketplaceId)
  return html`
    <${Card} title="What is kept of Amazon's answer">
      <div class="stack">
        <p class="soft">
          From <code>${operation}</code>, the same since <${Time} value=${observedAt} absolute />, told last${' '}
          <${Time} value=${confirmedAt} absolute />${log?.amazonRequestId && html`, Amazon's request <code>${log.amazonRequestId}</code>`}.
          The answer as it came is not kept: these fields of it are.
        </p>
        <${Json} label="Show them" value=${candidates} />
        <${RawAnswer} key=${`${countryCode} ${asin}`} asin=${asin} countryCode=${countryCode} />
      </div>
    <//>`
}
