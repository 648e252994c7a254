import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Charset } from './charset.ts'
import { all, inPieces } from './testing.ts'
import { textOf } from './text.ts'

const DE = 'A1PA6795UKMFR9'
const JP = 'A1VC38T7YXB528'

interface Said {
  readonly contentType?: string
  readonly marketplaceId?: string
  readonly charset?: Charset
}

/** What is read, whatever the pieces that it comes in. */
async function read(content: Buffer, { contentType, marketplaceId, charset }: Said = {}) {
  const results = []
  for (const length of content.length > 20_000 ? [content.length, 1_009] : [content.length || 1, 3, 1]) {
    const { pieces, findings } = textOf(
      async () => ({ contentType: contentType ?? null, bytes: inPieces(content, length) }),
      { marketplaceId: marketplaceId ?? null, charset },
    )
    results.push({ text: (await all(pieces)).join(''), ...findings })
  }
  for (const result of results) expect(result).toEqual(results[0])
  return results[0]!
}

/** Windows-1252 has these characters where Latin-1 has them. */
const cp1252 = (text: string) => Buffer.from(text.replaceAll('€', '\x80'), 'latin1')
/** テスト */
const SHIFT_JIS = Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67])

describe('character sets (pain 6: report encoding)', () => {
  it.each<[string, Buffer, Said, string, Charset | null]>([
    [
      'Cp1252, as the storage calls it',
      cp1252('Größe 5 €'),
      { contentType: 'text/plain;charset=Cp1252' },
      'Größe 5 €',
      'windows-1252',
    ],
    [
      'Windows-31J, as Java calls it',
      SHIFT_JIS,
      { contentType: 'text/plain; charset="Windows-31J"' },
      'テスト',
      'shift_jis',
    ],
    [
      'UTF-8 that says so',
      Buffer.from('Größe テ'),
      { contentType: 'text/plain; charset=UTF-8' },
      'Größe テ',
      'utf-8',
    ],
    ['UTF-8 that says nothing', Buffer.from('Größe テ'), {}, 'Größe テ', 'utf-8'],
    [
      'UTF-8 with a byte order mark, which is dropped',
      Buffer.from('\ufeffsku\t1'),
      { contentType: 'text/plain; charset=Cp1252' },
      'sku\t1',
      'utf-8',
    ],
    ["Japan's flat files that say nothing", SHIFT_JIS, { marketplaceId: JP }, 'テスト', 'shift_jis'],
    ['all other flat files that say nothing', cp1252('5 €a'), { marketplaceId: DE }, '5 €a', 'windows-1252'],
    ['UTF-16', Buffer.from('\ufeffab', 'utf16le'), {}, 'ab', 'utf-16le'],
    ['ASCII, which is the same in all of them', Buffer.from('sku\tprice\n'), {}, 'sku\tprice\n', null],
    ['nothing', Buffer.alloc(0), {}, '', null],
    [
      'an XML declaration, against the storage',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>', 'latin1'),
      { contentType: 'text/xml; charset=UTF-8' },
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>',
      'windows-1252',
    ],
    [
      'what the caller knows better',
      cp1252('ÃƒÂ¼'.slice(0, 1)),
      { charset: 'windows-1252' },
      'Ã',
      'windows-1252',
    ],
  ])('%s', async (_, content, said, expected, charset) => {
    expect(await read(content, said)).toMatchObject({ text: expected, charset, mended: 0, damaged: 0 })
  })

  it('a storage that calls UTF-8 Cp1252 is not believed', async () => {
    const text = 'Größe: 42, Farbe: Grün, Maß: 3 €'
    const result = await read(Buffer.from(text), { contentType: 'text/plain; charset=Cp1252' })
    expect(result).toMatchObject({ text, charset: 'utf-8', declared: 'windows-1252' })
  })

  it('a storage that calls Cp1252 UTF-8 is not believed', async () => {
    const text = 'Größe\nGrün\n'
    const result = await read(cp1252(text), { contentType: 'text/plain; charset=UTF-8', marketplaceId: DE })
    expect(result).toMatchObject({ text, charset: 'windows-1252', declared: 'utf-8', damaged: 0 })
  })

  it('two characters that might be UTF-8 by chance do not outweigh what the storage says', async () => {
    const content = Buffer.from([0xc4, 0x80, 0x20, 0xc4, 0x80])
    expect((await read(content, { contentType: 'text/plain; charset=Cp1252' })).text).toBe('Ä€ Ä€')
  })

  it('the first letter that is not ASCII decides, however far in it is', async () => {
    const plain = 'sku\tplain\n'.repeat(100_000)
    const end = await read(Buffer.concat([Buffer.from(plain), cp1252('Größe')]), { marketplaceId: DE })
    expect(end.text === `${plain}Größe`).toBe(true)
    expect(end).toMatchObject({ charset: 'windows-1252', damaged: 0 })
  })

  it('lines of Cp1252 within UTF-8 are read as what they are, and counted', async () => {
    const lines = [Buffer.from('Größe テ\n'), cp1252('Grün 5 €\n'), Buffer.from('ß\n')]
    const result = await read(Buffer.concat(lines), { marketplaceId: DE })
    expect(result).toMatchObject({ text: 'Größe テ\nGrün 5 €\nß\n', charset: 'utf-8', mended: 2, damaged: 0 })
  })

  it('a question mark that Amazon wrote stays one: nothing is made up (models#4888, #4955)', async () => {
    const result = await read(cp1252('Pi?a, Gr\xf6\xdfe'), { contentType: 'text/plain; charset=Cp1252' })
    expect(result).toMatchObject({ text: 'Pi?a, Größe', mended: 0, damaged: 0 })
  })

  it('what can not be read in any way is counted', async () => {
    const broken = Buffer.concat([SHIFT_JIS, Buffer.from([0x0a, 0xff, 0x0a])])
    const result = await read(broken, { contentType: 'text/plain; charset=Shift_JIS' })
    expect(result.text.startsWith('テスト\n\ufffd')).toBe(true)
    expect(result.damaged).toBe(1)
  })

  it('characters that pieces cut in two are put together again', async () => {
    const long = 'テスト€𝄞'.repeat(1_000)
    expect(await read(Buffer.from(long))).toMatchObject({ text: long, mended: 0, damaged: 0 })
  })

  it('a character set that does not exist is not guessed at', async () => {
    await expect(read(Buffer.from('a'), { contentType: 'text/plain; charset=klingon' })).rejects.toThrow(
      'is in klingon, which is no character set',
    )
  })
})

describe('compression', () => {
  const content = Buffer.from('Größe\n'.repeat(50_000))

  it.each([
    ['not compressed', content],
    ['stored compressed', gzipSync(content)],
    [
      'compressed in parts',
      Buffer.concat([gzipSync(content.subarray(0, 1_000)), gzipSync(content.subarray(1_000))]),
    ],
  ])('a document that was %s is read', async (_, stored) => {
    expect((await read(stored)).text === content.toString()).toBe(true)
  })

  it('a compressed document that is cut off says so', async () => {
    const cut = gzipSync(Buffer.from('x'.repeat(10_000))).subarray(0, 20)
    await expect(read(cut)).rejects.toThrow('can not be decompressed')
  })

  it('the download ends when nobody wants the rest', async () => {
    let ended = false
    const endless = (async function* () {
      try {
        for (;;) yield Buffer.from('x'.repeat(1_000))
      } finally {
        ended = true
      }
    })()
    const { pieces } = textOf(async () => ({ contentType: null, bytes: endless }), { marketplaceId: null })
    for await (const _ of pieces) break
    expect(ended).toBe(true)
  })
})
