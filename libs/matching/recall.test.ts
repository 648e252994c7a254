import { expect, it } from 'vitest'
import { CODE, candidate, OTHER_CODES, product } from './fixtures/build.ts'
import { labelledCases } from './fixtures/index.ts'
import { matchProduct } from './match.ts'
import { recallCandidates } from './recall.ts'
import type { CandidateFacts, ProductFacts } from './types.ts'

/** What is stored of a match: no identifiers, no relations, and the reasons. */
function stored(facts: ProductFacts, candidates: readonly CandidateFacts[]) {
  const match = matchProduct(facts, candidates)
  const byAsin = new Map(candidates.map((one) => [one.asin, one]))
  return match.candidates.map(({ asin, reasons }) => {
    const { title, brand, itemClassification, packageQuantity, salesRank } = byAsin.get(asin)!
    return { asin, title, brand, itemClassification, packageQuantity, salesRank, reasons }
  })
}

const verdicts = (facts: ProductFacts, candidates: readonly CandidateFacts[]) => {
  const { outcome, candidates: scored } = matchProduct(facts, candidates)
  return { outcome, scored }
}

// The catalogue has no part numbers of its own.
const cases = labelledCases.map(({ name, product: facts, candidates }) => ({
  name,
  facts: { ...facts, partNumber: null },
  candidates,
}))

it.each(cases)('matched anew from what is stored, it comes to the same: $name', ({ facts, candidates }) => {
  const recalled = recallCandidates(facts, stored(facts, candidates))
  expect(recalled).not.toBeNull()
  expect(verdicts(facts, recalled!)).toEqual(verdicts(facts, candidates))
})

const ASIN = 'B000000AAA'
const facts = { ...product('Lumo Desk Lamp LX-4410', { brand: 'Lumo' }), gtin14: CODE }
const base = `0${CODE.slice(1)}`

it.each<[string, ProductFacts, readonly CandidateFacts[]]>([
  ['codes of others on it', facts, [candidate(ASIN, 'Lumo Desk Lamp', { gtin14s: [CODE, ...OTHER_CODES] })]],
  ['only codes of others', facts, [candidate(ASIN, 'Lumo Desk Lamp', { gtin14s: [...OTHER_CODES] })]],
  [
    'only the same number on another box',
    { ...facts, gtin14: `1${CODE.slice(1)}` },
    [candidate(ASIN, 'Lumo Desk Lamp', { gtin14s: [CODE] })],
  ],
  [
    'the item in the case',
    { ...facts, gtin14: `1${CODE.slice(1)}`, packLevel: 'case', baseGtin14: base },
    [candidate(ASIN, 'Lumo Desk Lamp, 6 pack', { gtin14s: [base] })],
  ],
  ['no identifiers', facts, [candidate(ASIN, 'Lumo Desk Lamp', { gtin14s: [] })]],
  ['a part number', facts, [candidate(ASIN, 'Lumo Lamp', { gtin14s: [CODE], partNumber: 'LX-4410' })]],
  [
    'a variation under the parent that has the code',
    facts,
    [
      candidate('B000000PPP', 'Lumo Desk Lamp', { itemClassification: 'VARIATION_PARENT', gtin14s: [CODE] }),
      candidate(ASIN, 'Lumo Desk Lamp, black', { gtin14s: [], parentAsins: ['B000000PPP'] }),
    ],
  ],
  [
    'a parent that only its children give away',
    facts,
    [
      candidate('B000000PPP', 'Lumo Desk Lamp', {
        itemClassification: null,
        gtin14s: [CODE],
        childAsins: [ASIN],
      }),
      candidate(ASIN, 'Lumo Desk Lamp, black', { gtin14s: [CODE] }),
    ],
  ],
])('is known of: %s', (_, of, candidates) => {
  const recalled = recallCandidates(of, stored(of, candidates))
  expect(recalled).not.toBeNull()
  expect(verdicts(of, recalled!)).toEqual(verdicts(of, candidates))
})

it('is not made up where a reason is none that this release writes', () => {
  const [one] = stored(facts, [candidate(ASIN, 'Lumo Desk Lamp', { gtin14s: [CODE] })])
  expect(recallCandidates(facts, [{ ...one!, reasons: ['exact code'] }])).toBeNull()
})
