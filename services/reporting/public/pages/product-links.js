import { html, Icon } from '../kit.js'

/** Amazon's shops by the country code that Amazon gives a marketplace (libs/sp-api/marketplaces.ts; a test holds it). */
export const SHOPS = {
  CA: 'amazon.ca',
  US: 'amazon.com',
  MX: 'amazon.com.mx',
  BR: 'amazon.com.br',
  IE: 'amazon.ie',
  ES: 'amazon.es',
  UK: 'amazon.co.uk',
  FR: 'amazon.fr',
  BE: 'amazon.com.be',
  NL: 'amazon.nl',
  DE: 'amazon.de',
  IT: 'amazon.it',
  SE: 'amazon.se',
  ZA: 'amazon.co.za',
  PL: 'amazon.pl',
  EG: 'amazon.eg',
  TR: 'amazon.com.tr',
  SA: 'amazon.sa',
  AE: 'amazon.ae',
  IN: 'amazon.in',
  SG: 'amazon.sg',
  AU: 'amazon.com.au',
  JP: 'amazon.co.jp',
}

/** An ASIN that leads to its page at Amazon. */
export function Asin({ asin, countryCode }) {
  const shop = SHOPS[countryCode]
  if (!shop) return html`<code>${asin}</code>`
  return html`<a class="asin" href=${`https://www.${shop}/dp/${encodeURIComponent(asin)}`} target="_blank" rel="noopener noreferrer"
    ><code>${asin}</code><${Icon} name="external" /><span class="visually-hidden"> at ${shop}, in a new tab</span></a
  >`
}

/** Amazon's picture is a link: this page shows nothing of other servers. */
export function Picture({ url, of }) {
  // What it is, Amazon says: nothing but an address of the web becomes a link.
  if (!url?.startsWith('https://')) return html`<span class="soft">no picture</span>`
  return html`<a class="asin" href=${url} target="_blank" rel="noopener noreferrer"
    >Picture<${Icon} name="image" /><span class="visually-hidden"> of ${of}, in a new tab</span></a
  >`
}
