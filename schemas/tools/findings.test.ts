import { describe, expect, it } from 'vitest'
import { findings } from '#schemas/tools/findings.ts'
import { driftedTypes, expectedTypes } from '#schemas/tools/generate-types.ts'
import { type AvroJson, loadSchemas, type SchemaVersion } from '#schemas/versions.ts'

type Field = Record<string, unknown>
const field = (name: string, type: unknown, more: object = {}): Field => ({
  name,
  type,
  doc: `About ${name}`,
  ...more,
})
const size = { type: 'enum', name: 'Size', symbols: ['s', 'm'], default: 's' }
const base = [field('id', 'string'), field('size', size), field('count', 'int', { default: 0 })]

const version = (
  number: number,
  fields: readonly Field[],
  example: object | null = {},
  more: object = {},
): SchemaVersion => ({
  topic: 'things',
  version: number,
  file: `v${number}.avsc`,
  schema: {
    type: 'record',
    name: 'Thing',
    namespace: 'test',
    doc: 'A thing',
    fields,
    ...more,
  } as unknown as AvroJson,
  examples:
    example === null ? [] : [{ name: 'one', file: '', value: { id: 'a', size: 'm', count: 1, ...example } }],
})
const v1 = version(1, base)
const found = (...versions: SchemaVersion[]) => findings(versions).join('\n')

describe('the kept schemas', () => {
  it.each([...loadSchemas()])('of %s are sound', (_topic, versions) => {
    expect(findings(versions)).toEqual([])
  })
  it('have examples of every outcome', () => {
    const results = loadSchemas().get('catalog.sync-results')!.at(-1)!
    const outcomes = new Set(results.examples.map(({ value }) => (value as { outcome: string }).outcome))
    expect(outcomes.size).toBe(10)
  })
  it('are what the generated types say', () => {
    expect(driftedTypes()).toEqual([])
    expect(
      driftedTypes(new Map([...expectedTypes()].map(([name, source]) => [name, `${source} `]))),
    ).toHaveLength(expectedTypes().size)
    expect(driftedTypes(new Map())).toHaveLength(expectedTypes().size)
  })
})

describe('a change that is allowed', () => {
  it('adds a field with a default', () => {
    expect(
      found(v1, version(2, [...base, field('note', ['null', 'string'], { default: null })], { note: null })),
    ).toBe('')
  })
  it('removes a field that had a default', () => {
    const { examples, ...rest } = version(2, base.slice(0, 2))
    expect(
      found(v1, {
        ...rest,
        examples: examples.map((example) => ({ ...example, value: { id: 'a', size: 's' } })),
      }),
    ).toBe('')
  })
  it('adds a symbol to an enum with a default', () => {
    const larger = { ...size, symbols: ['s', 'm', 'l'] }
    expect(found(v1, version(2, [base[0]!, field('size', larger), base[2]!]))).toBe('')
  })
})

describe('a change that is not', () => {
  const changed = (index: number, now: Field) => base.map((old, at) => (at === index ? now : old))
  it.each([
    [
      'removes a field without a default',
      base.slice(1),
      /v1 can not read what v2 wrote: id is not in the other version/,
    ],
    [
      'adds a field without a default',
      [...base, field('note', 'string')],
      /v2: Thing.note: a field added after v1 needs a default/,
    ],
    ['changes a type', changed(0, field('id', 'long')), /id is long and can not read string/],
    [
      'widens a number, which old readers can not follow',
      changed(2, field('count', 'long', { default: 0 })),
      /v1 can not read what v2 wrote: count is int and can not read long/,
    ],
    [
      'makes a field nullable',
      changed(0, field('id', ['null', 'string'], { default: null })),
      /v1 can not read what v2 wrote: id is string and can not read null/,
    ],
    ['renames a field', changed(0, field('key', 'string')), /key is not in the other version/],
    [
      'renames an enum',
      changed(1, field('size', { ...size, name: 'Extent' })),
      /size is named test.Extent, was test.Size/,
    ],
    [
      'puts a list in place of a value',
      changed(0, field('id', { type: 'array', items: 'string' })),
      /id is array and can not read string/,
    ],
    [
      'changes what a number means',
      changed(2, field('count', { type: 'int', logicalType: 'date' }, { default: 0 })),
      /count has the logical type/,
    ],
  ])('%s', (_name, fields, problem) => {
    expect(found(v1, version(2, fields as Field[]))).toMatch(problem)
  })

  it('removes a symbol from an enum whose readers have no default', () => {
    const bare = { type: 'enum', name: 'Size', symbols: ['s', 'm'] }
    const [a, b] = [bare, { ...bare, symbols: ['s'] }].map((type, at) =>
      version(at + 1, [base[0]!, field('size', type), base[2]!]),
    )
    expect(found(a!, b!)).toMatch(/v2 can not read what v1 wrote: size has no symbol m and no default/)
  })
  it('renames the record', () => {
    expect(found(v1, version(2, base, {}, { name: 'Item' }))).toMatch(/the record is named test.Item/)
  })
  it('is compatible with the version before but not with the first', () => {
    const v2 = version(2, base.slice(0, 2))
    const v3 = version(3, [...base.slice(0, 2), field('count', 'string', { default: '' })])
    const lines = findings([v1, v2, v3]).filter((line) => line.includes('can not read what'))
    expect(lines.map((line) => line.slice(0, line.indexOf(' wrote')))).toEqual([
      'things: v1 can not read what v3',
      'things: v3 can not read what v1',
    ])
  })
  it('hides in a nested record, in a list', () => {
    const list = (...fields: Field[]) =>
      field(
        'parts',
        { type: 'array', items: { type: 'record', name: 'Part', doc: 'x', fields } },
        { default: [] },
      )
    const [a, b] = [list(field('x', 'int')), list(field('x', 'string'))].map((parts, at) =>
      version(at + 1, [...base, parts], { parts: [] }),
    )
    expect(found(a!, b!)).toMatch(/parts\[\]\.x is string and can not read int/)
  })
})

describe('a version by itself', () => {
  it.each([
    ['needs a doc on each field', [field('id', 'string', { doc: ' ' })], /Thing.id: needs a doc/],
    [
      'needs a default on each enum',
      [field('size', { ...size, default: undefined })],
      /Thing.size: the enum needs a default/,
    ],
    [
      'needs a default among the symbols',
      [field('size', { ...size, default: 'x' })],
      /Thing.size: the enum needs a default/,
    ],
    [
      'has defaults of the first type of a union',
      [field('id', ['string', 'null'], { default: null })],
      /default null is not of the union's first type/,
    ],
    ['has no maps', [field('id', { type: 'map', values: 'string' })], /use an array of records/],
    ['carries nothing personal', [field('buyerEmail', 'string')], /personal data/],
  ])('%s', (_name, fields, problem) => {
    expect(found(version(1, fields as Field[]))).toMatch(problem)
  })
  it('needs an example', () => {
    expect(found(version(1, base, null))).toMatch(/has no example/)
  })
  it('has examples that fit', () => {
    expect(found(version(1, base, { count: 'one' }))).toMatch(
      /example one does not fit: count \(expected int\)/,
    )
  })
  it('has examples with every field, and no other', () => {
    expect(found(version(1, base, { count: undefined }))).toMatch(/not complete/)
    expect(found(version(1, base, { more: 1 }))).toMatch(/not complete/)
  })
})
