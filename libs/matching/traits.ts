import { normalizeBrand } from './brand.ts'
import { type Pack, packOf } from './pack.ts'
import { type Size, sizesOf } from './size.ts'
import { normalize, type TitleWords, titleWords } from './text.ts'
import type { CandidateFacts, ProductFacts } from './types.ts'

/** What a title, brand and quantity come to once they are read: worked out once per product and per candidate. */
export interface Traits {
  readonly brand: string | null
  /** The title, normalised; '' without one. */
  readonly title: string
  readonly titleWords: TitleWords | null
  readonly pack: Pack
  readonly sizes: readonly Size[]
  /** The part number without spaces and punctuation; '' without one. */
  readonly partNumber: string
}

export const compactPart = (text: string): string => normalize(text).replaceAll(' ', '')

const read = (
  facts: Pick<ProductFacts, 'title' | 'brand' | 'partNumber'>,
  quantity: number | null,
): Traits => {
  const title = normalize(facts.title ?? '')
  return {
    brand: normalizeBrand(facts.brand),
    title,
    titleWords: titleWords(facts.title, title),
    pack: packOf(facts.title, quantity),
    sizes: sizesOf(facts.title),
    partNumber: compactPart(facts.partNumber ?? ''),
  }
}

export const productTraits = (product: ProductFacts): Traits => read(product, product.packQuantity)

export const candidateTraits = (candidate: CandidateFacts): Traits =>
  read(
    { title: candidate.title, brand: candidate.brand, partNumber: candidate.partNumber ?? null },
    candidate.packageQuantity,
  )
