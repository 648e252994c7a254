import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { backing, createTestDatabase, describeWith, type TestDatabase, waitFor } from './backing.ts'

describeWith(['postgres'], 'a test database', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('is migrated and empty', async () => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query('select count(*)::int as count from products')
    await client.end()
    expect(rows).toEqual([{ count: 0 }])
  })

  it('refuses to go quietly while a connection is open', async () => {
    const leaky = await createTestDatabase()
    const client = new pg.Client({ connectionString: leaky.url })
    client.on('error', () => {})
    await client.connect()
    await client.query('select 42 as left_open')
    await expect(leaky.drop()).rejects.toThrow('left_open')
    await client.end()
  })
})

describeWith(['registry'], 'the schema registry', () => {
  it('answers', async () => {
    const reply = await fetch(`${backing('registry')}/subjects`)
    expect(Array.isArray(await reply.json())).toBe(true)
  })
})

it('waitFor names what it waited for', async () => {
  await expect(waitFor(() => false, { what: 'the moon', timeoutMs: 20 })).rejects.toThrow('the moon')
})
