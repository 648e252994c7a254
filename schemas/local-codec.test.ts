import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from '#libs/stream/processor.ts'
import { avroType } from '#schemas/avro-type.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'
import { localSchemaId } from '#schemas/local-codec.ts'
import { DEAD_LETTERS, SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { type AvroJson, loadSchemas, newest, type SchemaVersion } from '#schemas/versions.ts'

const request: SyncRequest = {
  productId: '0198c2a4-6d1e-7b2a-9c55-3f1d2e4b6a01',
  marketplaceId: 'ATVPDKIKX0DER',
  attempt: 1,
  upc: null,
  codeStatus: 'valid',
  codeReason: null,
  gtin14: '00036000291452',
  repair: null,
  title: null,
  brand: null,
  packQuantity: null,
  requestedAt: 1_792_000_000_000,
}
const encode = (topic: string, value: unknown) => createLocalCodec().encode(topic, value) as Buffer
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const failure = (act: () => unknown): Error => {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not throw')
}

/** A topic whose record got a field, and the codecs of the release before and of today. */
function twoReleases() {
  const v1 = newest(loadSchemas().get(SYNC_REQUESTS)!)
  const schema = structuredClone(v1.schema) as { fields: object[] }
  schema.fields.push({ name: 'priority', type: 'int', default: 7, doc: 'Added' })
  const v2: SchemaVersion = { ...v1, version: 2, schema: schema as unknown as AvroJson }
  const codec = (...versions: SchemaVersion[]) => createLocalCodec(new Map([[SYNC_REQUESTS, versions]]))
  return { before: codec(v1), today: codec(v1, v2) }
}

describe('the local codec', () => {
  const examples = [...loadSchemas().values()].flat().flatMap((version) =>
    version.examples.map((example) => ({
      title: `${version.topic} v${version.version} ${example.name}`,
      topic: version.topic,
      value: example.value,
    })),
  )
  it.each(examples)('writes and reads $title', ({ topic, value }) => {
    expect(plain(createLocalCodec().decode(topic, encode(topic, value)))).toEqual(value)
  })

  it('writes Confluent wire format: a zero, the id, the body', () => {
    const type = avroType(newest(loadSchemas().get(SYNC_REQUESTS)!).schema)
    const bytes = encode(SYNC_REQUESTS, request)
    expect(bytes[0]).toBe(0)
    expect(bytes.readUInt32BE(1)).toBe(localSchemaId(type))
    expect(plain(type.fromBuffer(bytes.subarray(5)))).toEqual(request)
  })

  it('needs no promise, and hands out bytes of their own', () => {
    const codec = createLocalCodec()
    const one = codec.encode(SYNC_REQUESTS, request) as Buffer
    const copy = Buffer.from(one)
    codec.encode(SYNC_REQUESTS, { ...request, title: 'something else' })
    expect(one).toEqual(copy)
    expect(codec.decode(SYNC_REQUESTS, one)).not.toBeInstanceOf(Promise)
  })

  it('writes values that are larger than its scratch space', () => {
    const large = { ...request, title: 'ü'.repeat(100_000) }
    expect(createLocalCodec().decode(SYNC_REQUESTS, encode(SYNC_REQUESTS, large))).toMatchObject({
      title: large.title,
    })
  })

  it('names the fields that do not fit, not their values', () => {
    const wrong = { ...request, attempt: 'secret', codeStatus: 'maybe' }
    const { message } = failure(() => encode(SYNC_REQUESTS, wrong))
    expect(message).toMatch(
      /attempt \(expected int\); codeStatus \(expected one of valid, invalid, restricted\)/,
    )
    expect(message).not.toMatch(/secret|maybe/)
  })

  it('carries dead letters as they are', () => {
    const bytes = Buffer.from([1, 2, 3])
    expect(createLocalCodec().decode(DEAD_LETTERS, bytes)).toBe(bytes)
    expect(encode(DEAD_LETTERS, bytes)).toBe(bytes)
    expect(() => encode(DEAD_LETTERS, request)).toThrow(/has to be bytes|have to be bytes/)
  })

  it('reads what the release before wrote, with the default of the new field', () => {
    const { before, today } = twoReleases()
    expect(today.decode(SYNC_REQUESTS, before.encode(SYNC_REQUESTS, request) as Buffer)).toMatchObject({
      ...request,
      priority: 7,
    })
  })

  it('says of a newer release that its records need an upgrade', () => {
    const { before, today } = twoReleases()
    const newer = today.encode(SYNC_REQUESTS, { ...request, priority: 1 }) as Buffer
    const error = failure(() => before.decode(SYNC_REQUESTS, newer))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error.message).toMatch(new RegExp(`${newer.readUInt32BE(1)}.*upgrade`))
  })

  it("says which topic's record it found on the wrong one", () => {
    const error = failure(() => createLocalCodec().decode(SYNC_RESULTS, encode(SYNC_REQUESTS, request)))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error.message).toMatch(/catalog\.sync-requests v1/)
  })

  it.each([
    ['too few bytes', Buffer.from([0, 0])],
    ['JSON', Buffer.from('{"productId":1}')],
    ['an empty value', Buffer.alloc(0)],
    ['a body that ends too early', encode(SYNC_REQUESTS, request).subarray(0, -3)],
    ['a body that goes on', Buffer.concat([encode(SYNC_REQUESTS, request), Buffer.from([0])])],
  ])('refuses %s as a DecodeError', (_name, bytes) => {
    expect(failure(() => createLocalCodec().decode(SYNC_REQUESTS, bytes))).toBeInstanceOf(DecodeError)
  })

  it('gives a value or a DecodeError, soon, for whatever bytes', () => {
    const codec = createLocalCodec()
    const success = loadSchemas()
      .get(SYNC_RESULTS)![0]!
      .examples.find(({ name }) => name === 'success')!
    const good = encode(SYNC_RESULTS, success.value)
    const damage = fc.array(fc.tuple(fc.integer({ min: 5, max: good.length - 1 }), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = Buffer.from(good)
        for (const [at, byte] of changes) bytes[at] = byte
        try {
          void codec.decode(SYNC_RESULTS, bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('does not believe a list that claims more items than there are bytes', () => {
    const type = avroType({ type: 'array', items: 'string' })
    const claim = avroType('long').toBuffer(2 ** 40)
    expect(() => type.fromBuffer(claim)).toThrow(/more than there are bytes left/)
  })

  it('holds one entry per schema, however many records pass', () => {
    const codec = createLocalCodec()
    const bytes = codec.encode(SYNC_REQUESTS, request) as Buffer
    const before = codec.cacheSize()
    for (let i = 0; i < 5_000; i++) void codec.decode(SYNC_REQUESTS, bytes)
    expect(codec.cacheSize()).toBe(before)
    expect(before).toBe([...loadSchemas().values()].flat().length)
  })
})
