import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CODE, candidate, OTHER_CODES, product } from './fixtures/build.ts'
import { labelledCases } from './fixtures/index.ts'
import { matchProduct } from './match.ts'
import type { CandidateFacts } from './types.ts'

const A = 'B000000AAA'
const B = 'B000000BBB'

describe('labelled cases', () => {
  it('are matched with the precision and recall that are claimed', () => {
    let right = 0
    let wrong = 0
    const misses: string[] = []
    const mistakes: string[] = []
    for (const { name, product, candidates, truth } of labelledCases) {
      const { chosenAsin, reason } = matchProduct(product, candidates)
      if (chosenAsin !== null && chosenAsin === truth) right++
      else if (chosenAsin !== null) {
        wrong++
        mistakes.push(`${name}: ${reason}`)
      }
      if (truth !== null && chosenAsin !== truth) misses.push(`${name}: ${reason}`)
    }
    const matchable = labelledCases.filter(({ truth }) => truth !== null).length
    expect(labelledCases.length).toBeGreaterThanOrEqual(30)
    expect(mistakes).toEqual([])
    expect(right / (right + wrong)).toBe(1)
    expect(right / matchable, misses.join('\n')).toBeGreaterThanOrEqual(0.95)
  })

  it.each(labelledCases)('$name', ({ product, candidates }) => {
    const match = matchProduct(product, candidates)
    expect(match.reason.length).toBeGreaterThan(20)
    expect(match.candidates.filter(({ chosen }) => chosen).map(({ asin }) => asin)).toEqual(
      match.chosenAsin === null ? [] : [match.chosenAsin],
    )
    expect(match.outcome === 'success').toBe(match.chosenAsin !== null)
    if (match.chosenAsin !== null) expect(match.candidates[0]?.asin).toBe(match.chosenAsin)
    for (const scored of match.candidates) {
      expect(scored.score).toBeGreaterThanOrEqual(0)
      expect(scored.score).toBeLessThanOrEqual(1)
      expect(scored.reasons[0]).toMatch(/^code: /)
    }
  })
})

describe('the gate', () => {
  it('chooses nothing without the code, however well the rest agrees', () => {
    const match = matchProduct(product('Lumo Desk Lamp', { brand: 'Lumo', packQuantity: 1 }), [
      candidate(A, 'Lumo Desk Lamp', { brand: 'Lumo', packageQuantity: 1, gtin14s: [OTHER_CODES[0]] }),
    ])
    expect(match).toMatchObject({ outcome: 'ambiguous', chosenAsin: null })
    expect(match.candidates[0]!.score).toBeLessThan(0.35)
  })

  it('finds nothing where items of other codes are not alike either', () => {
    const match = matchProduct(product('Lumo Desk Lamp', { brand: 'Lumo' }), [
      candidate(A, 'Bicycle Pump', { gtin14s: [OTHER_CODES[0]] }),
    ])
    expect(match).toMatchObject({ outcome: 'not_found', chosenAsin: null })
    expect(match.reason).toContain(`none of which carries ${CODE}`)
  })

  it('shows the item of a case and never chooses it silently', () => {
    const match = matchProduct(product('Orla Tissues', { packLevel: 'case', baseGtin14: OTHER_CODES[1] }), [
      candidate(A, 'Orla Tissues', { gtin14s: [OTHER_CODES[1]] }),
    ])
    expect(match).toMatchObject({ outcome: 'ambiguous', chosenAsin: null })
    expect(match.reason).toContain('is a case')
  })

  it('names the variations of a parent that stands alone', () => {
    const match = matchProduct(product('Lumo Desk Lamp'), [
      candidate(A, 'Lumo Desk Lamp', { itemClassification: 'VARIATION_PARENT', childAsins: [B] }),
    ])
    expect(match).toMatchObject({ outcome: 'ambiguous', chosenAsin: null })
    expect(match.reason).toContain(B)
  })

  it('takes pages that overlap as one', () => {
    const twice = [candidate(A, 'Lumo', { gtin14s: [CODE] }), candidate(A, 'Lumo', { gtin14s: [] })]
    expect(matchProduct(product('Lumo'), twice)).toMatchObject({ outcome: 'success', chosenAsin: A })
    expect(matchProduct(product('Lumo'), twice).candidates).toHaveLength(1)
  })
})

describe('explanations', () => {
  it('name each piece of evidence with what it added', () => {
    const match = matchProduct(product('Kelp Soap Bar 3-pack', { brand: 'Kelp' }), [
      candidate(A, 'Kelp Soap Bar (Pack of 3)', {
        brand: 'KELP',
        salesRank: 12,
        gtin14s: [CODE, OTHER_CODES[0]],
      }),
    ])
    expect(match.candidates[0]!.reasons).toEqual([
      `code: carries ${CODE} (+0.59)`,
      'pack: agrees, 3 (+0.14)',
      'brand: "KELP" is the same (+0.10)',
      expect.stringMatching(/^title: \d+ % alike \([+−]0\.0\d\)$/),
      'sales rank: rank 12, the best (+0.03)',
      'foreign codes: 1 other code on it (−0.01)',
    ])
  })

  it('say why a single item is doubtful', () => {
    const match = matchProduct(product('Zest Gum', { packQuantity: 1 }), [
      candidate(A, 'Zest Gum, Pack of 12'),
    ])
    expect(match.outcome).toBe('ambiguous')
    expect(match.reason).toBe(
      `${A}, the only item that carries ${CODE}, is doubtful: ` +
        'pack contradicts, 1 in the catalogue, 12 on Amazon.',
    )
  })

  it('give less confidence to a narrow lead than to a wide one', () => {
    const ours = product('Zest Gum', { brand: 'Zest', packQuantity: 1 })
    const best = candidate(A, 'Zest Gum', { brand: 'Zest', packageQuantity: 1, salesRank: 1 })
    const near = matchProduct(ours, [best, { ...best, asin: B, salesRank: 100 }])
    const far = matchProduct(ours, [best, candidate(B, 'Zest Gum, Pack of 12', { brand: 'Zest' })])
    const alone = matchProduct(ours, [best])
    expect(near.chosenAsin).toBe(A)
    expect(near.confidence).toBeLessThan(far.confidence)
    expect(far.confidence).toBeLessThanOrEqual(alone.confidence)
    expect(near.margin).toBeLessThan(far.margin)
  })
})

describe('properties', () => {
  const titles = [
    null,
    'Zest Gum',
    'Zest Gum, Pack of 12',
    'Zest Gum 12 oz',
    'Barkwell Dog Leash',
    'Zest Gum 6 ct',
  ]
  const brands = [null, 'Zest', 'Zest Inc.', 'Barkwell', 'Generic']
  const asins = Array.from({ length: 6 }, (_, i) => `B00000000${i}`)
  const arbitraryCandidate: fc.Arbitrary<CandidateFacts> = fc.record({
    asin: fc.constantFrom(...asins),
    title: fc.constantFrom(...titles),
    brand: fc.constantFrom(...brands),
    itemClassification: fc.constantFrom(null, 'BASE_PRODUCT', 'VARIATION_PARENT', 'PRODUCT_BUNDLE'),
    packageQuantity: fc.constantFrom(null, 1, 6, 12),
    salesRank: fc.constantFrom(null, 1, 50, 90_000),
    gtin14s: fc.subarray([CODE, ...OTHER_CODES]),
    parentAsins: fc.subarray(asins, { maxLength: 1 }),
    childAsins: fc.subarray(asins, { maxLength: 2 }),
  })
  const arbitraryProduct = fc
    .tuple(fc.constantFrom(...titles), fc.constantFrom(...brands), fc.constantFrom(null, 1, 6, 12))
    .map(([title, brand, packQuantity]) => product(title, { brand, packQuantity }))
  const someCandidates = fc.array(arbitraryCandidate, { maxLength: 6 })

  it('the order of candidates and codes changes nothing', () => {
    const shuffled = someCandidates.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc
          .shuffledSubarray(list, { minLength: list.length })
          .map((again) => again.map((c) => ({ ...c, gtin14s: c.gtin14s.toReversed() }))),
      ),
    )
    fc.assert(
      fc.property(arbitraryProduct, shuffled, (ours, [list, again]) => {
        expect(matchProduct(ours, again)).toEqual(matchProduct(ours, list))
      }),
      { numRuns: 500 },
    )
  })

  it('what is chosen carries the code and is no parent', () => {
    fc.assert(
      fc.property(
        arbitraryProduct,
        fc.uniqueArray(arbitraryCandidate, { selector: (c) => c.asin }),
        (ours, list) => {
          const { chosenAsin } = matchProduct(ours, list)
          if (chosenAsin === null) return
          const chosen = list.find((c) => c.asin === chosenAsin)!
          expect(chosen.itemClassification).not.toBe('VARIATION_PARENT')
          if (chosen.gtin14s.length > 0) expect(chosen.gtin14s).toContain(CODE)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('every answer names every ASIN once', () => {
    fc.assert(
      fc.property(arbitraryProduct, someCandidates, (ours, list) => {
        const named = matchProduct(ours, list).candidates.map(({ asin }) => asin)
        expect(new Set(named)).toEqual(new Set(list.map(({ asin }) => asin)))
        expect(named).toHaveLength(new Set(named).size)
      }),
    )
  })

  it('not knowing a brand or pack never costs the only item its match', () => {
    fc.assert(
      fc.property(arbitraryProduct, fc.constantFrom(null, 1, 50), (ours, salesRank) => {
        const bare = candidate(A, null, { salesRank })
        expect(matchProduct(ours, [bare])).toMatchObject({ outcome: 'success', chosenAsin: A })
      }),
    )
  })
})
