import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { databaseUrl, onServer, TEMPLATE } from './template.ts'
import { waitFor } from './wait-for.ts'

export interface TestDatabase {
  /** Connection string of a migrated, empty database of your own. */
  readonly url: string
  /**
   * Removes it.
   * @throws Error that lists the connections which the suite left open: close pools first
   */
  drop(): Promise<void>
}

/** Copies the migrated template, in some 30 ms; call it in `beforeAll` or `beforeEach`, and `drop` after. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const postgres = inject('backings').postgres
  if (postgres === undefined || 'missing' in postgres) {
    throw new Error('There is no PostgreSQL for this suite: wrap it in describeWith(["postgres"], …)')
  }
  const server = postgres.url
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, (client) => client.query(`create database ${name} template ${TEMPLATE}`))
  return {
    url: databaseUrl(server, name),
    drop: () => drop(server, name),
  }
}

async function drop(server: string, name: string): Promise<void> {
  let open: string[] = []
  // A session ends a moment after its client has closed it.
  const closed = waitFor(
    async () => {
      open = await openConnections(server, name)
      return open.length === 0
    },
    { what: 'every connection to be closed', timeoutMs: 2000 },
  ).catch(() => false)
  const clean = await closed
  await onServer(server, (client) => client.query(`drop database ${name} with (force)`))
  if (!clean) {
    throw new Error(`the suite left ${open.length} connections open, which last ran:\n${open.join('\n')}`)
  }
}

async function openConnections(server: string, name: string): Promise<string[]> {
  const { rows } = await onServer(server, (client) =>
    client.query<{ query: string }>(
      "select query from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [name],
    ),
  )
  return rows.map((row) => row.query)
}
