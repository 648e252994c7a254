import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { migrationOptions } from '#libs/db/migrations/index.ts'
import { openTestDatabase } from '#libs/db/testing.ts'
import { loadConfig } from '#libs/service/config.ts'
import { prepare } from '#libs/service/prepare.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { createTestDatabase, describeWith, scratchFolder, type TestDatabase } from '#tests/support/backing.ts'
import type { Finding } from '../commands/doctor.ts'
import { runToEnd } from '../testing.ts'
import { openTools } from '../tools.ts'
import { examine } from './examine.ts'

const SECRET = 'amzn1.oa2-cs.secret-of-this-test'
const TOKEN = 'Atzr|token-of-this-test'

describeWith(['postgres'], 'the doctor', () => {
  let database: TestDatabase
  let db: Database
  let simulator: Simulator
  const dataDir = scratchFolder('doctor')
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    const config = loadConfig({ DATABASE_URL: database.url })
    await using tools = openTools(config)
    await prepare(config, tools.backends)
    simulator = await startSimulator()
    // Each examination asks anew what Amazon answers once in a while.
    simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  })
  afterAll(async () => {
    await simulator.stop()
    await db.close()
    await database.drop()
  })
  afterEach(() => simulator.setFaults({}))

  const variables = () => ({
    DATABASE_URL: database.url,
    SP_API_CLIENT_ID: 'id',
    SP_API_CLIENT_SECRET: SECRET,
    SP_API_REFRESH_TOKEN: TOKEN,
    SP_API_ENDPOINT: simulator.url,
    LWA_ENDPOINT: simulator.url,
  })
  async function findings(more: Readonly<Record<string, string>> = {}, timeoutMs = 60_000) {
    const environment = { ...variables(), ...more }
    const found = await Array.fromAsync(examine({ environment, dataDir, timeoutMs }))
    expect(JSON.stringify(found)).not.toMatch(/secret-of-this-test|token-of-this-test/)
    return {
      found,
      of: (check: string, status?: Finding['status']) =>
        found.filter((one) => one.check === check && (status === undefined || one.status === status)),
      wrong: found.filter(({ status }) => status === 'failed' || status === 'warning'),
    }
  }

  it('finds nothing wrong with what works, and writes nothing', async () => {
    const [row] = await db.query<{ name: string }>('select current_database() as name')
    const readOnly = (value: string) =>
      db.query(`alter database "${row?.name}" set default_transaction_read_only = ${value}`)
    await readOnly('on')
    // Holds for connections from now on.
    const writer = await openDatabase({ url: database.url })
    await expect(writer.query(`insert into marketplaces values ('x', 'XX')`)).rejects.toThrow('read-only')
    await writer.close()
    const { of, wrong } = await findings().finally(() => readOnly('off'))
    expect(wrong).toEqual([])
    expect(of('Clock').map(({ message }) => message)).toEqual([
      expect.stringContaining('PostgreSQL'),
      expect.stringContaining('127.0.0.1'),
    ])
    expect(of('Amazon roles', 'ok').map(({ message }) => message)).toEqual([
      'may call Catalog Items (searchCatalogItems), for looking codes up',
      'may call Product Pricing (getCompetitivePricing), for prices (OFFERS_POLICY)',
    ])
    expect(of('Amazon roles', 'info')[0]?.message).toMatch(/may also call: .*FBA Inventory.*Orders.*Reports/)
  })

  it('names the role that a grant lacks, for what is needed and for what is not', async () => {
    simulator.setFaults({ '403': 1 }, ['getCompetitivePricing', 'searchOrders'])
    const { of, wrong } = await findings()
    expect(wrong).toEqual([
      expect.objectContaining({
        check: 'Amazon roles',
        status: 'failed',
        advice: expect.stringContaining('the role Pricing'),
      }),
    ])
    expect(of('Amazon roles', 'info')[0]?.message).toContain(
      'not: Orders (role: Inventory and Order Tracking)',
    )
    // Who asks for no prices needs no role for them.
    expect((await findings({ OFFERS_POLICY: 'off' })).wrong).toEqual([])
  })

  it('knows a database that a newer release has changed, and topics that are kept too briefly', async () => {
    await db.query(`insert into ${migrationOptions.tableName} (name) values ('Migration9999_from_tomorrow')`)
    await db.query(`update event_log.topics set retention_ms = 3600000 where topic = $1`, [SYNC_RESULTS])
    try {
      const { of } = await findings()
      expect(of('Migrations', 'failed')[0]?.message).toContain('Migration9999_from_tomorrow')
      expect(of('Topics')).toEqual([
        expect.objectContaining({
          status: 'warning',
          message: expect.stringMatching(
            /^catalog\.sync-results keeps records for 1 h, this release for 168 h/,
          ),
        }),
      ])
    } finally {
      await db.query(`delete from ${migrationOptions.tableName} where name like 'Migration9999%'`)
      await db.query(`update event_log.topics set retention_ms = 604800000 where topic = $1`, [SYNC_RESULTS])
    }
  })

  it('says what stands still, and is not held up by it', async () => {
    const silent = await silence()
    const address = `127.0.0.1:${silent.port}`
    const dead = {
      DATABASE_URL: `postgres://u:hidden-password@${address}/x`,
      REDIS_URL: `redis://:hidden-password@${address}`,
      SCHEMA_REGISTRY_URL: `http://u:hidden-password@${address}`,
      SP_API_ENDPOINT: `http://${address}`,
      LWA_ENDPOINT: `http://${address}`,
      ASINSTREAM_URL: `http://${address}`,
      SP_API_CLIENT_ID: 'id',
      SP_API_CLIENT_SECRET: SECRET,
      SP_API_REFRESH_TOKEN: TOKEN,
    }
    try {
      // The process ends although every one of these holds a connection of it open.
      const { code, stdout } = await runToEnd(['doctor', '--json', '--timeout', '2'], dead)
      expect(code).toBe(1)
      expect(stdout).not.toContain('hidden-password')
      const { ok, findings: found } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
      expect(ok).toBe(false)
      const failed = new Set(found.filter(({ status }) => status === 'failed').map(({ check }) => check))
      for (const check of ['PostgreSQL', 'Event log', 'Redis', 'Schema registry', 'Amazon', 'API'])
        expect(failed, check).toContain(check)
      expect(found.filter(({ check }) => check === 'Node' || check === 'Disk')).toHaveLength(2)
    } finally {
      silent.close()
    }
  })
})

/** A server that takes connections and never says a word. */
async function silence() {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
