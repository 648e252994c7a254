import pg from 'pg'

/** The migrated database that every test database is a copy of. */
export const TEMPLATE = 'asinstream_template'

/** Makes the template in the server that `url` leads to, and migrates it once. */
export async function migrateTemplate(url: string): Promise<void> {
  const { migrate } = await import('#libs/db/migrate.ts')
  await onServer(url, (client) => client.query(`create database ${TEMPLATE}`))
  await migrate(databaseUrl(url, TEMPLATE))
}

/** The same server and user, another database. */
export function databaseUrl(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

/** Runs `work` on a connection of its own to the database that `url` names. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
