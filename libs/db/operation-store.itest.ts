import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { operationStoreContract } from '#libs/sp-api/operation-queue/store.contract.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type Database, openDatabase } from './database.ts'
import { createOperationStore } from './operation-store.ts'

describeWith(['postgres'], 'operations that wait in PostgreSQL', () => {
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

  operationStoreContract('PostgreSQL', async () => {
    await db.query('truncate queued_operations')
    return { store: createOperationStore(db), sleep }
  })
})
