import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { gtin14 } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { startForTest, US } from '#simulator/testing.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { createBackends } from './backends.ts'
import { loadConfig } from './config.ts'
import { CredentialKeys } from './credential-keys.ts'
import { CredentialVault, type OpenSeller } from './credential-vault.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { openSellers } from './open-sellers.ts'

const key = randomBytes(32)
const vault = new CredentialVault(new CredentialKeys([{ id: 'k1', key }]))
const seller = (name: string, more: Partial<OpenSeller> = {}): OpenSeller => ({
  name,
  clientId: null,
  refreshToken: `Atzr|CANARY-${name}`,
  marketplaces: null,
  usagePlans: 'searchCatalogItems=100/100',
  ...more,
})

describeWith(['postgres'], 'sellers in the table of credentials', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url, poolSize: 2 })
  })
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()))
    await db.close()
    await database.drop()
  })

  /** A service's sellers, in front of a simulator that knows one application, with what it logs. */
  async function open(more: Record<string, string> = {}) {
    const simulator = await startForTest({ clientId: 'app', clientSecret: 'client-secret' })
    const config = loadConfig({
      DATABASE_URL: database.url,
      CREDENTIALS_KEY: `k1:${key.toString('base64')}`,
      SP_API_CLIENT_ID: 'app',
      SP_API_CLIENT_SECRET: 'client-secret',
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      ...more,
    })
    const lines: string[] = []
    const logger = createLogger({
      level: 'info',
      service: 'test',
      destination: { write: (line) => void lines.push(line) },
    })
    const metrics = createMetrics()
    const backends = createBackends({ config, service: 'test', logger, metrics })
    const sellers = await openSellers({ config, backends, logger, metrics }, { lookMs: 50 })
    closers.push(async () => {
      await sellers.close()
      await backends.close()
      expect(lines.join()).not.toContain('CANARY')
    })
    let next = 0
    const lookup = async () => {
      const code = gtin14(Number(upcOf(next++)))
      return (await sellers.pool.lookupCodes({ marketplaceId: US, gtin14s: [code] })).get(code)!
    }
    return { ...sellers, simulator, lines, lookup }
  }
  const names = ({ pool }: { pool: { sellers: readonly { name: string }[] } }) =>
    pool.sellers.map(({ name }) => name)

  it('a service waits for its first seller, and asks it as soon as it is stored', async () => {
    const service = await open()
    await expect(service.ready()).rejects.toThrow(/asinstream sellers add/)
    expect(await service.lookup()).toMatchObject({ kind: 'failed', failure: 'unauthorized' })
    await vault.saveSeller(db, seller('us'))
    await expect.poll(() => names(service), { timeout: 20_000 }).toEqual(['us'])
    await service.ready()
    expect(await service.lookup()).toMatchObject({ kind: 'items' })
  })

  it('a new refresh token is taken up without a restart, by its seller alone', async () => {
    await vault.saveSeller(db, seller('us'))
    await vault.saveSeller(db, seller('other'))
    const service = await open()
    const other = service.pool.sellers.find(({ name }) => name === 'other')
    service.simulator.revoke({ refreshToken: 'Atzr|CANARY-us' })
    service.simulator.revoke({ refreshToken: 'Atzr|CANARY-other' })
    const waiting = service.lookup()
    await expect.poll(() => service.status().stopped.length, { timeout: 20_000 }).toBe(2)
    expect(service.status().stopped[0]?.reason).toMatch(/authorise the application again/)
    await vault.saveSeller(db, seller('us', { refreshToken: 'Atzr|CANARY-again' }))
    expect(await waiting).toMatchObject({ kind: 'items' })
    expect(service.status().stopped).toMatchObject([{ seller: 'other' }])
    expect(service.pool.sellers).toContain(other)
    await db.query("delete from seller_credentials where name = 'other'")
    await expect.poll(() => names(service), { timeout: 20_000 }).toEqual(['us'])
    expect(service.status().stopped).toEqual([])
  })

  it('of an application of its own is asked with its secrets, the older one while the newer is refused', async () => {
    await vault.saveApplication(
      db,
      { clientId: 'app', clientSecret: 'CANARY-not-yet-known' },
      { secret: 'client-secret', validUntil: Date.now() + 60_000_000 },
    )
    await vault.saveSeller(db, seller('us', { clientId: 'app' }))
    const service = await open({ SP_API_CLIENT_SECRET: 'wrong' })
    expect(await service.lookup()).toMatchObject({ kind: 'items' })
    expect(service.lines.join()).toContain('refuses the newer client secret')
  })

  it('whose row does not open is left out with a reason, and the others go on', async () => {
    await vault.saveSeller(db, seller('good'))
    await vault.saveSeller(db, seller('odd', { marketplaces: ['Moon'] }))
    await vault.saveSeller(db, seller('swapped'))
    await db.query(
      `update seller_credentials set refresh_token = (select refresh_token from seller_credentials where name = 'good')
        where name = 'swapped'`,
    )
    const service = await open()
    expect(names(service)).toEqual(['good'])
    expect(service.status().unusable).toEqual([
      { seller: 'swapped', reason: expect.stringContaining('belongs to another') },
      { seller: 'odd', reason: expect.stringContaining('unknown marketplace "Moon"') },
    ])
    expect(await service.lookup()).toMatchObject({ kind: 'items' })
  })

  it('stands beside those of the configuration, and counts where it is the same', async () => {
    await vault.saveSeller(db, seller('us'))
    await vault.saveSeller(db, seller('renamed', { refreshToken: 'Atzr|CANARY-fr' }))
    const listed = ['us', 'fr', 'de'].map((name) => ({ name, refreshToken: `Atzr|CANARY-${name}` }))
    const service = await open({ SP_API_SELLERS: JSON.stringify(listed) })
    expect(names(service)).toEqual(['de', 'renamed', 'us'])
    expect(service.lines.join()).toMatch(/seller fr of the configuration is left out: renamed in the table/)
  })

  it('goes on as it was when its row is sealed with a key that the service does not have yet', async () => {
    await vault.saveSeller(db, seller('us'))
    const service = await open()
    const [before] = service.pool.sellers
    const keys = new CredentialKeys([
      { id: 'k2', key: randomBytes(32) },
      { id: 'k1', key },
    ])
    await new CredentialVault(keys).sealAnew(db)
    await expect.poll(() => service.status().unusable, { timeout: 20_000 }).toHaveLength(1)
    expect(service.status().unusable[0]?.reason).toMatch(/the key k2, which CREDENTIALS_KEY does not have/)
    expect(service.pool.sellers).toEqual([before])
    expect(await service.lookup()).toMatchObject({ kind: 'items' })
  })

  it('goes on with whom it has while the database is away', async () => {
    await vault.saveSeller(db, seller('us'))
    const service = await open()
    await db.query('alter table seller_credentials rename to elsewhere')
    await expect.poll(() => service.lines.join(), { timeout: 20_000 }).toContain('could not be read')
    expect(await service.lookup()).toMatchObject({ kind: 'items' })
    await db.query('alter table elsewhere rename to seller_credentials')
    await vault.saveSeller(db, seller('de'))
    await expect.poll(() => names(service), { timeout: 20_000 }).toEqual(['de', 'us'])
  })
})
