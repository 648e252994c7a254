import { Button, Card, Empty, formatMoney, formatNumber, html, Icon, Meter, useSession } from '../kit.js'
import { Asin, Picture } from './product-links.js'

/** Every candidate of the latest answer with its score and what it is made of. */
export function Candidates({ product, candidates, marketplace }) {
  const { may } = useSession()
  if (!marketplace) return null
  const actions =
    candidates.length > 0 &&
    may('products') &&
    html`<${Button} small icon="scale" kind=${marketplace.state === 'ambiguous' ? 'primary' : 'default'}
      href=${`/ui/review?match=${product.id}/${marketplace.marketplaceId}`}>
      ${marketplace.state === 'ambiguous' ? 'Decide' : 'Change the match'}
    <//>`
  return html`
    <${Card} title=${candidates.length === 0 ? 'Candidates' : `Candidates (${candidates.length})`} actions=${actions}>
      ${candidates.length === 0 && html`<${Empty} title=${emptyTitle(marketplace.state)} icon="scale">${emptyText(marketplace.state)}<//>`}
      <ol class="candidates">
        ${candidates.map(
          (candidate) => html`<li key=${candidate.asin}>
            <${Candidate} candidate=${candidate} countryCode=${marketplace.countryCode} />
          </li>`,
        )}
      </ol>
    <//>`
}

const emptyTitle = (state) => (['pending', 'queued'].includes(state) ? 'Not asked yet' : 'No candidate')
function emptyText(state) {
  if (['pending', 'queued'].includes(state)) return 'Amazon has not answered for this code so far.'
  if (state === 'invalid') return 'The code is none that Amazon could be asked for: mend it.'
  if (state === 'restricted') return 'The code is for use inside shops: nobody may trade under it.'
  return 'Amazon has no item under this code.'
}

/** One candidate: what it is, how it scored, and why. */
export function Candidate({ candidate, countryCode, children }) {
  const { asin, title, chosen, score, reasons, imageUrl } = candidate
  return html`
    <article class="candidate" data-chosen=${chosen ? 'true' : 'false'} aria-label=${`Candidate ${asin}${chosen ? ', chosen' : ''}`}>
      <header>
        <div class="spread">
          <${Asin} asin=${asin} countryCode=${countryCode} />
          ${chosen && html`<span class="candidate-chosen"><${Icon} name="check" />Chosen</span>`}
        </div>
        <p class="candidate-title">${title ?? html`<span class="soft">without a title</span>`}</p>
        <p class="soft small">${candidateFacts(candidate).join(' · ')}</p>
      </header>
      <${Meter} value=${Math.round(score * 100)} max=${100} label=${`Score of ${asin}`} tone=${scoreTone(score)} showValue />
      <${Reasons} reasons=${reasons} />
      <footer class="small"><${Picture} url=${imageUrl} of=${asin} /></footer>
      ${children}
    </article>`
}

export const scoreTone = (score) => (score >= 0.75 ? 'good' : score >= 0.4 ? 'accent' : 'bad')

/** What tells candidates apart at a glance. */
export function candidateFacts({
  brand,
  packageQuantity,
  salesRank,
  salesRankCategory,
  price,
  currency,
  itemClassification,
}) {
  return [
    brand,
    packageQuantity && `pack of ${packageQuantity}`,
    salesRank && `#${formatNumber(salesRank)}${salesRankCategory ? ` in ${salesRankCategory}` : ''}`,
    price && currency && formatMoney(price, currency),
    itemClassification === 'VARIATION_PARENT' && 'variation parent',
  ].filter(Boolean)
}

/** Each piece of evidence: what it is about, what was seen, and what it added. */
export function Reasons({ reasons }) {
  return html`
    <ul class="evidence">
      ${reasons.map((reason) => {
        const { about, text, amount } = readReason(reason)
        return html`<li key=${reason}>
          <span>${about && html`<b>${about}</b> `}${text}</span>
          ${amount !== null && html`<span class="num" data-sign=${/^[−×]/.test(amount) ? 'minus' : 'plus'}>${amount}</span>`}
        </li>`
      })}
    </ul>`
}

/**
 * `brand: the same (+0.20)` in its parts. Reasons are words for people: one that is made otherwise is shown as it is.
 * @returns {{ about: string | null, text: string, amount: string | null }}
 */
export function readReason(reason) {
  const [, body = reason, amount = null] = /^(.*) \(([+−×][^()]*)\)$/.exec(reason) ?? []
  const [, about = null, text = body] = /^([a-z][a-z ]{2,20}): (.*)$/.exec(body) ?? []
  return { about, text, amount }
}
