import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { addProducts, US } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { sheetRows } from '../imports/xlsx-rows.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

describeWith(['postgres'], 'GET /products/export', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({
      countries: ['US', 'CA'],
      reporting: { clock: () => Date.UTC(2026, 0, 31, 23, 59) },
    })
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    await api.db.query('delete from products')
  })

  const download = async (query: string) => {
    const answer = await fetch(`${api.origin}/products/export?${query}`)
    return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  const rowsOf = async (query: string): Promise<Record<string, unknown>[]> => {
    const { bytes } = await download(`format=ndjson&${query}`)
    return bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }

  /** One product with everything that an export has to be careful with, and its chosen item in the United States. */
  async function addOne(): Promise<void> {
    await api.post(
      '/products',
      'application/json',
      JSON.stringify({
        sku: '007',
        upc: '036000291452',
        title: '=HYPERLINK("http://evil.example","x")',
        brand: 'Ünïcode, "quoted"\nline',
        supplier: '@SUM(1)',
        category: '-5',
        packQuantity: 3,
      }),
    )
    await api.db.query(
      `insert into amazon_market_data
         (product_id, marketplace_id, asin, chosen, score, reasons, title, sales_rank, price, currency, observed_at, operation)
       select id, $1, 'B000000001', true, 1, '[]', '+1 title', 42, 1234.5, 'USD', now(), 'searchCatalogItems' from products`,
      [US],
    )
    await api.db.query(`update product_syncs set state = 'success' where marketplace_id = $1`, [US])
  }

  /** More than the buffers between two processes hold. */
  const addMany = () =>
    api.db.query(
      `insert into products (sku, title) select 'M' || i, repeat('x', 9000) from generate_series(1, 2000) i`,
    )

  it('is a CSV that a spreadsheet program neither damages nor runs', async () => {
    await addOne()
    const { answer, bytes } = await download('state=success')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="products-20260131-2359.csv"',
    )
    const text = bytes.toString()
    expect(text.startsWith('\uFEFFsku,upc,title,')).toBe(true)
    const [row] = parse(text, { columns: true, bom: true }) as Record<string, string>[]
    expect(row).toMatchObject({
      sku: '="007"',
      upc: '="036000291452"',
      title: `'=HYPERLINK("http://evil.example","x")`,
      brand: 'Ünïcode, "quoted"\nline',
      supplier: "'@SUM(1)",
      category: "'-5",
      pack_quantity: '3',
      marketplace: 'US',
      state: 'success',
      asin: 'B000000001',
      amazon_title: "'+1 title",
      sales_rank: '42',
      price: '1234.50',
      currency: 'USD',
    })
  })

  it('is a CSV as it stands for a program', async () => {
    await addOne()
    const { bytes } = await download('state=success&csvFor=program')
    expect(bytes.toString().startsWith('sku,')).toBe(true)
    const [row] = parse(bytes, { columns: true }) as Record<string, string>[]
    expect(row).toMatchObject({ sku: '007', upc: '036000291452', category: '-5', amazon_title: '+1 title' })
  })

  it('is a workbook in which identifiers are texts and numbers are numbers', async () => {
    await addOne()
    const { answer, bytes } = await download('state=success&format=xlsx')
    expect(answer.headers.get('content-type')).toBe(XLSX)
    const [batch] = await Array.fromAsync(sheetRows(bytes, 64))
    const [header, row] = (batch ?? []).map(({ cells }) => cells)
    const at = (name: string) => row?.[(header ?? []).indexOf(name)]
    expect(['sku', 'upc', 'title', 'pack_quantity', 'price', 'product_id'].map(at)).toEqual([
      '007',
      '036000291452',
      '=HYPERLINK("http://evil.example","x")',
      3,
      1234.5,
      expect.stringMatching(/^[\da-f-]{36}$/),
    ])
  })

  it.each(['csv', 'xlsx'] as const)('comes back by an import (%s) without a change', async (format) => {
    await addOne()
    await addProducts(api.db, 3, { title: "'quoted already" })
    const { bytes } = await download(`format=${format}`)
    const type = format === 'csv' ? 'text/csv' : XLSX
    const { body } = await api.post(
      '/products',
      type,
      new Blob([new Uint8Array(bytes)]) as RequestInit['body'],
    )
    // Each product in two marketplaces.
    expect(body).toMatchObject({ received: 8, unchanged: 8, rejected: 0 })
  })

  it('has the rows that were asked for, by product, by marketplace, by job', async () => {
    await addProducts(api.db, 4)
    const job = '00000000-0000-7000-8000-000000000001'
    await api.db.query(
      `update product_syncs set state = 'error', job_id = $2, last_reason = 'no answer'
        where marketplace_id = $1 and product_id in (select id from products where sku in ('S1', 'S2'))`,
      [US, job],
    )
    await api.db.query(
      `update product_syncs set state = 'success', job_id = $2 where marketplace_id = $1 and state = 'pending'`,
      [US, job],
    )
    expect(await rowsOf('')).toHaveLength(8)
    expect(await rowsOf('sku=S1&sku=S3')).toHaveLength(4)
    expect(await rowsOf(`job=${job}`)).toHaveLength(4)
    expect((await rowsOf('marketplace=CA&sku=S1&sku=S3')).map(({ marketplace }) => marketplace)).toEqual([
      'CA',
      'CA',
    ])
    // What is pending elsewhere is no failure, and neither is a match.
    expect(await rowsOf(`job=${job}&failures=false`)).toHaveLength(4)
    expect(await rowsOf('failures=true')).toHaveLength(2)
    const failed = await rowsOf(`job=${job}&failures=true`)
    expect(failed).toEqual(await rowsOf(`job=${job}&state=error`))
    expect(failed.map(({ sku, marketplace, reason }) => [sku, marketplace, reason]).sort()).toEqual([
      ['S1', 'US', 'no answer'],
      ['S2', 'US', 'no answer'],
    ])
  })

  it.each([
    ['format=pdf', 'format'],
    ['job=1', 'job'],
    ['state=bogus', 'state'],
    ['syncStatus=bogus', 'syncStatus'],
    ['csvFor=nobody', 'csvFor'],
    ['failures=1', 'failures'],
    ['failures=true&state=error', 'failures'],
    ['marketplace=Mars', 'marketplace'],
    ['colour=red', 'colour'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await api.ask(`/products/export?${query}`)
    expect({ status, fields: body.errors?.map((one: { field: string }) => one.field) }).toEqual({
      status: 400,
      fields: [field],
    })
  })

  it('refuses pages, and a third one beside two; and lets go of what nobody reads on', async () => {
    expect((await api.ask('/products/export?limit=5')).status).toBe(400)
    // Pages ask whether a download would begin.
    const head = (query = '') => fetch(`${api.origin}/products/export${query}`, { method: 'HEAD' })
    expect((await head()).status).toBe(200)
    expect((await head('?limit=5')).status).toBe(400)
    await addMany()
    const readers = await Promise.all(
      [1, 2].map(async () => {
        const abort = new AbortController()
        const answer = await fetch(`${api.origin}/products/export?format=ndjson`, { signal: abort.signal })
        return { abort, answer }
      }),
    )
    expect(readers.map(({ answer }) => answer.status)).toEqual([200, 200])
    const third = await api.ask('/products/export')
    expect(third).toMatchObject({ status: 429, body: { type: 'urn:asinstream:problem:too-many-requests' } })
    expect((await head()).status).toBe(429)
    for (const { abort } of readers) abort.abort()
    await expect
      .poll(async () => (await fetch(`${api.origin}/products/export?sku=S1`)).status, { timeout: 20_000 })
      .toBe(200)
    await expect
      .poll(
        async () =>
          (
            await api.db.query(
              `select 1 from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
            )
          ).length,
        { timeout: 20_000 },
      )
      .toBe(0)
  })

  it('breaks the connection off when it can not go on: half a list must not look like a whole one', async () => {
    await addMany()
    const answer = await fetch(`${api.origin}/products/export?format=ndjson`)
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await api.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where query like 'fetch forward%' and datname = current_database() and pid <> pg_backend_pid()`,
    )
    const rest = async () => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toThrow()
    expect((await api.ask('/products?limit=1')).status).toBe(200)
  })
})
