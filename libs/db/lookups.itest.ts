import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { Database } from './database.ts'
import { type KeptItem, keepLookups, knownCodes, knownItems, productsByCode } from './lookups.ts'
import { openTestDatabase, US } from './testing.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR
const CODE = '00036000291452'

describeWith(['postgres'], 'what lookups brought', () => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })
  beforeEach(() => db.query('truncate looked_up_items, looked_up_codes'))

  const keep = (
    agoMs: number,
    items: Readonly<Record<string, KeptItem | null>>,
    codes: Readonly<Record<string, readonly string[]>> = {},
    keptMs = WEEK,
  ) => {
    const looked = {
      marketplaceId: US,
      observedAt: Date.now() - agoMs,
      items: new Map(Object.entries(items)),
      codes: new Map(Object.entries(codes)),
    }
    return keepLookups(db, looked, keptMs)
  }
  const titles = async (maxAgeMs: number, ...asins: string[]) =>
    Object.fromEntries(
      (await knownItems(db, US, asins, maxAgeMs)).map(({ asin, item }) => [asin, item?.title ?? null]),
    )

  it('is known while it is fresh enough, and that there is nothing as well', async () => {
    await keep(2 * HOUR, { B000000001: { title: 'old' }, B000000002: null })
    await keep(0, { B000000003: { title: 'new' } })
    const all = ['B000000001', 'B000000002', 'B000000003', 'B000000004']
    expect(await titles(HOUR, ...all)).toEqual({ B000000003: 'new' })
    expect(await titles(3 * HOUR, ...all)).toEqual({ B000000001: 'old', B000000002: null, B000000003: 'new' })
    expect(await knownItems(db, 'A2EUQ1WTGCTBG2', all, WEEK)).toEqual([])
  })

  it('gives way to what is newer alone, in whatever order it comes', async () => {
    await keep(HOUR, { B000000001: { title: 'newer' } }, { [CODE]: ['B000000001'] })
    await keep(2 * HOUR, { B000000001: { title: 'older' } }, { [CODE]: [] })
    expect(await titles(WEEK, 'B000000001')).toEqual({ B000000001: 'newer' })
    expect(await knownCodes(db, US, [CODE], WEEK)).toMatchObject([
      { gtin14: CODE, items: [{ title: 'newer' }] },
    ])
    // A clock that is ahead does not keep its answers for ever.
    await keep(-24 * HOUR, { B000000001: { title: 'from the future' } })
    await keep(0, { B000000001: { title: 'now' } })
    expect(await titles(WEEK, 'B000000001')).toEqual({ B000000001: 'now' })
  })

  it('has all items of a code, or the code is not known', async () => {
    const other = '00012345678905'
    const items = { B000000001: { title: 'one' }, B000000002: { title: 'two' } }
    await keep(0, items, { [CODE]: ['B000000001', 'B000000002'], [other]: [] })
    const known = await knownCodes(db, US, [CODE, other], WEEK)
    expect(new Map(known.map(({ gtin14, items }) => [gtin14, items.length]))).toEqual(
      new Map([
        [CODE, 2],
        [other, 0],
      ]),
    )
    await keep(0, { B000000002: null })
    expect((await knownCodes(db, US, [CODE, other], WEEK)).map(({ gtin14 }) => gtin14)).toEqual([other])
  })

  it('can hold whatever Amazon writes', async () => {
    const title = 'a\0b \\u0000 \ud800 "c" 😀'
    await keep(0, { B000000001: { title, images: ['x\0'], rank: 2 ** 53 - 1, brand: null } })
    expect(await knownItems(db, US, ['B000000001'], WEEK)).toMatchObject([
      { item: { title: 'ab \\u0000 \ufffd "c" 😀', images: ['x'], rank: 2 ** 53 - 1, brand: null } },
    ])
  })

  it('is forgotten when it is older than anybody takes it for fresh', async () => {
    await keep(8 * 24 * HOUR, { B000000001: { title: 'old' } }, { [CODE]: ['B000000001'] }, 2 * WEEK)
    await keep(0, { B000000002: null })
    expect(await db.query('select asin from looked_up_items')).toEqual([{ asin: 'B000000002' }])
    expect(await db.query('select 1 from looked_up_codes')).toEqual([])
  })

  it('of one item by many at once does not stand in anybody’s way', async () => {
    const asins = Array.from({ length: 20 }, (_, i) => `B${String(i).padStart(9, '0')}`)
    const all = (order: readonly string[]) => Object.fromEntries(order.map((asin) => [asin, { title: asin }]))
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => keep(i, all(i % 2 === 0 ? asins : asins.toReversed()))),
    )
    expect(await knownItems(db, US, asins, WEEK)).toHaveLength(20)
  })

  it('stands beside products that have the code in one of its forms, one with a fresh answer first', async () => {
    await db.query(
      `insert into products (sku, upc, title, gtin14) values ('A', '36000291452', 'no answer', null),
         ('B', '036000291452', 'answered', '${CODE}'), ('C', '036000291452', 'by mistake', '00000000000017')`,
    )
    // The trigger took the codes for new ones.
    await db.query(
      `update products set gtin14 = case sku when 'B' then '${CODE}' when 'C' then '00000000000017' end`,
    )
    await db.query(
      `update product_syncs s set state = 'not_found', synced_at = now() - interval '1 hour', last_reason = 'none'
         from products p where p.id = s.product_id and p.sku in ('B', 'C')`,
    )
    const forms = new Map([[CODE, ['36000291452', '036000291452']]])
    const [product] = await productsByCode(db, US, forms, 2 * HOUR)
    expect(product).toMatchObject({
      sku: 'B',
      answer: { state: 'not_found', reason: 'none', candidates: [] },
    })
    const [stale] = await productsByCode(db, US, forms, HOUR / 2)
    expect(stale).toMatchObject({ answer: null })
    // Where nothing is kept in step, the facts of the product are known all the same.
    expect(await productsByCode(db, 'A2EUQ1WTGCTBG2', forms, WEEK)).toMatchObject([{ answer: null }])
  })
})
