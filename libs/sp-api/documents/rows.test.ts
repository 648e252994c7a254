import { describe, expect, it } from 'vitest'
import { flatFileRows, jsonLines } from './flat-file.ts'
import { jsonRows } from './json-rows.ts'
import { all, inPieces } from './testing.ts'
import { xmlRows } from './xml-rows.ts'

/** What a reader makes of a content, whatever the pieces that it comes in. */
async function read<T>(content: string, reader: (pieces: AsyncIterable<string>) => AsyncIterable<T>) {
  const one = await all(reader(inPieces(content, content.length || 1)))
  for (const length of [1, 7]) expect(await all(reader(inPieces(content, length)))).toEqual(one)
  return one
}

describe('flat files', () => {
  const rows = (content: string) => read(content, flatFileRows)

  it('are values by the names of the first line; quotation marks are characters', async () => {
    expect(await rows('sku\titem-name\tprice\r\nA-1\t19" "rack"\t3.50\r\nA-2\tplain\r\n')).toEqual([
      { sku: 'A-1', 'item-name': '19" "rack"', price: '3.50' },
      { sku: 'A-2', 'item-name': 'plain' },
    ])
  })

  it("lose no value: names that stand there twice, none, or a value more than names, or an object's own name", async () => {
    expect(await rows('a\ta\t\t__proto__\n1\t2\t3\t4\t5\n')).toEqual([
      { a: '1', a_2: '2', column_3: '3', column_4: '4', column_5: '5' },
    ])
  })

  it('are none in an empty file, or in one that has names alone', async () => {
    expect(await rows('')).toEqual([])
    expect(await rows('\n')).toEqual([])
    expect(await rows('sku\tprice\n')).toEqual([])
  })

  it("take the inventory ledger's quotation marks off, escaped within or not (selling-partner-api-models#4367)", async () => {
    expect(await rows('"Date"\t"Title"\n"08/24/2026"\t"PC, 1/2" Sensor"\n""\t"a ""b"""\n')).toEqual([
      { Date: '08/24/2026', Title: 'PC, 1/2" Sensor' },
      { Date: '', Title: 'a "b"' },
    ])
  })

  it('may have commas, as the VAT calculation report does, with quotation marks that mean something', async () => {
    expect(await rows('Marketplace,Name\nDE,"a, ""b"""\nFR,c\n')).toEqual([
      { Marketplace: 'DE', Name: 'a, "b"' },
      { Marketplace: 'FR', Name: 'c' },
    ])
  })

  it('end the source when nobody wants the rest', async () => {
    let ended = false
    const endless = (async function* () {
      try {
        for (;;) yield 'sku\tprice\nA\t1\n'
      } finally {
        ended = true
      }
    })()
    for await (const row of flatFileRows(endless)) {
      expect(row).toEqual({ sku: 'A', price: '1' })
      break
    }
    expect(ended).toBe(true)
  })

  it('without line ends do not fill the memory', async () => {
    const endless = (async function* () {
      for (;;) yield 'x'.repeat(1_000_000)
    })()
    await expect(all(flatFileRows(endless))).rejects.toThrow('line 1 of the document is too long')
  })
})

describe('JSON lines', () => {
  it('are values; a mistake names its line', async () => {
    expect(await read('{"a":1}\n\n{"a":2}', jsonLines)).toEqual([{ a: 1 }, { a: 2 }])
    await expect(read('{"a":1}\n{', jsonLines)).rejects.toThrow('line 2 of the document is no JSON')
  })
})

describe('JSON documents', () => {
  const report = JSON.stringify({
    reportSpecification: { reportType: 'GET_SALES_AND_TRAFFIC_REPORT', dataByAsin: [1] },
    salesByDate: [{ date: '2026-11-01' }],
    dataByAsin: [{ asin: 'B1', sales: { amount: 0.1 } }, 'dataByAsin', null, ['x']],
    empty: [],
    none: null,
  })
  const rows = (content: string, array: string | null) => read(content, (pieces) => jsonRows(pieces, array))

  it('give the items of the array that is named', async () => {
    expect(await rows(report, 'dataByAsin')).toEqual([
      { asin: 'B1', sales: { amount: 0.1 } },
      'dataByAsin',
      null,
      ['x'],
    ])
    expect(await rows(report, 'empty')).toEqual([])
    expect(await rows(' [{"a":1},2] \n', null)).toEqual([{ a: 1 }, 2])
  })

  it('without the array are no report without rows', async () => {
    await expect(rows(report, 'dataByAsins')).rejects.toThrow(
      'the array dataByAsins of the document is not there; it has reportSpecification, salesByDate, dataByAsin, empty, none',
    )
    await expect(rows('{"dataByAsin":{"a":1}}', 'dataByAsin')).rejects.toThrow('is no array')
    await expect(rows('["x",["y"]]', 'x')).rejects.toThrow('is not there')
    await expect(rows('{"a":[1]}', null)).rejects.toThrow('the document is no JSON array')
  })

  it.each([
    ['cut off', '{"a":[1,2'],
    ['cut off after a row', '{"a":[{"b":1},'],
    ['not JSON', '{"a":[1,,2]}'],
    ['followed by something else', '{"a":[1]} {"a":[2]}'],
    ['empty', ''],
  ])('that are %s say so', async (_, content) => {
    await expect(rows(content, 'a')).rejects.toMatchObject({ name: 'SpApiError', kind: 'failed' })
  })

  it('keep numbers that JavaScript would change', async () => {
    const content = '{"a":[12345678901234567890,0.1,1234567890123.4567,-0.000000000000001,1e3,100.00]}'
    expect(await rows(content, 'a')).toEqual([
      '12345678901234567890',
      0.1,
      '1234567890123.4567',
      -0.000000000000001,
      1000,
      100,
    ])
  })

  it('set nobody’s prototype', async () => {
    const [row] = (await rows('{"a":[{"__proto__":{"admin":true}}]}', 'a')) as [object]
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect(row).not.toHaveProperty('admin')
  })
})

describe('XML documents', () => {
  const rows = (content: string) => read(content, (pieces) => xmlRows(pieces, 'Order'))
  const orders = `<?xml version="1.0" encoding="UTF-8"?>
    <AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <Message><Order>
        <AmazonOrderID>111</AmazonOrderID><Note>a &amp; b <![CDATA[<c>]]></Note>
        <OrderItem><SKU>S1</SKU><Price currency="USD">1.50</Price></OrderItem>
        <OrderItem><SKU>S2</SKU><Order>inner</Order></OrderItem>
      </Order></Message>
      <Message><Order/></Message>
    </AmazonEnvelope>`

  it('give the elements that are named, with all that is in them', async () => {
    const [first, second, ...more] = await rows(orders)
    expect(more).toEqual([])
    expect(first!.textOf('AmazonOrderID')).toBe('111')
    expect(first!.textOf('Note')).toBe('a & b <c>')
    expect(first!.all('OrderItem').map((item) => item.textOf('SKU'))).toEqual(['S1', 'S2'])
    expect(first!.find('OrderItem.Price')).toMatchObject({ text: '1.50', attributes: { currency: 'USD' } })
    expect(first!.all('OrderItem')[1]!.textOf('Order')).toBe('inner')
    expect(first!.textOf('OrderItem.Nothing')).toBeNull()
    expect(second!.children).toEqual([])
  })

  it.each([
    ['cut off', '<a><Order><b>'],
    ['not XML', '<a><Order></b></Order></a>'],
    ['empty', ''],
    ['of entities that they define themselves', '<!DOCTYPE a [<!ENTITY e "x">]><a><Order>&e;</Order></a>'],
  ])('that are %s say so', async (_, content) => {
    await expect(rows(content)).rejects.toMatchObject({ name: 'SpApiError', kind: 'failed' })
  })

  it('with an element without end do not fill the memory', async () => {
    const endless = (async function* () {
      yield '<a><Order>'
      for (;;) yield `<b>${'x'.repeat(100_000)}</b>`
    })()
    await expect(all(xmlRows(endless, 'Order'))).rejects.toThrow('too large')
  })
})
