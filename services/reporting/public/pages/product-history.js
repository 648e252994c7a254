import {
  Card,
  Chart,
  Empty,
  ErrorBox,
  Facts,
  formatMoney,
  html,
  Loading,
  Num,
  StatePill,
  Table,
  Time,
  useMemo,
  useQuery,
} from '../kit.js'
import { priceSteps } from './product-prices.js'

/** Changes that are plotted and listed at most: what the API tells at once. */
const CHANGES = 200
/** How fresh each level is, by what it asks for. */
const LEVELS = { price: 'Asked for: the price', offers: 'Asked for: all offers' }
const CHANNELS = { AFN: 'Amazon', MFN: 'the seller' }

/** What the match costs, how that changed, and how fresh it is. */
export function PriceCard({ product, marketplace }) {
  const { data, error, loading, reload } = useQuery(`/products/${product.id}/prices`, { limit: CHANGES })
  const prices = data?.items.find(({ marketplaceId }) => marketplaceId === marketplace.marketplaceId)
  if (error)
    return html`<${Card} title="Price"><${ErrorBox} error=${error} retry=${reload} title="Prices could not be read" /><//>`
  if (loading && !data)
    return html`<${Card} title="Price"><${Loading} label="Loading prices" rows=${4} /><//>`
  if (!prices) return null
  const currency = currencyOf(prices)
  const empty = prices.history.length === 0
  return html`
    <${Card} title=${currency ? `Price in ${currency}` : 'Price'} lead="What Amazon told, and since when; a line goes on until the next change.">
      <div class="stack">
        <${Facts} items=${now(prices, currency)} columns=${4} />
        ${
          empty
            ? html`<${Empty} title="No price so far" icon="info">${waiting(prices.states)}<//>`
            : html`<${History} prices=${prices} currency=${currency} />`
        }
      </div>
    <//>`
}

/** A change may be one in the seller alone: its currency is the one that any of them names. */
function currencyOf({ featured, history }) {
  return featured?.currency ?? history.find((change) => change.currency)?.currency ?? null
}

function now({ featured, offers, offerCounts, states }, currency) {
  const items = []
  if (featured)
    items.push(
      {
        label: 'Featured offer',
        value: featured.price === null ? 'none' : formatMoney(featured.price, featured.currency ?? currency),
      },
      {
        label: 'Its shipping',
        value:
          featured.shipping === null ? '–' : formatMoney(featured.shipping, featured.currency ?? currency),
      },
      {
        label: 'Told',
        value: html`<${Time} value=${featured.observedAt} /> by <code>${featured.operation}</code>`,
      },
    )
  if (offers)
    items.push(
      {
        label: 'Lowest new',
        value: offers.lowestPrice === null ? '–' : formatMoney(offers.lowestPrice, currency),
      },
      { label: 'Sent by', value: CHANNELS[offers.fulfillmentChannel] ?? '–' },
    )
  if (offerCounts) items.push({ label: 'New offers', value: html`<${Num} value=${offerCounts.newOffers} />` })
  for (const { level, state } of states)
    items.push({ label: LEVELS[level] ?? level, value: html`<${StatePill} state=${state} of="price" />` })
  return items
}

function waiting(states) {
  if (states.length === 0) return 'Prices of this match are not asked for (OFFERS_POLICY).'
  if (states.some(({ state }) => state === 'pending' || state === 'queued'))
    return 'It is asked for at the slower rate that Amazon has for prices.'
  return states.find(({ lastReason }) => lastReason)?.lastReason ?? 'Amazon told none.'
}

function History({ prices, currency }) {
  const { history } = prices
  const { times, featured, lowest, offers } = useMemo(() => priceSteps(prices), [prices])
  const series = [
    { label: 'Featured offer', values: featured, tone: 'accent', step: true },
    ...(lowest.some((value) => value !== null)
      ? [{ label: 'Lowest new', values: lowest, tone: 'good', step: true }]
      : []),
  ]
  const money = (value) => (value === null ? '–' : currency ? formatMoney(value, currency) : String(value))
  const columns = [
    {
      key: 'observedAt',
      label: 'Told',
      wide: true,
      render: (row) => html`<${Time} value=${row.observedAt} absolute />`,
    },
    {
      key: 'price',
      label: 'Featured',
      align: 'end',
      render: (row) => amount(row.price, row.currency ?? currency),
    },
    {
      key: 'shipping',
      label: 'Shipping',
      align: 'end',
      render: (row) => amount(row.shipping, row.currency ?? currency),
    },
    {
      key: 'lowestPrice',
      label: 'Lowest new',
      align: 'end',
      render: (row) => amount(row.lowestPrice, row.currency ?? currency),
    },
    {
      key: 'offerCount',
      label: 'New offers',
      align: 'end',
      render: (row) => html`<${Num} value=${row.offerCount} />`,
    },
    {
      key: 'operation',
      label: 'By',
      hide: 'phone',
      render: (row) => html`<code class="small">${row.operation}</code>`,
    },
  ]
  return html`
    <${Chart} label="Price history" times=${times} series=${series} height=${240} format=${money}
      empty="One price so far: a line begins with the second." />
    ${
      offers.some((count) => count !== null) &&
      times.length > 1 &&
      html`<${Chart} label="New offers" times=${times} height=${120} format=${(value) => (value === null ? '–' : String(value))}
        series=${[{ label: 'New offers', values: offers, tone: 'violet', step: true }]} />`
    }
    <details class="disclosure">
      <summary>${history.length === 1 ? 'The change' : `${history.length === CHANGES ? `The newest ${CHANGES}` : `All ${history.length}`} changes`} as a table</summary>
      <${Table} caption="Price changes, the newest first" columns=${columns} rows=${history}
        rowKey=${(row) => `${row.level} ${row.observedAt}`} />
    </details>`
}

const amount = (value, currency) => (value === null ? '–' : currency ? formatMoney(value, currency) : value)
