import { formatMoney, formatNumber, html, Icon, useEffect, useRef } from '../kit.js'
import { Reasons } from './product-candidates.js'
import { agreement, Differs } from './product-comparison.js'
import { Asin, Picture } from './product-links.js'

/** What a side can not have. */
const NONE = ''

/**
 * Ours and the candidates as columns whose rows stand level (a subgrid); on a phone one below the other. `marked`: the ASIN
 * that the keys decide about.
 */
export function Columns({ match, marked, onMark, verdict }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => {
    const column = box.current?.querySelector('[data-marked]')
    if (column) showWithin(column.parentElement, column)
  }, [marked])
  return html`
    <div class="match-columns" role="group" aria-label="Ours and the candidates" tabindex="0" ref=${box}>
      <${Column} head=${html`<b>Ours</b><span class="soft small"><code>${match.upc}</code></span>`} label="Ours" class="ours" rows=${ourRows(match)} />
      ${match.candidates.map(
        (one) => html`<${Column}
          key=${one.asin}
          class=${`candidate-column ${one.verdict ?? ''}`}
          marked=${one.asin === marked}
          onMark=${() => onMark(one.asin)}
          label=${`Candidate ${one.asin}${one.asin === marked ? ', marked' : ''}`}
          head=${html`<${Asin} asin=${one.asin} countryCode=${match.countryCode} />${one.chosen && html`<span class="candidate-chosen"><${Icon} name="check" />Chosen</span>`}`}
          verdict=${verdict(one)}
          rows=${theirRows(match, one)}
        />`,
      )}
    </div>`
}

/** Brings the marked column into sight sideways; the page itself stays where it is. */
function showWithin(box, column) {
  const [outer, inner] = [box.getBoundingClientRect(), column.getBoundingClientRect()]
  const ours = box.firstElementChild.getBoundingClientRect().width
  if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right
  else if (inner.left < outer.left + ours) box.scrollLeft -= outer.left + ours - inner.left
}

function Column({ head, rows, verdict, marked, onMark, label, class: names }) {
  return html`
    <article class=${`match-column ${names}`} data-marked=${marked ? 'true' : undefined} aria-label=${label} onClick=${onMark}>
      <header class="row">${head}</header>
      <div class="verdict stack-small">${verdict}</div>
      <dl>
        ${rows.map(
          // Ours has no rank and no price: its cell keeps the row level, and says nothing.
          ([
            name,
            value,
            agrees,
          ]) => html`<div key=${name} data-agrees=${agrees ?? undefined} aria-hidden=${value === NONE ? 'true' : undefined} class=${value === NONE ? 'none' : ''}>
            <dt>${name}</dt>
            <dd>${value ?? html`<span class="faint">–</span>`}${agrees === 'differs' && html`<${Differs} />`}</dd>
          </div>`,
        )}
      </dl>
    </article>`
}

/** The same rows in the same order in each column: they stand level. */
const ourRows = (match) => [
  ['Title', match.title],
  ['Brand', match.brand],
  ['Pack', match.packQuantity],
  ['Category', match.category],
  ['Rank', NONE],
  ['Kind', NONE],
  ['Price', NONE],
  ['Picture', NONE],
  ['Evidence', NONE],
]

function theirRows(match, one) {
  const {
    title,
    brand,
    packageQuantity,
    salesRank,
    salesRankCategory,
    itemClassification,
    productType,
    price,
    currency,
    offerCount,
  } = one
  const offers = offerCount === null ? '' : ` of ${offerCount === 1 ? 'one offer' : `${offerCount} offers`}`
  return [
    ['Title', title],
    ['Brand', brand, agreement(match.brand, brand)],
    ['Pack', packageQuantity, agreement(match.packQuantity, packageQuantity)],
    ['Category', salesRankCategory],
    ['Rank', salesRank && `#${formatNumber(salesRank)}`],
    ['Kind', (itemClassification ?? productType)?.replaceAll('_', ' ').toLowerCase()],
    ['Price', price && `${formatMoney(price, currency)}${offers}`],
    ['Picture', html`<${Picture} url=${one.imageUrl} of=${one.asin} />`],
    ['Evidence', html`<${Reasons} reasons=${one.reasons} />`],
  ]
}
