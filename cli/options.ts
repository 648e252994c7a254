import { type Command, InvalidArgumentError, Option } from 'commander'
import type { JobState, SyncState } from '#libs/db/entities.ts'

/**
 * States as the API knows them, in the order in which help lists them. Their own module brings the ORM along, which costs
 * half a second of a command's time; `satisfies` holds these to it.
 */
export const productStates = Object.keys({
  pending: 0,
  queued: 0,
  success: 0,
  not_found: 0,
  ambiguous: 0,
  invalid: 0,
  restricted: 0,
  error: 0,
} satisfies Record<SyncState, 0>)
export const jobStates = Object.keys({
  queued: 0,
  running: 0,
  paused: 0,
  cancelling: 0,
  complete: 0,
  failed: 0,
  cancelled: 0,
} satisfies Record<JobState, 0>)

/** What a product may come to without a match. */
export const failureStates = [
  'error',
  'not_found',
  'ambiguous',
  'invalid',
  'restricted',
] as const satisfies readonly SyncState[]

/** An option that may be given several times: its values come as a list. */
export function several(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: readonly string[] = []) => [
    ...previous,
    value,
  ])
}

/** The same for an option that takes known values only, which help and completion then show. */
export function severalOf(flags: string, description: string, known: readonly string[]): Option {
  return new Option(flags, description)
    .choices(known)
    .argParser((value: string, previous: readonly string[] = []) => {
      if (!known.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`)
      return [...previous, value]
    })
}

/** A whole number; without `max` as large as one likes. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(
      `It must be a whole number ${max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`}.`,
    )
  }
}

export interface ProductFilterOptions {
  readonly supplier?: readonly string[]
  readonly brand?: readonly string[]
  readonly category?: readonly string[]
  readonly sku?: readonly string[]
  readonly upc?: readonly string[]
  readonly status?: readonly string[]
}

/** The options that choose among products: of different kinds all must hold, of one kind any. */
export function addProductFilter(command: Command): Command {
  return command
    .addOption(several('--supplier <name>', 'only of this supplier (repeatable, as the next ones)'))
    .addOption(several('--brand <name>', 'only of this brand'))
    .addOption(several('--category <name>', 'only of this category'))
    .addOption(several('--sku <sku>', 'only this one'))
    .addOption(several('--upc <code>', 'only with this code, as it is stored'))
    .addOption(severalOf('--status <state>', 'only products in this state', productStates))
}
