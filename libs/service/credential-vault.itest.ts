import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type CredentialKey, CredentialKeys } from './credential-keys.ts'
import { CredentialVault, type OpenSeller } from './credential-vault.ts'

const newKey = (id: string): CredentialKey => ({ id, key: randomBytes(32) })
const [first, second] = [newKey('k1'), newKey('k2')]
const vaultOf = (...keys: CredentialKey[]) => new CredentialVault(new CredentialKeys(keys))
const seller = (name: string, more: Partial<OpenSeller> = {}): OpenSeller => ({
  name,
  clientId: null,
  refreshToken: `Atzr|CANARY-${name}`,
  marketplaces: null,
  usagePlans: null,
  ...more,
})
const application = { clientId: 'app', clientSecret: 'CANARY-secret' }
const WEEK = 7 * 86_400_000

describeWith(['postgres'], 'credentials of sellers', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url, poolSize: 2 })
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  it('come back as they were put in, and lie there sealed', async () => {
    const vault = vaultOf(first)
    const us = seller('us', {
      clientId: 'app',
      marketplaces: ['US', 'CA'],
      usagePlans: 'searchCatalogItems=5/10',
    })
    await vault.saveApplication(db, application, null)
    await vault.saveSeller(db, us)
    await vault.saveSeller(db, seller('de'))
    const { sellers, applications } = await vault.read(db)
    expect(sellers).toMatchObject([{ seller: seller('de') }, { seller: us, keyId: 'k1' }])
    expect(applications.get('app')?.application).toEqual({ ...application, previousClientSecret: null })
    const rows = await db.query(
      `select encode(refresh_token, 'escape') as sealed from seller_credentials
       union all select encode(client_secret, 'escape') from lwa_applications`,
    )
    expect(rows).toHaveLength(3)
    expect(JSON.stringify(rows)).not.toContain('CANARY')
  })

  it('a ciphertext that is moved to another seller’s row does not open there, and spoils no other', async () => {
    const vault = vaultOf(first)
    for (const name of ['a', 'b', 'c']) await vault.saveSeller(db, seller(name))
    await db.query(
      `update seller_credentials set refresh_token = (select refresh_token from seller_credentials where name = 'a')
        where name = 'b'`,
    )
    const { sellers } = await vault.read(db)
    expect(sellers.map((row) => row.seller)).toEqual([
      seller('a'),
      { problem: expect.stringMatching(/refresh token of the seller b .*belongs to another/) },
      seller('c'),
    ])
  })

  it('a ciphertext does not open for another application either, nor in another column', async () => {
    const vault = vaultOf(first)
    await vault.saveApplication(db, application, { secret: 'older', validUntil: Date.now() + WEEK })
    await vault.saveApplication(db, { ...application, clientId: 'other' }, null)
    await vault.saveSeller(db, seller('a', { clientId: 'app' }))
    await db.query("update seller_credentials set client_id = 'other'")
    await db.query(
      "update lwa_applications set client_secret = previous_client_secret where client_id = 'app'",
    )
    const { sellers, applications } = await vault.read(db)
    expect(sellers[0]?.seller).toHaveProperty('problem')
    expect(applications.get('app')?.application).toHaveProperty('problem')
    expect(applications.get('other')?.application).not.toHaveProperty('problem')
  })

  it('are sealed anew with the newest key, so that the older one can be thrown away', async () => {
    await vaultOf(first).saveApplication(db, application, {
      secret: 'older',
      validUntil: Date.now() + WEEK,
    })
    await vaultOf(first).saveSeller(db, seller('a', { clientId: 'app' }))
    await vaultOf(second, first).saveSeller(db, seller('b'))
    expect(await vaultOf(second, first).sealAnew(db)).toBe(2)
    expect(await vaultOf(second, first).sealAnew(db)).toBe(0)
    const { sellers, applications } = await vaultOf(second).read(db)
    expect(sellers.map((row) => row.seller)).toEqual([seller('a', { clientId: 'app' }), seller('b')])
    expect(applications.get('app')?.application).toEqual({ ...application, previousClientSecret: 'older' })
  })

  it('stay as they are when one of them can not be sealed anew', async () => {
    await vaultOf(first).saveSeller(db, seller('a'))
    await vaultOf(newKey('lost')).saveSeller(db, seller('b'))
    await expect(vaultOf(second, first).sealAnew(db)).rejects.toThrow(/the key lost/)
    const { sellers } = await vaultOf(first).read(db)
    expect(sellers[0]?.seller).toEqual(seller('a'))
  })

  it('an older client secret is no longer used when its time is over', async () => {
    const vault = vaultOf(first)
    await vault.saveApplication(db, application, { secret: 'older', validUntil: Date.now() - 1 })
    const { applications } = await vault.read(db)
    expect(applications.get('app')?.application).toMatchObject({ previousClientSecret: null })
  })

  it('an application goes with its last seller', async () => {
    const vault = vaultOf(first)
    await vault.saveApplication(db, application, null)
    for (const name of ['a', 'b']) await vault.saveSeller(db, seller(name, { clientId: 'app' }))
    expect(await vault.removeSeller(db, 'a')).toBe(true)
    expect((await vault.read(db)).applications.size).toBe(1)
    expect(await vault.removeSeller(db, 'b')).toBe(true)
    expect(await vault.removeSeller(db, 'b')).toBe(false)
    expect((await vault.read(db)).applications.size).toBe(0)
  })
})
