import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '#tests/support/backing.ts'
import { XLSX_TYPE } from './import-route.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'POST /products with a workbook', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting()
  })
  afterAll(() => api.close())

  const send = (workbook: Uint8Array) =>
    api.post('/products', XLSX_TYPE, new Blob([new Uint8Array(workbook)]) as RequestInit['body'])

  it('takes what a spreadsheet program wrote, and says which cells lost what was typed', async () => {
    const file = await readFile(new URL('imports/fixtures/products.xlsx', import.meta.url))
    const { status, body } = await send(file)
    expect(status).toBe(200)
    expect(body).toMatchObject({ received: 5, inserted: 3, rejected: 2 })
    expect(
      await api.db.query(
        'select sku, upc, title, supplier, pack_quantity as pack from products order by sku',
      ),
    ).toEqual([
      { sku: '1234567', upc: '0036000291452', title: 'line\nbreak', supplier: '=1+1', pack: null },
      { sku: 'A-1', upc: '12345678905', title: 'Ünïcode "quoted", comma', supplier: null, pack: 2 },
      { sku: 'A-2', upc: '012345678905', title: 'spaces around', supplier: 'Acme', pack: 1 },
    ])
    expect(body.errors.map(({ line, field }: { line: number; field?: string }) => [line, field])).toEqual([
      [6, 'sku'],
      [6, 'upc'],
      [6, 'packQuantity'],
      [7, undefined],
    ])
    expect(body.errors[0].message).toContain('is a date')
    expect(body.errors[1].message).toContain('digits were lost')
    expect(body.errors[3].message).toContain('column 7')
  })

  it.each([
    ['a text', Buffer.from('sku,upc\nA,1\n')],
    ['nothing', Buffer.alloc(0)],
    ['half of a workbook', null],
  ])('refuses %s as no workbook, and lives', async (_what, given) => {
    const whole = await readFile(new URL('imports/fixtures/products.xlsx', import.meta.url))
    const { status, body } = await send(given ?? whole.subarray(0, whole.length / 2))
    expect({ status, type: body.type }).toEqual({
      status: 400,
      type: 'urn:asinstream:problem:invalid-document',
    })
    expect((await api.ask('/products?limit=1')).status).toBe(200)
  })
})
