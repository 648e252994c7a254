import type { SpApiError } from '../errors.ts'

/** So many asks, all of them refused one by one, were not refused for what they are. */
export const SYSTEMIC_FROM = 4

/** What became of one request. */
export type Round =
  | { readonly kind: 'answered' | 'failed' }
  | { readonly kind: 'refused'; readonly error: SpApiError }

export interface Refused<E> {
  readonly entry: E
  readonly error: SpApiError
}

export interface Division<E> {
  readonly refused: readonly Refused<E>[]
  /** Four and more were refused, each on its own, and none was answered: the others were not asked any more. */
  readonly systemic: boolean
}

/**
 * Finds what is to blame in a request that Amazon refused as a whole: halves of it are asked until it is alone. With the
 * left half answered the refusal was about the right one, which is halved without being asked as a whole. What Amazon's
 * message names goes apart first, so that the next request brings the rest. Only what was refused alone counts as refused.
 */
export async function divide<E extends { readonly subject: string }>(
  entries: readonly E[],
  error: SpApiError,
  ask: (entries: readonly E[]) => Promise<Round>,
): Promise<Division<E>> {
  const refused: Refused<E>[] = []
  let answered = false
  const isSystemic = () => refused.length >= SYSTEMIC_FROM && !answered

  /** True: the request was answered. */
  const one = async (some: readonly E[], before: SpApiError): Promise<boolean> => {
    if (isSystemic()) {
      for (const entry of some) refused.push({ entry, error: before })
      return false
    }
    const round = await ask(some)
    if (round.kind === 'answered') answered = true
    if (round.kind !== 'refused') return round.kind === 'answered'
    if (some.length > 1) return blame(some, round.error)
    refused.push({ entry: some[0]!, error: round.error })
    return false
  }

  /** `some`: two and more, refused together. */
  const blame = async (some: readonly E[], why: SpApiError): Promise<boolean> => {
    const named = some.filter(({ subject }) => names(why, subject))
    if (named.length > 0 && named.length < some.length) {
      await one(
        some.filter((entry) => !named.includes(entry)),
        why,
      )
      for (const entry of named) await one([entry], why)
      return false
    }
    const middle = Math.ceil(some.length / 2)
    const [left, right] = [some.slice(0, middle), some.slice(middle)]
    const leftAnswered = await one(left, why)
    if (leftAnswered && right.length > 1) await blame(right, why)
    else await one(right, why)
    return false
  }

  await blame(entries, error)
  return { refused, systemic: isSystemic() }
}

function names(error: SpApiError, subject: string): boolean {
  return error.amazonErrors.some(({ message, details }) =>
    // As a word: a SKU may be part of any other text.
    [message, details ?? ''].some((text) => words(text).includes(subject)),
  )
}

const words = (text: string) => text.split(/[\s"'`,;:()[\]{}]+/).map((word) => word.replace(/\.$/, ''))
