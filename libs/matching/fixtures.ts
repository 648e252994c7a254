import type { CandidateFacts, ProductFacts } from './types.ts'

/** An invented case with the answer that a careful person gives; null where that person would not choose either. */
export interface LabelledCase {
  readonly name: string
  readonly product: ProductFacts
  readonly candidates: readonly CandidateFacts[]
  readonly truth: string | null
}

export const CODE = '00036000291452'
export const OTHER_CODES = ['00012345678905', '00614141007349', '04006381333931', '00042100005264'] as const

export const product = (title: string | null, rest: Partial<ProductFacts> = {}): ProductFacts => ({
  gtin14: CODE,
  title,
  brand: null,
  packQuantity: null,
  ...rest,
})

export const candidate = (
  asin: string,
  title: string | null,
  rest: Partial<CandidateFacts> = {},
): CandidateFacts => ({
  asin,
  title,
  brand: null,
  itemClassification: 'BASE_PRODUCT',
  packageQuantity: null,
  salesRank: null,
  gtin14s: [CODE],
  ...rest,
})

const A = 'B000000AAA'
const B = 'B000000BBB'
const C = 'B000000CCC'

const single: readonly LabelledCase[] = [
  {
    name: 'one item, nothing else known',
    product: product(null),
    candidates: [candidate(A, null)],
    truth: A,
  },
  {
    name: 'one item, everything agrees',
    product: product('Morrow Dark Roast Ground Coffee 12 oz', { brand: 'Morrow', packQuantity: 1 }),
    candidates: [
      candidate(A, 'Morrow Ground Coffee, Dark Roast, 12 Ounce Bag', { brand: 'MORROW', packageQuantity: 1 }),
    ],
    truth: A,
  },
  {
    name: 'one item, the title in another language',
    product: product('Tavo Kitchen Scissors', { brand: 'Tavo' }),
    candidates: [candidate(A, 'Tavo Küchenschere, rostfrei', { brand: 'Tavo GmbH' })],
    truth: A,
  },
  {
    name: 'one item, brand in another script',
    product: product('Kirano notebook', { brand: 'Kirano' }),
    candidates: [candidate(A, 'キラノ ノート', { brand: 'キラノ' })],
    truth: A,
  },
  {
    name: 'one item, but a pack of twelve',
    product: product('Halden Sparkling Water 16.9 oz', { brand: 'Halden', packQuantity: 1 }),
    candidates: [candidate(A, 'Halden Sparkling Water, 16.9 Fl Oz (Pack of 12)', { brand: 'Halden' })],
    truth: null,
  },
  {
    name: 'one item, but of another brand',
    product: product('Stainless Steel Garlic Press', { brand: 'Ovela' }),
    candidates: [candidate(A, 'Dog Leash, Reflective Nylon', { brand: 'Barkwell' })],
    truth: null,
  },
  {
    name: 'one item, brand owner in the brand field',
    product: product('Brighton Laundry Detergent 50 oz', { brand: 'Brighton' }),
    candidates: [
      candidate(A, 'Brighton Liquid Laundry Detergent, 50 oz', { brand: 'Consolidated Home Care' }),
    ],
    truth: A,
  },
  {
    name: 'one item, brand by its alias',
    product: product('67 Black Ink Cartridge', { brand: 'Hewlett-Packard' }),
    candidates: [candidate(A, 'HP 67 Ink Cartridge, Black', { brand: 'HP' })],
    truth: A,
  },
  {
    name: 'one item, misspelt brand',
    product: product('Trail Running Socks', { brand: 'Mountainway' }),
    candidates: [candidate(A, 'Trail Running Socks for Men', { brand: 'Mountanway' })],
    truth: A,
  },
  {
    name: 'one item that is a variation parent',
    product: product('Lumo Desk Lamp', { brand: 'Lumo' }),
    candidates: [
      candidate(A, 'Lumo Desk Lamp', {
        brand: 'Lumo',
        itemClassification: 'VARIATION_PARENT',
        childAsins: [B, C],
      }),
    ],
    truth: null,
  },
  {
    name: 'one item, quite another code',
    product: product('Lumo Desk Lamp', { brand: 'Lumo' }),
    candidates: [candidate(A, 'Bicycle Pump', { brand: 'Velox', gtin14s: [OTHER_CODES[0]] })],
    truth: null,
  },
  { name: 'nothing returned', product: product('Lumo Desk Lamp'), candidates: [], truth: null },
]

const packs: readonly LabelledCase[] = [
  {
    name: 'unit and multipack share the code, the catalogue says one',
    product: product('Halden Sparkling Water 16.9 oz', { brand: 'Halden', packQuantity: 1 }),
    candidates: [
      candidate(A, 'Halden Sparkling Water 16.9 oz (Pack of 12)', { brand: 'Halden', salesRank: 40 }),
      candidate(B, 'Halden Sparkling Water, 16.9 oz', {
        brand: 'Halden',
        packageQuantity: 1,
        salesRank: 90_000,
      }),
    ],
    truth: B,
  },
  {
    name: 'the catalogue says twelve',
    product: product('Halden Sparkling Water 16.9 oz', { brand: 'Halden', packQuantity: 12 }),
    candidates: [
      candidate(A, 'Halden Sparkling Water 16.9 oz (Pack of 12)', { brand: 'Halden', salesRank: 90_000 }),
      candidate(B, 'Halden Sparkling Water, 16.9 oz', { brand: 'Halden', packageQuantity: 1, salesRank: 40 }),
      candidate(C, 'Halden Sparkling Water 16.9 oz, 6-Pack', { brand: 'Halden', salesRank: 10 }),
    ],
    truth: A,
  },
  {
    name: "the pack stands in the catalogue's title",
    product: product('Kelp Soap Bar 3-pack', { brand: 'Kelp & Co.' }),
    candidates: [
      candidate(A, 'Kelp Soap Bar', { brand: 'Kelp & Co', packageQuantity: 1, salesRank: 100 }),
      candidate(B, 'Kelp Soap Bar (Pack of 3)', { brand: 'Kelp & Co', salesRank: 5000 }),
    ],
    truth: B,
  },
  {
    name: 'the catalogue says nothing of packs',
    product: product('Pinecrest Air Filter', { brand: 'Pinecrest' }),
    candidates: [
      candidate(A, 'Pinecrest Air Filter (Pack of 6)', { brand: 'Pinecrest' }),
      candidate(B, 'Pinecrest Air Filter', { brand: 'Pinecrest' }),
    ],
    truth: B,
  },
  {
    name: 'six count and a package quantity of six are one thing',
    product: product('Orla Paper Towels 6 ct', { brand: 'Orla' }),
    candidates: [
      candidate(A, 'Orla Paper Towels, 6 Count', { brand: 'Orla', packageQuantity: 6 }),
      candidate(B, 'Orla Paper Towels, 6 Count (Pack of 4)', { brand: 'Orla', packageQuantity: 4 }),
    ],
    truth: A,
  },
  {
    name: 'six in the catalogue, "6 Count" on Amazon',
    product: product('Orla Paper Towels', { brand: 'Orla', packQuantity: 6 }),
    candidates: [
      candidate(A, 'Orla Paper Towels, 12 Count', { brand: 'Orla', packageQuantity: 1 }),
      candidate(B, 'Orla Paper Towels, 6 Count', { brand: 'Orla', packageQuantity: 1 }),
    ],
    truth: B,
  },
  {
    name: 'German multipack',
    product: product('Nordfell Wollsocken', { brand: 'Nordfell', packQuantity: 3 }),
    candidates: [
      candidate(A, 'Nordfell Wollsocken 3er-Pack', { brand: 'Nordfell' }),
      candidate(B, 'Nordfell Wollsocken', { brand: 'Nordfell', packageQuantity: 1 }),
    ],
    truth: A,
  },
  {
    name: 'written out: twin pack',
    product: product('Calda Toothpaste Twin Pack', { brand: 'Calda' }),
    candidates: [
      candidate(A, 'Calda Toothpaste', { brand: 'Calda', packageQuantity: 1 }),
      candidate(B, 'Calda Toothpaste (2 Pack)', { brand: 'Calda' }),
    ],
    truth: B,
  },
  {
    name: 'the default package quantity of one under a multipack title',
    product: product('Zest Chewing Gum', { brand: 'Zest', packQuantity: 1 }),
    candidates: [
      candidate(A, 'Zest Chewing Gum, Pack of 10', { brand: 'Zest', packageQuantity: 1, salesRank: 10 }),
      candidate(B, 'Zest Chewing Gum', { brand: 'Zest', packageQuantity: 1, salesRank: 20 }),
    ],
    truth: B,
  },
  {
    name: 'only wrong packs',
    product: product('Zest Chewing Gum', { brand: 'Zest', packQuantity: 2 }),
    candidates: [
      candidate(A, 'Zest Chewing Gum, Pack of 10', { brand: 'Zest' }),
      candidate(B, 'Zest Chewing Gum', { brand: 'Zest', packageQuantity: 1 }),
    ],
    truth: null,
  },
  {
    name: 'a case code that Amazon knows',
    product: product('Orla Tissues', { brand: 'Orla', packLevel: 'case', baseGtin14: OTHER_CODES[1] }),
    candidates: [
      candidate(A, 'Orla Tissues, 24 Pack', { brand: 'Orla' }),
      candidate(B, 'Orla Tissues', { brand: 'Orla', gtin14s: [OTHER_CODES[1]] }),
    ],
    truth: A,
  },
  {
    name: 'a case code of which Amazon has only the item',
    product: product('Orla Tissues', { brand: 'Orla', packLevel: 'case', baseGtin14: OTHER_CODES[1] }),
    candidates: [candidate(B, 'Orla Tissues', { brand: 'Orla', gtin14s: [OTHER_CODES[1]] })],
    truth: null,
  },
]

const several: readonly LabelledCase[] = [
  {
    name: 'another brand merged onto the code',
    product: product('Ovela Garlic Press', { brand: 'Ovela' }),
    candidates: [
      candidate(A, 'Barkwell Dog Leash', { brand: 'Barkwell', salesRank: 5 }),
      candidate(B, 'Ovela Garlic Press, Stainless Steel', { brand: 'Ovela Inc.', salesRank: 50_000 }),
    ],
    truth: B,
  },
  {
    name: 'an item with many foreign codes',
    product: product('Ovela Garlic Press'),
    candidates: [
      candidate(A, 'Ovela Garlic Press', { gtin14s: [CODE, ...OTHER_CODES] }),
      candidate(B, 'Ovela Garlic Press'),
    ],
    truth: B,
  },
  {
    name: 'parent and children, one child carries the code',
    product: product('Lumo Desk Lamp, white', { brand: 'Lumo' }),
    candidates: [
      candidate(A, 'Lumo Desk Lamp', {
        brand: 'Lumo',
        itemClassification: 'VARIATION_PARENT',
        childAsins: [B, C],
        salesRank: 1,
      }),
      candidate(B, 'Lumo Desk Lamp (White)', { brand: 'Lumo', parentAsins: [A], salesRank: 700 }),
      candidate(C, 'Lumo Desk Lamp (Black)', { brand: 'Lumo', parentAsins: [A], gtin14s: [OTHER_CODES[0]] }),
    ],
    truth: B,
  },
  {
    name: 'a parent without a classification is given away by its child',
    product: product('Lumo Desk Lamp, white', { brand: 'Lumo' }),
    candidates: [
      candidate(A, 'Lumo Desk Lamp White', {
        brand: 'Lumo',
        itemClassification: null,
        childAsins: [B],
        salesRank: 1,
      }),
      candidate(B, 'Lumo Lamp', { brand: 'Lumo', parentAsins: [A] }),
    ],
    truth: B,
  },
  {
    name: 'the code stands on the parent, its child came without identifiers',
    product: product('Lumo Desk Lamp', { brand: 'Lumo' }),
    candidates: [
      candidate(A, 'Lumo Desk Lamp', {
        brand: 'Lumo',
        itemClassification: 'VARIATION_PARENT',
        childAsins: [B],
      }),
      candidate(B, 'Lumo Desk Lamp (White)', { brand: 'Lumo', gtin14s: [] }),
    ],
    truth: B,
  },
  {
    name: 'duplicates of which one sells',
    product: product('Tavo Kitchen Scissors', { brand: 'Tavo' }),
    candidates: [
      candidate(A, 'Tavo Kitchen Scissors', { brand: 'Tavo', salesRank: 2_400_000 }),
      candidate(B, 'Tavo Kitchen Scissors', { brand: 'Tavo', salesRank: 1200 }),
    ],
    truth: B,
  },
  {
    name: 'duplicates that sell alike',
    product: product('Tavo Kitchen Scissors', { brand: 'Tavo' }),
    candidates: [
      candidate(A, 'Tavo Kitchen Scissors', { brand: 'Tavo', salesRank: 1100 }),
      candidate(B, 'Tavo Kitchen Scissors', { brand: 'Tavo', salesRank: 1200 }),
    ],
    truth: null,
  },
  {
    name: 'two items, nothing known of either',
    product: product('Tavo Kitchen Scissors'),
    candidates: [candidate(A, null), candidate(B, null)],
    truth: null,
  },
  {
    name: 'the size decides',
    product: product('Brighton Dish Soap 500 ml', { brand: 'Brighton' }),
    candidates: [
      candidate(A, 'Brighton Dish Soap, 1 Liter', { brand: 'Brighton', salesRank: 100 }),
      candidate(B, 'Brighton Dish Soap, 16.9 Fl Oz', { brand: 'Brighton', salesRank: 300 }),
    ],
    truth: B,
  },
  {
    name: 'the capacity decides',
    product: product('Vectra Portable SSD 1TB', { brand: 'Vectra' }),
    candidates: [
      candidate(A, 'Vectra Portable SSD 512GB', { brand: 'Vectra' }),
      candidate(B, 'Vectra Portable SSD 1000 GB', { brand: 'Vectra' }),
    ],
    truth: B,
  },
  {
    name: 'the part number decides',
    product: product('Vectra Cordless Drill', { brand: 'Vectra', partNumber: 'VX-2040' }),
    candidates: [
      candidate(A, 'Vectra Cordless Drill', { brand: 'Vectra', partNumber: 'VX-2050' }),
      candidate(B, 'Vectra Cordless Drill', { brand: 'Vectra', partNumber: 'vx2040' }),
    ],
    truth: B,
  },
  {
    name: 'a bundle with the item in it',
    product: product('Vectra Action Camera', { brand: 'Vectra' }),
    candidates: [
      candidate(A, 'Vectra Action Camera Bundle with Case and 64GB Card', {
        brand: 'Vectra',
        itemClassification: 'PRODUCT_BUNDLE',
      }),
      candidate(B, 'Vectra Action Camera', { brand: 'Vectra' }),
    ],
    truth: B,
  },
  {
    name: 'the title decides where no brand is known',
    product: product('Hexagon Wrench Adjustable Chrome'),
    candidates: [
      candidate(A, 'Replacement Shower Curtain Rings'),
      candidate(B, 'Adjustable Hexagon Wrench, Chrome Plated'),
    ],
    truth: B,
  },
  {
    name: 'an accessory for the brand is not of the brand',
    product: product('Vectra Phone 12', { brand: 'Vectra' }),
    candidates: [
      candidate(A, 'Spindle Case for Vectra Phone 12', { brand: 'Spindle', salesRank: 10 }),
      candidate(B, 'Vectra Phone 12', { brand: 'Vectra', salesRank: 9000 }),
    ],
    truth: B,
  },
  {
    name: 'an item without the code sells better',
    product: product('Ovela Garlic Press', { brand: 'Ovela' }),
    candidates: [
      candidate(A, 'Ovela Garlic Press', { brand: 'Ovela', salesRank: 1, gtin14s: [OTHER_CODES[0]] }),
      candidate(B, 'Garlic Press', { salesRank: 800_000 }),
    ],
    truth: B,
  },
  {
    name: 'fifteen items for one code, one of the right brand and pack',
    product: product('Morrow Tea Bags', { brand: 'Morrow', packQuantity: 2 }),
    candidates: [
      ...Array.from({ length: 14 }, (_, i) =>
        candidate(`B0000001${String(i).padStart(2, '0')}`, `Morrow Tea Bags (Pack of ${i + 3})`, {
          brand: 'Morrow',
          salesRank: i + 1,
        }),
      ),
      candidate(B, 'Morrow Tea Bags, 2 Pack', { brand: 'Morrow', salesRank: 777_777 }),
    ],
    truth: B,
  },
  {
    name: 'colours that only a person can tell apart',
    product: product('Lumo Desk Lamp', { brand: 'Lumo' }),
    candidates: [
      candidate(A, 'Lumo Desk Lamp Red', { brand: 'Lumo' }),
      candidate(B, 'Lumo Desk Lamp Blue', { brand: 'Lumo' }),
    ],
    truth: null,
  },
  {
    name: 'the colour stands in the title',
    product: product('Lumo Desk Lamp Blue', { brand: 'Lumo' }),
    candidates: [
      candidate(A, 'Lumo Desk Lamp Red', { brand: 'Lumo' }),
      candidate(B, 'Lumo Desk Lamp Blue', { brand: 'Lumo' }),
    ],
    truth: B,
  },
  {
    // Hard: the one that has the right pack says nothing of its brand.
    name: 'pack against brand',
    product: product('Calda Toothpaste', { brand: 'Calda', packQuantity: 1 }),
    candidates: [
      candidate(A, 'Calda Toothpaste (Pack of 6)', { brand: 'Calda', salesRank: 10 }),
      candidate(B, 'Toothpaste', { packageQuantity: 1 }),
    ],
    truth: B,
  },
  {
    // Hard: neither title nor brand helps, the rank of only one is known.
    name: 'only one has a rank',
    product: product('Calda Toothpaste', { brand: 'Calda' }),
    candidates: [
      candidate(A, 'Calda Toothpaste', { brand: 'Calda' }),
      candidate(B, 'Calda Toothpaste', { brand: 'Calda', salesRank: 5000 }),
    ],
    truth: B,
  },
  {
    // Hard: the brand's owner renamed it; a person knows, the data does not.
    name: 'renamed brand',
    product: product('Marsh Pencil Set', { brand: 'Marsh' }),
    candidates: [candidate(A, 'Pencil Set by Fenland', { brand: 'Fenland' })],
    truth: A,
  },
]

export const labelledCases: readonly LabelledCase[] = [...single, ...packs, ...several]
