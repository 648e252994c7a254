import { afterAll, beforeAll, expect, it } from 'vitest'
import { ledgerContract } from '#libs/sp-api/documents/ledger.contract.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type Database, openDatabase } from './database.ts'
import { createDocumentLedger } from './document-ledger.ts'

describeWith(['postgres'], 'the ledger of reports and feeds', () => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url, poolSize: 6 })
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  ledgerContract('PostgreSQL', async () => {
    await db.query('truncate document_jobs')
    return createDocumentLedger(db, 'shop')
  })

  it('keeps sellers apart', async () => {
    await db.query('truncate document_jobs')
    const [one, other] = ['one', 'other'].map((owner) => createDocumentLedger(db, owner))
    const entry = {
      key: 'k',
      lane: 'l',
      version: 1,
      state: 'asking',
      wish: {},
      askedAt: 1,
      id: 'R1',
      documentId: null,
      finishedAt: null,
      notBefore: null,
      reason: null,
    } as const
    expect(await one!.write(entry)).toBe(true)
    expect(await other!.read('k')).toBeNull()
    expect(await other!.known(['R1'])).toEqual(new Set())
    expect(await other!.write(entry)).toBe(true)
    expect(await other!.delete('k', 1)).toBe(true)
    expect(await one!.read('k')).toEqual(entry)
  })
})
