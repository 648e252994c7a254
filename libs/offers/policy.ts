import { z } from 'zod'
import { levelOperations, type OfferLevel, type OfferOperation, offerLevels } from './levels.ts'

/** How one level is spent on. */
export interface LevelPolicy {
  readonly level: OfferLevel
  readonly operation: OfferOperation
  /** Age at which what Amazon told is asked for again, in milliseconds. */
  readonly staleAfterMs: number
  /** Items with a worse sales rank are left out; null: none are. */
  readonly maxRank: number | null
  /** Whether items without a sales rank are taken in; without `maxRank` they always are. */
  readonly unranked: boolean
}

const DAY_MS = 86_400_000

/** Which matches are priced, by what, and how often; `OFFERS_POLICY`. No levels: none are. */
export class OffersPolicy {
  readonly levels: readonly LevelPolicy[]

  constructor(levels: readonly LevelPolicy[]) {
    this.levels = levels
  }

  of(level: OfferLevel): LevelPolicy | undefined {
    return this.levels.find((one) => one.level === level)
  }

  /** As `parseOffersPolicy` reads it. */
  toString(): string {
    if (this.levels.length === 0) return 'off'
    const entries = this.levels.map(({ level, operation, staleAfterMs, maxRank, unranked }) => [
      level,
      {
        operation,
        staleAfter: durationText(staleAfterMs),
        ...(maxRank === null ? {} : { maxRank, unranked }),
      },
    ])
    return JSON.stringify(Object.fromEntries(entries))
  }

  toJSON(): string {
    return this.toString()
  }
}

/** Whether an item of this sales rank is in the policy. */
export function isWanted(policy: LevelPolicy, salesRank: number | null): boolean {
  if (policy.maxRank === null) return true
  return salesRank === null ? policy.unranked : salesRank <= policy.maxRank
}

/** Text that stands for no levels at all. */
const OFF = 'off'

export const DEFAULT_OFFERS_POLICY = '{"price":{"staleAfter":"24h"},"offers":{"staleAfter":"7d"}}'

const ages: Readonly<Record<OfferLevel, number>> = { price: DAY_MS, offers: 7 * DAY_MS }

const duration = z.string('must be a duration such as 6h or 7d').transform((text, context) => {
  const ms = durationMs(text)
  if (ms !== null && ms >= 60_000) return ms
  context.addIssue({ code: 'custom', message: 'must be a duration of at least 1m, such as 6h or 7d' })
  return z.NEVER
})

function objectProblem(
  issue: { readonly code?: string; readonly keys?: unknown },
  otherwise: string,
): string {
  return issue.code === 'unrecognized_keys' ? `knows nothing named ${String(issue.keys)}` : otherwise
}

const levelSchema = (level: OfferLevel) =>
  z
    .strictObject(
      {
        operation: z
          .enum(levelOperations[level], `must be ${levelOperations[level].join(' or ')}`)
          .default(levelOperations[level][0]),
        staleAfter: duration.default(ages[level]),
        maxRank: z.int('must be a whole number').min(1, 'must be 1 or more').nullable().default(null),
        unranked: z.boolean('must be true or false').default(false),
      },
      { error: (issue) => objectProblem(issue, 'must be an object, such as {"staleAfter":"24h"}') },
    )
    .transform(
      ({ operation, staleAfter, maxRank, unranked }): LevelPolicy => ({
        level,
        operation,
        staleAfterMs: staleAfter,
        maxRank,
        unranked: maxRank === null || unranked,
      }),
    )

const policySchema = z.strictObject(
  { price: levelSchema('price').optional(), offers: levelSchema('offers').optional() },
  { error: (issue) => objectProblem(issue, 'must be an object with "price" and "offers", or off') },
)

/**
 * Reads `{"price": {"staleAfter": "24h"}, "offers": {"operation": "getItemOffersBatch", "staleAfter": "7d",
 * "maxRank": 100000}}`, or `off`. A level that is left out is not asked for. Problems say where and what.
 */
export function parseOffersPolicy(text: string): OffersPolicy | { readonly problem: string } {
  if (text.trim() === OFF) return new OffersPolicy([])
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { problem: `is neither JSON nor off: ${(error as Error).message}` }
  }
  const parsed = policySchema.safeParse(value)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim())
    return { problem: problems.join('; ') }
  }
  const levels = offerLevels.flatMap((level) => parsed.data[level] ?? [])
  return levels.length > 0
    ? new OffersPolicy(levels)
    : { problem: 'names no level: use "price", "offers" or both, or off' }
}

const unitMs = { m: 60_000, h: 3_600_000, d: DAY_MS } as const

function durationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([mhd])$/.exec(text)
  return match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : null
}

function durationText(ms: number): string {
  for (const unit of ['d', 'h'] as const) if (ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`
  return `${ms / unitMs.m}m`
}
