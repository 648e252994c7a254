import type { Database } from '#libs/db/database.ts'

/** How old products are when a schedule takes them in, and how many others touch before. */
export interface Staleness {
  readonly afterSeconds: number
  /** How often one product is touched by others, a second. */
  readonly touchRate: number
}

/**
 * The age at which a schedule must take products in so that `stalePerSecond` come from it while others touch
 * `touchedPerSecond` at random. Of a catalogue of C, with λ = touched / C, those that reach the age T untouched are
 * C·λ·e^(−λT) / (1 − e^(−λT)) a second.
 */
export function staleness(options: {
  readonly products: number
  readonly touchedPerSecond: number
  readonly stalePerSecond: number
}): Staleness {
  const touchRate = options.touchedPerSecond / options.products
  const stale = Math.max(options.stalePerSecond, options.touchedPerSecond / 20)
  return { touchRate, afterSeconds: Math.log(1 + options.touchedPerSecond / stale) / touchRate }
}

/**
 * Gives the products the ages that they have in the long run. All of them were synced at once; left so, they would be
 * stale all at once as well. The audit does not look: it would find versions put back.
 */
export async function age(db: Database, { afterSeconds, touchRate }: Staleness): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('alter table product_syncs disable trigger fault_audit_syncs')
    await tx.query(
      `update product_syncs set synced_at = now()
              - interval '1 second' * (-ln(1 - random() * (1 - exp(-$1::float8 * $2::float8))) / $1::float8)
        where synced_at is not null`,
      [touchRate, afterSeconds],
    )
    await tx.query('alter table product_syncs enable trigger fault_audit_syncs')
  })
}
