import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import { candidate, outcome } from '#libs/db/testing.ts'

/** What a sync of a product comes to. */
export interface Came {
  readonly result: string
  readonly reason?: string
  readonly asins?: readonly string[]
  readonly chosen?: string
}

/** Claims all that is due and writes what each came to, as the persister does; products that `came` leaves out stay queued. */
export async function syncAll(
  db: Database,
  came: (claim: ClaimedProduct) => Came | undefined,
): Promise<void> {
  const claims: ClaimedProduct[] = []
  await claimDue(db, { limit: 1_000, queuedTimeoutMs: 600_000 }, async (rows) => void claims.push(...rows))
  const outcomes = claims.flatMap((claim) => {
    const what = came(claim)
    if (!what) return []
    const { result, reason = `as ${result}`, asins = [], chosen } = what
    return [
      outcome(claim, {
        result,
        reason,
        answered: ['success', 'ambiguous', 'not_found'].includes(result),
        candidates: asins.map((asin) => candidate(asin, { chosen: asin === chosen })),
      }),
    ]
  })
  const states: Readonly<Record<string, string>> = {
    invalid_upc: 'invalid',
    timeout: 'error',
    failed: 'error',
  }
  await db.transaction((tx) =>
    applyOutcomes(tx, outcomes, ({ result }) => ({
      state: (states[result] ?? result) as 'success',
      failures: 0,
      retryInMs: null,
    })),
  )
}

/** Makes everything due again. */
export async function makeDue(db: Database): Promise<void> {
  await db.query(`update product_syncs set state = 'pending', next_attempt_at = now()`)
}
