import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'POST /products', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ environment: { MAX_BODY_BYTES: '200000' } })
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    await api.db.query('delete from products')
  })

  const csv = (text: RequestInit['body'], headers?: Record<string, string>) =>
    api.post('/products', 'text/csv', text, headers)
  const stored = (sku: string) =>
    api.db
      .query(
        'select sku, upc, title, brand, supplier, category, pack_quantity from products where sku = $1',
        [sku],
      )
      .then((rows) => rows[0])
  const counts = (body: Record<string, number>) =>
    ['received', 'inserted', 'updated', 'unchanged', 'rejected'].map((name) => body[name])

  it('takes a CSV with its columns in any order and case, and a BOM', async () => {
    const { status, body } = await csv(
      '\uFEFFTitle,SKU,Pack_Quantity,upc\r\n"Rope, 12""",S1,3,036000291452\r\n\r\nNut,S2,,\r\n',
    )
    expect(status).toBe(200)
    expect(body).toEqual({
      received: 2,
      inserted: 2,
      updated: 0,
      unchanged: 0,
      rejected: 0,
      errors: [],
      errorsOmitted: 0,
    })
    expect(await stored('S1')).toMatchObject({ title: 'Rope, 12"', pack_quantity: 3, upc: '036000291452' })
    expect(await stored('S2')).toMatchObject({ title: 'Nut', pack_quantity: null, upc: null })
    const [sync] = await api.db.query('select count(*)::int as n from product_syncs')
    expect(sync).toEqual({ n: 2 })
  })

  it('keeps what a file has no column for, and clears what it has an empty cell for', async () => {
    await csv('sku,title,brand\nS1,Rope,Acme\n')
    expect(counts((await csv('sku,title\nS1,\n')).body)).toEqual([1, 0, 1, 0, 0])
    expect(await stored('S1')).toMatchObject({ title: null, brand: 'Acme' })
    expect(counts((await csv('sku,title\nS1,\n')).body)).toEqual([1, 0, 0, 1, 0])
  })

  it('reports bad lines and keeps the good ones', async () => {
    const { status, body } = await csv(
      [
        'sku,title,pack_quantity',
        'S1,Rope,1',
        'S2,too,many,values',
        ',no sku,1',
        'S4,Nut,0',
        'S5,"never closed,1',
        'S6,Bolt,2',
        'S7,in"ch,1',
        `${'x'.repeat(256)},long,1`,
        'S9,NUL\0,1',
        'S10,Pin,1',
      ].join('\n'),
    )
    expect(status).toBe(200)
    expect(counts(body)).toEqual([10, 3, 0, 0, 7])
    expect(body.errors.map(({ line, field }: { line: number; field?: string }) => [line, field])).toEqual([
      [3, undefined],
      [4, 'sku'],
      [5, 'packQuantity'],
      [6, undefined],
      [8, undefined],
      [9, 'sku'],
      [10, 'title'],
    ])
    expect(body.errors[3].message).toContain('column 2')
    expect(body.errors.map(({ value }: { value?: string }) => value)).toEqual([
      undefined,
      undefined,
      '0',
      undefined,
      undefined,
      'x'.repeat(200),
      'NUL\0',
    ])
    expect(await api.db.query('select sku from products order by sku')).toEqual([
      { sku: 'S1' },
      { sku: 'S10' },
      { sku: 'S6' },
    ])
  })

  it('passes over the columns that the page puts before refused lines', async () => {
    const { body } = await csv('import_line,import_error,sku,title\n7,"sku is missing",S1,Rope\n')
    expect(counts(body)).toEqual([1, 1, 0, 0, 0])
    expect(await stored('S1')).toMatchObject({ title: 'Rope' })
  })

  it('keeps a product whose code is damaged: the sync says what is wrong with it', async () => {
    const { body } = await csv('sku,upc\nS1,8.85E+11\nS2,="0036000291452"\nS3,not a code\n')
    expect(counts(body)).toEqual([3, 3, 0, 0, 0])
    // That one is what spreadsheet programs need to show all digits: not damage.
    expect(await stored('S1')).toMatchObject({ upc: '8.85E+11' })
    expect(await stored('S2')).toMatchObject({ upc: '0036000291452' })
  })

  it('reports lines that are not UTF-8, and refuses UTF-16', async () => {
    const bytes = Buffer.concat([
      Buffer.from('sku,title\nS1,caf'),
      Buffer.from([0xe9]),
      Buffer.from('\nS2,café \uFFFD\n'),
    ])
    const { body } = await csv(bytes)
    expect(counts(body)).toEqual([2, 1, 0, 0, 1])
    expect(body.errors).toEqual([{ line: 2, message: expect.stringContaining('not UTF-8') }])
    const utf16 = await csv(Buffer.from('\uFEFFsku,title\nS1,x\n', 'utf16le'))
    expect(utf16.status).toBe(400)
    expect(utf16.body.detail).toContain('UTF-16')
    expect((await api.post('/products', 'text/csv; charset=iso-8859-1', 'sku\nS1\n')).status).toBe(415)
  })

  it.each([
    ['unknown columns', 'sku,ean,colour\n', ['"ean"', '"colour"', 'pack_quantity']],
    ['no sku', 'upc,title\n', ['no sku column', 'known ones are sku, upc']],
    ['semicolons', 'sku;upc;title\n', ['";"', 'commas']],
    ['a column twice', 'sku,pack_quantity,packQuantity\n', ['packQuantity twice']],
    ['nothing', '', ['empty', 'header']],
  ])('answers a header with %s with what to do', async (_, text, parts) => {
    const { status, body, headers } = await csv(text)
    expect(status).toBe(400)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body).toMatchObject({ type: 'urn:asinstream:problem:invalid-document', status: 400 })
    for (const part of parts) expect(body.detail).toContain(part)
  })

  it('takes NDJSON line by line', async () => {
    const { body } = await api.post(
      '/products',
      'application/x-ndjson',
      '{"sku":"S1","upc":36000291452,"packQuantity":2}\n\n{"sku":"S2",}\n{"sku":"S3","colour":"red"}\n{"sku":"S4","title":7}\n[]\n{"sku":"S5","title":"\\ud800"}\n{"sku":"S6","title":null}',
    )
    expect(counts(body)).toEqual([7, 2, 0, 0, 5])
    expect(body.errors).toMatchObject([
      { line: 3, message: expect.stringContaining('JSON') },
      { line: 4, field: 'colour' },
      { line: 5, field: 'title' },
      { line: 6 },
      { line: 7, field: 'title' },
    ])
    expect(await stored('S1')).toMatchObject({ upc: '36000291452', pack_quantity: 2 })
  })

  it('takes one JSON object or an array', async () => {
    const one = await api.post('/products', 'application/json', '{"sku":"S1","title":"Rope"}')
    expect(counts(one.body)).toEqual([1, 1, 0, 0, 0])
    const several = await api.post(
      '/products',
      'application/json',
      '[{"sku":"S1"},{"sku":"S2"},{"sku":""},{"sku":"S2","title":"later wins"}]',
    )
    expect(counts(several.body)).toEqual([4, 1, 0, 2, 1])
    expect(several.body.errors).toMatchObject([{ line: 3, field: 'sku' }])
    expect(await stored('S1')).toMatchObject({ title: 'Rope' })
    expect(await stored('S2')).toMatchObject({ title: 'later wins' })
    const broken = await api.post('/products', 'application/json', '[{"sku":')
    expect(broken.body).toMatchObject({ status: 400, detail: expect.stringContaining('JSON') })
    expect((await api.post('/products', 'application/json', '"S1"')).status).toBe(400)
  })

  it('answers 422 with the report when not one line is good', async () => {
    const { status, body } = await csv('sku,title\n,a\n,b\n')
    expect(status).toBe(422)
    expect(body).toMatchObject({ received: 2, rejected: 2, errors: [{ line: 2 }, { line: 3 }] })
    expect(body.detail).toContain('line 2')
    expect((await csv('sku,title\n')).body).toMatchObject({ received: 0 })
  })

  it('refuses other types, packings and sizes', async () => {
    const form = await api.post('/products', 'application/x-www-form-urlencoded', 'sku=S1')
    expect(form.status).toBe(415)
    expect(form.body.detail).toContain('text/csv, application/x-ndjson, application/json or an XLSX workbook')
    expect((await csv('sku\nS1\n', { 'content-encoding': 'br' })).status).toBe(415)
    const large = await csv(`sku\n${'x'.repeat(200_000)}\n`)
    expect(large.body).toMatchObject({ status: 413, detail: expect.stringContaining('MAX_BODY_BYTES') })
  })

  it('unpacks gzip, and reckons a bomb by what it unpacks to', async () => {
    const packed = { 'content-encoding': 'gzip' }
    expect((await csv(gzipSync('sku\nS1\n'), packed)).body).toMatchObject({ inserted: 1 })
    const damaged = gzipSync(`sku\n${'S1\n'.repeat(1_000)}`).subarray(0, 25)
    expect(await csv(damaged, packed)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('gzip') },
    })
    const bomb = await csv(gzipSync(`sku\n${'S1\n'.repeat(1_000_000)}`), packed)
    expect(bomb.status).toBe(413)
    expect(bomb.body.imported.received).toBeGreaterThan(0)
  })

  it('lists 10,000 errors and counts the others', async () => {
    const { body } = await csv(`sku,pack_quantity\nS1,1\n${',1\n'.repeat(10_005)}`)
    expect(body).toMatchObject({ received: 10_006, inserted: 1, rejected: 10_005, errorsOmitted: 5 })
    expect(body.errors).toHaveLength(10_000)
  })
})
