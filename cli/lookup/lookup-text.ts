import type { CandidateView, CodeDocument } from '#services/reporting/lookup/code-document.ts'
import { counted, fittedTable, printable, styled } from '../terminal.ts'

/** The API's answer to a batch of codes. */
export interface CodeBatch {
  readonly results: readonly CodeDocument[]
  readonly failed: number
}

/** What became of each code, for people: a table of its candidates with the reasons for the first. */
export function lookupText({ results }: CodeBatch): string {
  return results.map(codeText).join('\n\n')
}

function codeText(document: CodeDocument): string {
  const { error, note, diagnosis, candidates, reason, matchedAgainst } = document
  const lines = [styled('bold', headline(document))]
  if (note !== null) lines.push(note)
  if (candidates.length === 0) {
    lines.push(styled('red', printable(error?.message ?? reason ?? 'Amazon has nothing for it.')))
    // The message has the first one.
    for (const { code, why } of diagnosis?.proposals.slice(1) ?? []) lines.push(`  or ${code}: ${why}`)
    return lines.join('\n')
  }
  lines.push(fittedTable([HEADS, ...candidates.map(row)]))
  if (reason !== null) lines.push(printable(reason))
  if (matchedAgainst !== null) lines.push(styled('dim', against(matchedAgainst)))
  const best = candidates[0]!
  if (best.reasons.length > 1)
    lines.push(...[`Why ${best.asin} is first:`, ...best.reasons.map((why) => `  ${printable(why)}`)])
  return lines.join('\n')
}

const HEADS = ['', 'ASIN', 'score', 'rank', 'pack', 'price', 'brand', 'title']

function row(candidate: CandidateView): (string | number)[] {
  const { asin, chosen, score, SalesRank, packageQuantity, price, brand, Title } = candidate
  return [
    chosen ? '→' : '',
    asin,
    score.toFixed(2),
    SalesRank ?? '–',
    packageQuantity ?? '–',
    price === null ? '–' : `${price.amount} ${price.currency ?? ''}`.trim(),
    printable(brand ?? '–'),
    printable(Title ?? '–'),
  ]
}

function headline({
  code,
  kind,
  gtin14,
  repair,
  countryCode,
  candidates,
  source,
  observedAt,
}: CodeDocument): string {
  const what = [
    ...(kind === null ? [] : [kind]),
    ...(gtin14 === null || gtin14 === code ? [] : [gtin14]),
    ...(repair === null ? [] : [`repaired: ${repair}`]),
  ].join(', ')
  const from =
    source === null
      ? ''
      : `, ${source === 'amazon' ? 'from Amazon' : 'from the database'}, observed ${observedAt}`
  return `${printable(code)}${what ? ` (${what})` : ''} in ${countryCode}: ${counted(candidates.length, 'item')}${from}`
}

function against({
  from,
  sku,
  title,
  brand,
  packQuantity,
}: NonNullable<CodeDocument['matchedAgainst']>): string {
  const facts = [
    ...(title === null ? [] : [`title ${JSON.stringify(title)}`]),
    ...(brand === null ? [] : [`brand ${JSON.stringify(brand)}`]),
    ...(packQuantity === null ? [] : [`pack of ${packQuantity}`]),
  ]
  const whose = from === 'catalogue' ? `product ${sku} of the catalogue` : 'what you told'
  return printable(`Compared with ${whose}${facts.length > 0 ? `: ${facts.join(', ')}` : ''}.`)
}
