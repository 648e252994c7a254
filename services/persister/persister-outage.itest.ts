import { rmSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { migrate } from '#libs/db/migrate.ts'
import { addProducts, openTestDatabase } from '#libs/db/testing.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { describeWith, scratchFolder } from '#tests/support/backing.ts'
import { createPersister } from './persister.ts'
import { claimedAndNotFound } from './testing.ts'

describeWith(['postgres'], 'a persister whose PostgreSQL dies', () => {
  const closers: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  const startServer = async (dir: string, port = 0): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dir, port })
    closers.push(() => server.stop())
    return server
  }

  it('writes the chunk once the server is back, and once only', async () => {
    // Beside the folder, which only its owner may enter: PostgreSQL does not run as root.
    const dir = `${scratchFolder('persister')}-data`
    closers.push(() => rmSync(dir, { recursive: true, force: true }))
    const server = await startServer(dir)
    await migrate(server.url)
    const db: Database = await openTestDatabase(server.url)
    closers.push(() => db.close())
    await addProducts(db, 500)
    const records = await claimedAndNotFound(db, 500)

    const lines: string[] = []
    const processor = createPersister({
      db,
      config: loadConfig({}),
      logger: createLogger({
        level: 'warn',
        service: 'test',
        destination: { write: (line) => void lines.push(line) },
      }),
      metrics: createMetrics(),
    })
    const processing = processor.process({ key: '', records }, { signal: new AbortController().signal })
    // As the kernel would for want of memory: no goodbye, no checkpoint, in the middle of the transaction or before it.
    process.kill(server.pid, 'SIGKILL')
    await server.ended
    await startServer(dir, server.port)
    expect((await processing).every((verdict) => verdict.kind === 'done')).toBe(true)
    const [counts] = await db.query(
      `select (select count(*)::int from product_syncs where state = 'not_found') as done,
              (select count(*)::int from sync_logs) as logs,
              (select next_offset::int from consumer_offsets) as next`,
    )
    expect(counts).toEqual({ done: 500, logs: 500, next: 500 })
    const password = new URL(server.url).password
    expect(lines.join('')).not.toContain(password)
  })
})
