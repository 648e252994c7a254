import { expect, it } from 'vitest'
import { type ApiDocument, breakingChanges } from './changes.ts'
import { contractOf } from './contract.ts'
import type { Schema } from './inclusion.ts'

interface Shape {
  readonly body?: Schema
  readonly bodyRequired?: boolean
  readonly answer?: Schema
  readonly query?: Schema
  readonly queryRequired?: boolean
  readonly scope?: string
  readonly schemas?: Record<string, Schema>
  readonly status?: string
  readonly type?: string
  readonly operationId?: string
}

/** An API of one operation. */
function api(shape: Shape = {}): ApiDocument {
  const { scope = 'read', status = '200', type = 'application/json', operationId = 'op' } = shape
  return {
    paths: {
      '/things': {
        post: {
          operationId,
          security: scope === 'public' ? [] : [{ key: [scope] }],
          ...(shape.query && {
            parameters: [
              { name: 'q', in: 'query', required: shape.queryRequired ?? false, schema: shape.query },
            ],
          }),
          ...(shape.body && {
            requestBody: {
              required: shape.bodyRequired ?? false,
              content: { [type]: { schema: shape.body } },
            },
          }),
          responses: { [status]: { content: { [type]: { schema: shape.answer ?? {} } } }, 400: {} },
        },
      },
    },
    components: { schemas: shape.schemas ?? {} },
  }
}

const string = { type: 'string' }
const strict = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const open = (properties: Record<string, Schema>, required: string[] = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
})
const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })

it.each<[string, Shape, Shape, RegExp]>([
  ['an operation that is renamed', {}, { operationId: 'other' }, /operationId is other, not op/],
  ['a scope that is more', {}, { scope: 'admin' }, /asks for the scope admin, not the scope read/],
  ['a scope where there was none', { scope: 'public' }, {}, /asks for the scope read, not nothing/],
  ['a parameter that is gone', { query: string }, {}, /query parameter q is not taken any more/],
  [
    'a parameter that must be given',
    { query: string },
    { query: string, queryRequired: true },
    /q must be given/,
  ],
  [
    'a new parameter that must be given',
    {},
    { query: string, queryRequired: true },
    /q is new and must be given/,
  ],
  ['a parameter of fewer values', { query: { enum: ['a', 'b'] } }, { query: { enum: ['a'] } }, /may be "b"/],
  [
    'a parameter of known values only',
    { query: string },
    { query: { type: 'string', enum: ['a'] } },
    /may be other than "a"/,
  ],
  [
    'a lower maximum',
    { query: { type: 'integer', maximum: 200 } },
    { query: { type: 'integer', maximum: 100 } },
    /maximum is 200, not 100/,
  ],
  [
    'a new minimum',
    { query: { type: 'integer' } },
    { query: { type: 'integer', minimum: 1 } },
    /minimum is not limited, not 1/,
  ],
  [
    'a pattern',
    { query: string },
    { query: { type: 'string', pattern: '^a' } },
    /pattern is "none", not "\^a"/,
  ],
  [
    'another type',
    { query: { type: 'number' } },
    { query: { type: 'integer' } },
    /may be number, not only integer/,
  ],
  [
    'another default',
    { query: { type: 'integer', default: 50 } },
    { query: { type: 'integer', default: 20 } },
    /was 50 by default, and is 20 now/,
  ],
  ['a body that is not taken', { body: {} }, {}, /takes no body any more/],
  ['a body that must be given', { body: {} }, { body: {}, bodyRequired: true }, /its body must be given/],
  ['a body where there was none', {}, { body: {}, bodyRequired: true }, /asks for a body/],
  [
    'another type of body',
    { body: {} },
    { body: {}, type: 'text/csv' },
    /takes no application\/json any more/,
  ],
  [
    'a field that is not taken',
    { body: strict({ a: string, b: string }) },
    { body: strict({ a: string }) },
    /b, is not taken/,
  ],
  [
    'a field that must be given',
    { body: strict({ a: string }) },
    { body: strict({ a: string }, ['a']) },
    /a, may be left out/,
  ],
  [
    'a new field that must be given',
    { body: strict({}) },
    { body: strict({ a: string }, ['a']) },
    /a, may be left out/,
  ],
  [
    'fields that nobody named',
    { body: open({}) },
    { body: strict({}) },
    /may have properties that nobody named/,
  ],
  [
    'a null that is not taken',
    { body: strict({ a: nullable(string) }) },
    { body: strict({ a: string }) },
    /a, may be null/,
  ],
  [
    'a way to say it that is gone',
    { body: { anyOf: [string, { type: 'array', items: string }] } },
    { body: string },
    /may be array/,
  ],
  [
    'items of another kind',
    { body: { type: 'array', items: string } },
    { body: { type: 'array', items: { type: 'string', maxLength: 3 } } },
    /\[\], maxLength is not limited, not 3/,
  ],
  [
    'what it does not know',
    { body: string },
    { body: { type: 'string', contentSchema: {} } },
    /contentSchema is something/,
  ],
  [
    'a field behind a reference',
    { body: { $ref: '#/x/A' }, schemas: { A: strict({ a: string, b: string }) } },
    { body: { $ref: '#/x/A' }, schemas: { A: strict({ a: string }) } },
    /b, is not taken/,
  ],
  ['a status that is gone', {}, { status: '202' }, /does not answer 200 any more/],
  ['a media type that is gone', {}, { type: 'text/csv' }, /does not answer 200 as application\/json/],
  [
    'an answer without a field',
    { answer: open({ a: string, b: string }) },
    { answer: open({ a: string }) },
    /b, is not there any more/,
  ],
  [
    'an answer without an optional field',
    { answer: open({ b: string }, []) },
    { answer: open({}) },
    /b, is not there any more/,
  ],
  [
    'a field that may be left out',
    { answer: open({ a: string }) },
    { answer: open({ a: string }, []) },
    /a, may be left out/,
  ],
  [
    'a field that may be null',
    { answer: open({ a: string }) },
    { answer: open({ a: nullable(string) }) },
    /a, may be null, not only string/,
  ],
  ['a value that nobody knows', { answer: { enum: ['a'] } }, { answer: { enum: ['a', 'b'] } }, /may be "b"/],
  [
    'a wider answer',
    { answer: open({ a: { type: 'integer' } }) },
    { answer: open({ a: { type: 'number' } }) },
    /may be number, not only integer/,
  ],
  [
    'a list of something else',
    { answer: open({ a: { type: 'array', items: string } }) },
    { answer: open({ a: { type: 'array', items: { type: 'integer' } } }) },
    /a\[\], may be integer/,
  ],
  [
    'another format',
    { answer: { type: 'string', format: 'date-time' } },
    { answer: string },
    /format is "none", not "date-time"/,
  ],
  [
    'values of a record',
    { answer: { type: 'object', additionalProperties: { type: 'integer' } } },
    { answer: { type: 'object', additionalProperties: string } },
    /\{\}, may be string/,
  ],
])('%s is found', (_what, before, after, expected) => {
  const found = breakingChanges(api(before), api(after))
  expect(found.join('\n')).toMatch(expected)
  expect(found.every((line) => line.startsWith('POST /things: '))).toBe(true)
})

it('finds operations and paths that are gone', () => {
  expect(breakingChanges(api(), { paths: {} })).toEqual(['/things is gone'])
  expect(breakingChanges(api(), { paths: { '/things': {} } })).toEqual(['POST /things is gone'])
})

it.each<[string, Shape, Shape]>([
  ['nothing at all', { body: strict({ a: string }, ['a']) }, { body: strict({ a: string }, ['a']) }],
  ['a new parameter', {}, { query: string }],
  ['a parameter that may be left out', { query: string, queryRequired: true }, { query: string }],
  ['a new field of a request', { body: strict({ a: string }) }, { body: strict({ a: string, b: string }) }],
  ['a request that takes more', { body: strict({ a: { enum: ['a'] } }) }, { body: strict({ a: string }) }],
  ['an integer where numbers are taken', { body: { type: 'integer' } }, { body: { type: 'number' } }],
  [
    'a wider range',
    { query: { type: 'integer', maximum: 100 } },
    { query: { type: 'integer', maximum: 200 } },
  ],
  ['a new field of an answer', { answer: open({ a: string }) }, { answer: open({ a: string, b: string }) }],
  ['a narrower answer', { answer: nullable(string) }, { answer: string }],
  ['a route for everybody', {}, { scope: 'public' }],
  [
    'branches in another order',
    { answer: nullable(string) },
    { answer: { anyOf: [{ type: 'null' }, string] } },
  ],
  [
    'a reference in the place of what it says',
    { answer: open({ a: string }) },
    { answer: { $ref: '#/x/A' }, schemas: { A: open({ a: string }) } },
  ],
])('%s breaks nobody', (_what, before, after) => {
  expect(breakingChanges(api(before), api(after))).toEqual([])
})

it('compares schemas that contain themselves', () => {
  const tree = (leaf: Schema) => ({
    answer: { $ref: '#/x/Tree' },
    schemas: { Tree: open({ leaf, children: { type: 'array', items: { $ref: '#/x/Tree' } } }) },
  })
  expect(breakingChanges(api(tree(string)), api(tree(string)))).toEqual([])
  expect(breakingChanges(api(tree(string)), api(tree({ type: 'integer' })))).toEqual([
    expect.stringMatching(/leaf, may be integer/),
  ])
})

it('leaves prose out, and keeps fields that are called so', () => {
  const contract = contractOf({
    info: { title: 'x' },
    paths: {},
    components: {
      schemas: {
        A: {
          description: 'words',
          type: 'object',
          properties: { title: { type: 'string', description: 'words' } },
        },
      },
    },
  })
  expect(contract).toEqual({
    paths: {},
    components: { schemas: { A: { type: 'object', properties: { title: { type: 'string' } } } } },
  })
})
