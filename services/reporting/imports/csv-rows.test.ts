import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsvRecord } from './csv-record.ts'
import { csvRows } from './csv-rows.ts'
import { type Line, readLines } from './lines.ts'
import { columnNames, type Row } from './product-row.ts'

const bytes = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))

async function* chunksOf(body: Buffer, sizes: readonly number[] = [body.length]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] as number)
    yield body.subarray(at, at + size)
    at += size
  }
}

async function collect<T>(parts: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const part of parts) all.push(...part)
  return all
}

async function linesOf(body: Buffer, sizes?: readonly number[]): Promise<Line[]> {
  return collect(readLines(chunksOf(body, sizes)))
}

async function rowsOf(body: Buffer, sizes?: readonly number[]): Promise<Row[]> {
  return collect(csvRows(readLines(chunksOf(body, sizes))))
}

const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`

/** Texts with what CSV has to be careful with. */
const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '0', '🙂'), maxLength: 8 })

describe('parseCsvRecord', () => {
  it('agrees with csv-parse on every record that is written as it should be', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 6 }), fc.boolean(), (values, always) => {
        const text = values.map((v) => (always || /[",\n]/.test(v) ? quote(v) : v)).join(',')
        fc.pre(text !== '')
        expect(parseCsvRecord(text)).toEqual({ kind: 'values', values })
        expect(parse(text, { trim: false, relax_column_count: true })).toEqual([values])
      }),
    )
  })

  it('refuses what csv-parse refuses, whatever the text, except for ="…"', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', ' '), minLength: 1 }), (text) => {
        const record = parseCsvRecord(text)
        let theirs: readonly string[] | undefined
        try {
          theirs = parse(text, { relax_column_count: true })[0]
        } catch {
          theirs = undefined
        }
        expect(record.kind === 'values' ? record.values : undefined).toEqual(theirs)
      }),
    )
  })

  it('takes ="…", which keeps zeros from spreadsheets, as it stands', () => {
    expect(parseCsvRecord('S1,="0123",x')).toEqual({ kind: 'values', values: ['S1', '="0123"', 'x'] })
    expect(parseCsvRecord('S1,=0"12"3')).toMatchObject({ kind: 'broken' })
  })
})

describe('readLines', () => {
  it('gives the same lines however the bytes are cut', async () => {
    const body = fc.array(fc.constantFrom('a', 'é', '🙂', '\n', '\r\n', '\uFEFF', new Uint8Array([0xe9])))
    await fc.assert(
      fc.asyncProperty(body, fc.array(fc.nat({ max: 5 }), { minLength: 1 }), async (parts, sizes) => {
        const whole = bytes(...parts)
        expect(await linesOf(whole, sizes)).toEqual(await linesOf(whole))
      }),
    )
  })

  it('counts lines from 1, takes LF and CRLF, and needs no last one', async () => {
    expect(await linesOf(bytes('\uFEFFa\r\n\nb\n'))).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: '' },
      { number: 3, text: 'b' },
    ])
    expect(await linesOf(bytes('a\nb'))).toHaveLength(2)
    expect(await linesOf(bytes(''))).toEqual([])
  })

  it('reports a line that is too long, in whatever pieces it comes, and goes on', async () => {
    const body = bytes('a\n', 'x'.repeat(70_000), '\nb\n', 'x'.repeat(65_536), '\n')
    for (const sizes of [[body.length], [1_000], [65_536]]) {
      expect(await linesOf(body, sizes)).toMatchObject([
        { text: 'a' },
        { number: 2, problem: expect.stringContaining('65,536') },
        { text: 'b' },
        { number: 4, text: expect.anything() },
      ])
    }
  })

  it('reports a line that is not UTF-8 and goes on', async () => {
    expect(await linesOf(bytes('a\ncaf', new Uint8Array([0xe9]), '\nb'))).toMatchObject([
      { text: 'a' },
      { number: 2, problem: expect.stringContaining('UTF-8') },
      { text: 'b' },
    ])
  })
})

describe('csvRows', () => {
  const header = 'sku,title\n'
  const summary = async (text: string) =>
    (await rowsOf(bytes(header, text))).map((row) => ('product' in row ? row.product.sku : `!${row.line}`))

  it('reads whatever was written, in any order of columns, however it is cut', async () => {
    const title = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', '1'), maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(title, { maxLength: 20 }),
        fc.shuffledSubarray(columnNames.filter((name) => name !== 'sku')),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        async (titles, others, sizes) => {
          const columns = [...others, 'sku']
          const value = (column: string, i: number): string =>
            column === 'sku' ? `S${i}` : column === 'pack_quantity' ? '3' : (titles[i] as string)
          const text = [
            columns.join(','),
            ...titles.map((_, i) => columns.map((column) => quote(value(column, i))).join(',')),
          ].join('\n')
          const rows = await rowsOf(bytes(text), sizes)
          expect(rows.map((row) => ('product' in row ? row.product : row))).toEqual(
            titles.map((written, i) => {
              const text = written.trim() === '' ? null : written.trim()
              const fields = others.map((name) =>
                name === 'pack_quantity' ? ['packQuantity', 3] : [name, text],
              )
              return { sku: `S${i}`, ...Object.fromEntries(fields) }
            }),
          )
        },
      ),
    )
  })

  it.each([
    ['a quote that nobody closes', 'S1,"open\nS2,b\nS3,c\n', ['!2', 'S2', 'S3']],
    ['one that a later quote would close', 'S1,"open\nS2,b\nS3,"c, d"\nS4,e\n', ['!2', 'S2', 'S3', 'S4']],
    ['two in a row', 'S1,"a\nS2,"b\nS3,c\n', ['!2', '!3', 'S3']],
    ['a value over two lines', 'S1,"a\nb"\nS2,c\n', ['S1', 'S2']],
    ['a value over two lines and a comma too much', 'S1,"a\nb",x\nS2,c\n', ['!2', '!3', 'S2']],
    ['a quote in the middle', 'S1,12" pipe\nS2,c\n', ['!2', 'S2']],
    ['one before a line that is not UTF-8', 'S1,"a\nS2,b', ['!2', 'S2']],
  ])('loses no line after %s', async (_, text, expected) => {
    expect(await summary(text)).toEqual(expected)
  })

  it('gives an open quote up after a hundred lines, whatever follows', async () => {
    const text = `S0,"open\n${Array.from({ length: 500 }, (_, i) => `S${i + 1},x`).join('\n')}\nS501,"y"\n`
    const rows = await summary(text)
    expect(rows[0]).toBe('!2')
    expect(rows.slice(1)).toEqual(Array.from({ length: 501 }, (_, i) => `S${i + 1}`))
  })

  it('reads a file of nothing but broken quotes in reasonable time', async () => {
    const rows = await summary('S1,"a\n'.repeat(20_000))
    expect(rows).toHaveLength(20_000)
  })
})
