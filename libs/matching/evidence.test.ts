import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBrands, normalizeBrand } from './brand.ts'
import { defaultMatching } from './config.ts'
import { comparePacks, packOf } from './pack.ts'
import { compareSizes, sizesOf } from './size.ts'
import { normalize, titleSimilarity, titleWords } from './text.ts'

describe('weights', () => {
  const w = defaultMatching.weights

  it('put pack before brand before title before rank', () => {
    expect(w.pack).toBeGreaterThan(w.brand)
    expect(w.brand).toBeGreaterThan(w.title)
    expect(w.title).toBeGreaterThan(w.salesRank)
  })

  it('keep a score within 0 and 1 without being cut', () => {
    // singleUnit is given only where the pack is unknown, so never together with pack.
    expect(w.start + w.pack + w.brand + w.partNumber + w.size + w.title + w.salesRank).toBeLessThanOrEqual(
      1.0001,
    )
    expect(w.start - w.pack - w.brand - w.size - w.title - w.bundle - w.foreignGtins).toBeGreaterThan(0)
  })
})

describe('the short way for plain ASCII', () => {
  const plain = fc.string({ unit: 'grapheme-ascii' })
  // What follows the accent takes the long way, and a number that is none of a pack.
  it('normalises as the long way does', () => {
    fc.assert(
      fc.property(plain, (text) => {
        expect(`${normalize(text)} e`.trim()).toBe(normalize(`${text} é`))
      }),
    )
  })

  it('reads packs as the long way does', () => {
    const word = fc.constantFrom(
      'Pack of',
      '3',
      '12',
      'six',
      'pk',
      'x',
      '500 ml',
      'count',
      'set of',
      '(x 4)',
      'tea',
      ',',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (parts) => {
        const title = parts.join(' ')
        expect(packOf(title, null)).toEqual(packOf(`é ${title}`, null))
      }),
    )
  })
})

describe('packOf', () => {
  it.each<[string | null, number | null, number | null, number | null]>([
    ['Soap, Pack of 3', null, 3, null],
    ['Soap 3-Pack', null, 3, null],
    ['Soap (3 pk)', null, 3, null],
    ['Soap 3pk', null, 3, null],
    ['Soap Twin Pack', null, 2, null],
    ['Soap six-pack', null, 6, null],
    ['Soap, Case of 12', null, 12, null],
    ['Socken 3er-Pack', null, 3, null],
    ['Savon, lot de 4', null, 4, null],
    ['Jabón, paquete de 2', null, 2, null],
    ['Wasser 6 x 1,5 L', null, 6, null],
    ['Soap (x4)', null, 4, null],
    ['石鹸 3個セット', null, 3, null],
    ['Towels 6 ct', null, null, 6],
    ['Towels, 6 Count (Pack of 4)', null, 4, 6],
    ['Vitamin C, 90 Tablets', null, null, 90],
    ['Knives, set of 5', null, null, 5],
    ['Dübel 50 Stück', null, null, 50],
    ['Towels, 6 Count', 6, 1, 6],
    ['Towels, 6 Count (Pack of 4)', 24, 4, 6],
    ['Soap, Pack of 3', 1, 3, null],
    ['Soap, Pack of 3', 5, null, null],
    ['Soap', 4, 4, null],
    ['Soap', 0, null, null],
    ['Soap', 1.5, null, null],
    ['Soap, Pack of 0', null, null, null],
    ['2 Pack or 4 Pack', null, null, null],
    ['Model 300 Lamp', null, null, null],
    ['Frame 10 x 12 in', null, null, null],
    ['1.5 Pack', null, null, null],
    [null, null, null, null],
  ])('%j with quantity %j', (title, quantity, packs, count) => {
    expect(packOf(title, quantity)).toMatchObject({ packs, count })
  })
})

describe('comparePacks', () => {
  it.each<[string, number | null, string, number | null, -1 | 0 | 1]>([
    ['Soap', 1, 'Soap', 1, 1],
    ['Soap', 1, 'Soap, Pack of 12', null, -1],
    ['Soap', null, 'Soap, Pack of 12', null, 0],
    ['Soap', 1, 'Soap', null, 0],
    ['Towels', 6, 'Towels 6 Count', 1, 1],
    ['Towels 6 ct', 1, 'Towels 6 Count', 6, 1],
    ['Towels 6 ct', null, 'Towels 12 Count', null, -1],
    ['Towels 6 ct, 2 pack', null, 'Towels 12 Count', null, 1],
    ['Towels 6 ct', 1, 'Towels 6 ct', 3, -1],
    ['Batteries', 1, 'Batteries 6 Count', null, 0],
  ])('%j × %j and %j × %j', (ours, ourQuantity, theirs, theirQuantity, value) => {
    const a = packOf(ours, ourQuantity)
    const b = packOf(theirs, theirQuantity)
    expect(comparePacks(a, b)).toBe(value)
    expect(comparePacks(b, a)).toBe(value)
  })
})

describe('sizes', () => {
  it.each<[string, string, -1 | 0 | 1]>([
    ['Water 500 ml', 'Water 16.9 Fl Oz', 1],
    ['Coffee 12 oz', 'Coffee 340g', 1],
    ['Water 1,5 L', 'Water 1500ml', 1],
    ['Sugar 2 lb', 'Sugar, 32 ounces', 1],
    ['Sugar 2 lb', 'Sugar, 5 pounds', -1],
    ['SSD 1TB', 'SSD 1000 GB', 1],
    ['SSD 1TB', 'SSD 2 TB', -1],
    ['TV 55"', 'TV 55-inch', 1],
    ['Vitamin C 500 mg', 'Vitamin C 1,000 mg', -1],
    ['Water 12 oz', 'Water 12 oz, Pack of 3 (36 oz total)', 1],
    ['Water 500 ml', 'Water', 0],
    ['Vitamin C 500 mg', 'Vitamin C 100 g', 0],
  ])('%j and %j', (ours, theirs, value) => {
    expect(compareSizes(sizesOf(ours), sizesOf(theirs))).toBe(value)
  })
})

describe('brands', () => {
  it.each([
    ['ACME, Inc.', 'acme'],
    ['The Acme Company', 'acme'],
    ['Acme & Co. KG', 'acme'],
    ['Société Générale S.A.', 'societe generale s a'],
    ['Visit the Acme Store', 'acme'],
    ["Kellog's", 'kellogs'],
    ['Generic', null],
    ['N/A', null],
    ['', null],
    [null, null],
    ['Company', 'company'],
  ])('%j is %j', (brand, name) => {
    expect(normalizeBrand(brand)).toBe(name)
  })

  it.each<[string, string, number]>([
    ['Acme', 'ACME Inc', 1],
    ['Black+Decker', 'BLACK & DECKER', 1],
    ['Hewlett Packard', 'HP', 1],
    ['Coca Cola', 'Coca-Cola', 1],
    ['Kleen Ex', 'Kleenex', 1],
    ['Sony', 'Sony Electronics', 0.7],
    ['Mountainway', 'Mountanway', 0.7],
    ['Canon', 'Canyon', -1],
    ['Sony', 'ソニー', 0],
    ['Acme', 'Barkwell', -1],
  ])('%j and %j', (ours, theirs, value) => {
    const a = normalizeBrand(ours)!
    const b = normalizeBrand(theirs)!
    expect(compareBrands(a, b, defaultMatching.brandAliases).value).toBe(value)
    expect(compareBrands(b, a, defaultMatching.brandAliases).value).toBe(value)
  })
})

describe('titleSimilarity', () => {
  const alike = (ours: string | null, theirs: string | null) =>
    titleSimilarity(titleWords(ours), titleWords(theirs))

  it('is 1 for the same words in any order and 0 for none shared', () => {
    expect(alike('Dark Roast Coffee', 'coffee, dark-roast')).toBeCloseTo(1)
    expect(alike('Dark Roast Coffee', 'Dog Leash')).toBe(0)
  })

  it('forgives a long title on Amazon more than a missing word', () => {
    const long = alike('Dark Roast Coffee', 'Dark Roast Coffee for French Press and Espresso Machine')
    const missing = alike('Dark Roast Coffee', 'Coffee')
    expect(long!).toBeGreaterThan(missing!)
  })

  it('compares scripts without spaces, and not different scripts', () => {
    expect(alike('台所用はさみ', 'はさみ 台所用')!).toBeGreaterThan(0.5)
    expect(alike('Kitchen scissors', '台所用はさみ')).toBeNull()
    expect(alike(null, 'Kitchen scissors')).toBeNull()
    expect(alike('…', 'Kitchen scissors')).toBeNull()
  })
})
