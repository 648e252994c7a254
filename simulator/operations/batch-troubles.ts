/**
 * What can befall the parts of a batch on demand: one fails while the others are answered, and they come in any order.
 * `POST /_simulator/batches`.
 */

import * as answers from '../answer.ts'
import { createRandom } from '../catalogue/hash.ts'
import type { ControlRoute, World } from './operation.ts'

/** Why a part failed through no fault of its own. */
export interface Trouble {
  readonly status: 429 | 500 | 503
  readonly reasonPhrase: string
  /** Of Amazon's kind: `code`, `message`, `details`. */
  readonly error: { readonly code: string; readonly message: string; readonly details: string }
}

const REASONS = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const
const ANSWERS = {
  429: answers.quotaExceeded,
  500: answers.internalFailure,
  503: answers.serviceUnavailable,
} as const
const STATUSES = [429, 500, 503] as const

interface Demanded {
  shares: Readonly<Partial<Record<Trouble['status'], number>>>
  shuffle: boolean
  readonly random: () => number
}

const createDemanded = ({ options }: World): Demanded => ({
  shares: {},
  shuffle: false,
  random: createRandom(options.seed ^ 0xba7c),
})

/** The trouble of the next part, or null. */
export function troubleOf(world: World): Trouble | null {
  const { shares, random } = world.part(createDemanded)
  let chance = Object.keys(shares).length === 0 ? 1 : random()
  for (const status of STATUSES) {
    const share = shares[status] ?? 0
    if (chance < share) {
      const { errors } = ANSWERS[status]().body as { errors: [Trouble['error']] }
      return { status, reasonPhrase: REASONS[status], error: errors[0] }
    }
    chance -= share
  }
  return null
}

/** The parts as they are answered: in the order of the requests, or shuffled (Fisher and Yates). */
export function arranged<T>(parts: readonly T[], world: World): readonly T[] {
  const { shuffle, random } = world.part(createDemanded)
  if (!shuffle) return parts
  const shuffled = [...parts]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
  }
  return shuffled
}

export const changeBatches: ControlRoute = {
  route: 'POST /_simulator/batches',
  answer({ body }, world) {
    const { shuffle = false, ...shares } = body
    if (typeof shuffle !== 'boolean') throw new Error(`shuffle must be true or false, not ${shuffle}.`)
    for (const [status, share] of Object.entries(shares)) {
      if (!STATUSES.some((one) => String(one) === status))
        throw new Error(`"${status}" is not among ${STATUSES.join(', ')}.`)
      if (typeof share !== 'number' || !(share >= 0 && share <= 1))
        throw new Error(`the share of ${status} must be from 0 to 1, not ${share}.`)
    }
    const demanded = world.part(createDemanded)
    demanded.shares = shares as Demanded['shares']
    demanded.shuffle = shuffle
    return { ...shares, shuffle }
  },
}
