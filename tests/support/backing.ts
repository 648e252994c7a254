import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, inject } from 'vitest'
import type { Backing } from './backings.ts'

export { freePort } from '#libs/child-process/port.ts'
export type { Backing } from './backings.ts'
export { createTestDatabase, type TestDatabase } from './database.ts'
export { waitFor } from './wait-for.ts'

/**
 * Where a real server listens: brokers as `host:port` for Kafka, a connection string for the others. Suites share the
 * servers: use topics and keys of your own, and `createTestDatabase` rather than the URL of PostgreSQL.
 * @throws Error outside of the integration project, and when the server could not be had (see `describeWith`)
 */
export function backing(name: Backing): string {
  const found = lookUp(name)
  if ('missing' in found) throw new Error(`There is no ${name} for this suite: ${found.missing}`)
  return found.url
}

/** A suite that needs real servers; skipped, with the reason in its title, where one of them could not be had. */
export function describeWith(names: readonly Backing[], title: string, suite: () => void): void {
  const missing = names.flatMap((name) => {
    const found = lookUp(name)
    return 'missing' in found ? [`no ${name}: ${found.missing}`] : []
  })
  if (missing.length === 0) describe(title, suite)
  else describe.skip(`${title} (SKIPPED, ${missing.join('; ')})`, suite)
}

/** A new folder of this run, removed after it. */
export function scratchFolder(prefix = 'suite'): string {
  return mkdtempSync(join(inject('scratch'), `${prefix}-`))
}

function lookUp(name: Backing): { url: string } | { missing: string } {
  const found = inject('backings')?.[name]
  if (found === undefined) {
    throw new Error(`${name} is there for integration suites only: name the file *.itest.ts`)
  }
  return found
}
