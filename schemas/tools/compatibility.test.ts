import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avroType } from '#schemas/avro-type.ts'
import { unreadable } from '#schemas/tools/compatibility.ts'
import { parseSchema } from '#schemas/tools/parse-schema.ts'
import type { AvroJson } from '#schemas/versions.ts'

const problems = (reader: AvroJson, writer: AvroJson) => unreadable(parseSchema(reader), parseSchema(writer))

describe('schema resolution', () => {
  it.each([
    ['int', 'long', false],
    ['long', 'int', true],
    ['float', 'long', true],
    ['double', 'float', true],
    ['float', 'double', false],
    ['string', 'bytes', true],
    ['bytes', 'string', true],
    ['string', 'int', false],
    [['null', 'int'], 'int', true],
    [['null', 'long'], 'int', true],
    ['int', ['null', 'int'], false],
    [['null', 'int', 'string'], ['string', 'null'], true],
    [['null', 'int'], ['null', 'string'], false],
  ])('reads as %j what was written as %j: %j', (reader, writer, readable) => {
    expect(problems(reader, writer).length === 0).toBe(readable)
  })

  it('follows aliases of fields and of names', () => {
    const then = { type: 'record', name: 'Old', fields: [{ name: 'was', type: 'int' }] }
    const now = {
      type: 'record',
      name: 'New',
      aliases: ['Old'],
      fields: [{ name: 'is', aliases: ['was'], type: 'int' }],
    }
    expect(problems(now, then)).toEqual([])
    expect(problems(then, now)).not.toEqual([])
  })

  it('ends on records that contain themselves', () => {
    const tree = (value: string) => ({
      type: 'record',
      name: 'Tree',
      fields: [
        { name: 'value', type: value },
        { name: 'left', type: ['null', 'Tree'], default: null },
      ],
    })
    expect(problems(tree('long'), tree('int'))).toEqual([])
    expect(problems(tree('int'), tree('long'))).toEqual(['value is int and can not read long'])
  })

  it('never calls readable what the decoder can not resolve', () => {
    const leaf = fc.constantFrom<AvroJson>(
      'null',
      'boolean',
      'int',
      'long',
      'float',
      'double',
      'bytes',
      'string',
    )
    const nullable = leaf.map((type): AvroJson => (type === 'null' ? type : ['null', type]))
    const list = fc.oneof(leaf, nullable).map((items): AvroJson => ({ type: 'array', items }))
    const enumOf = fc.tuple(fc.subarray(['a', 'b', 'c'], { minLength: 1 }), fc.boolean()).map(
      ([symbols, safe]): AvroJson => ({
        type: 'enum',
        name: 'E',
        symbols,
        ...(safe ? { default: symbols[0] } : {}),
      }),
    )
    const type = fc.oneof(leaf, nullable, list, enumOf)
    // Enums share a name, so at most one field is taken from `type`.
    const record = fc.tuple(fc.subarray(['x', 'y']), leaf, type).map(([names, x, y]): AvroJson => {
      const types: Record<string, AvroJson> = { x, y }
      return { type: 'record', name: 'R', fields: names.map((name) => ({ name, type: types[name]! })) }
    })
    fc.assert(
      fc.property(record, record, (reader, writer) => {
        fc.pre(problems(reader, writer).length === 0)
        avroType(reader).createResolver(avroType(writer))
      }),
      { numRuns: 2_000, maxSkipsPerRun: 1_000 },
    )
  })
})
