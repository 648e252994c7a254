import { Card, html, Icon } from '../kit.js'
import { Asin, Picture } from './product-links.js'

/** Ours beside Amazon's, field by field; where they differ, it says so. */
export function Comparison({ product, item, marketplace }) {
  const theirs = item ?? {}
  const rows = [
    ['Title', product.title, theirs.title, false],
    ['Brand', product.brand, theirs.brand, differs(product.brand, theirs.brand)],
    [
      'Pack',
      product.packQuantity,
      theirs.packageQuantity,
      differs(product.packQuantity, theirs.packageQuantity),
    ],
    ['Category', product.category, theirs.salesRankCategory ?? theirs.productType, false],
    [
      'Code',
      product.upc && html`<code>${product.upc}</code>`,
      product.gtin14 && item && html`<code>${product.gtin14}</code>`,
      false,
    ],
    ['Supplier', product.supplier, null, false],
    ['ASIN', null, item && html`<${Asin} asin=${item.asin} countryCode=${marketplace.countryCode} />`, false],
    ['Sales rank', null, item?.salesRank && `#${new Intl.NumberFormat('en').format(item.salesRank)}`, false],
    ['Picture', null, item?.imageUrl && html`<${Picture} url=${item.imageUrl} of=${item.asin} />`, false],
  ].filter(([, ours, amazons]) => filled(ours) || filled(amazons))
  return html`
    <${Card} title=${item ? "Ours and Amazon's" : 'Ours'} lead=${item ? undefined : 'No item of Amazon is chosen.'} flush>
      <table class="comparison">
        <caption class="visually-hidden">The product as its owner wrote it beside the item that was chosen</caption>
        <thead>
          <tr><td></td><th scope="col">Ours</th>${item && html`<th scope="col">Amazon's</th>`}</tr>
        </thead>
        <tbody>
          ${rows.map(
            ([label, ours, amazons, different]) => html`
              <tr key=${label} class=${different ? 'is-different' : ''}>
                <th scope="row">${label}</th>
                <td>${filled(ours) ? ours : html`<span class="soft">–</span>`}</td>
                ${
                  item &&
                  html`<td>
                    ${filled(amazons) ? amazons : html`<span class="soft">–</span>`}
                    ${different && html`<${Differs} />`}
                  </td>`
                }
              </tr>`,
          )}
        </tbody>
      </table>
    <//>`
}

const filled = (value) => value !== null && value !== undefined && value !== ''

const differs = (ours, theirs) => agreement(ours, theirs) === 'differs'

/**
 * Whether both sides say the same, whatever the case and the punctuation; null: one of them does not know.
 * @returns {'same' | 'differs' | null}
 */
export function agreement(ours, theirs) {
  if (!filled(ours) || !filled(theirs)) return null
  return plain(ours) === plain(theirs) ? 'same' : 'differs'
}

const plain = (value) =>
  String(value)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

/** Says that a field differs from ours. */
export const Differs = () => html`<span class="differs"><${Icon} name="alert" />differs</span>`
